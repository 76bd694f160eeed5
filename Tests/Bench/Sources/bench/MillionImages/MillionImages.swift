import Support

/// The times and memory of requests, claims and commands with 1,000,000 images and 100,000 waiting jobs of
/// 1,000 accounts, one of which has 100,000 images. The baseline is the same with a thousandth of the
/// images and jobs. Filling takes a minute and 1.4 GB. The images have no files, so `multires doctor` finds
/// all of them missing and looks up each one twice.
enum MillionImages {
    static func run(in folder: TemporaryFolder) throws {
        let few = try FilledStack(Filling(images: 1000, waiting: 100, accounts: 10))
        let many = try FilledStack(Filling(images: 1_000_000, waiting: 100_000, accounts: 1000))
        let photo = try Photos.jpeg(width: 320, height: 240, in: folder)

        func compare(_ what: String, _ milliseconds: (FilledStack) throws -> Double) throws {
            let (ours, theirs) = try inTurn(
                3, { try milliseconds(many) }, { try milliseconds(few) })
            try add(what, "ms", ours, theirs, .atMost(1.5))
        }
        func add(
            _ what: String, _ unit: String, _ ours: [Double], _ theirs: [Double], _ goal: Goal
        ) throws {
            try Report.add(
                Row("\(what), 1,000,000 images", unit: unit, ours, "1,000", theirs, goal: goal))
        }

        try add(
            "database per image", "bytes", [many.bytesPerImage], [few.bytesPerImage], .less)
        try compare("list of 50") { try $0.milliseconds("/api/images") }
        try compare("list of 50, deep in the account") {
            try $0.milliseconds("/api/images?cursor=\($0.middle())")
        }
        try compare("detail") { try $0.milliseconds("/api/images/ID") }
        try compare("status") { try $0.milliseconds("/api/images/ID/status") }
        try compare("/api/health") { try $0.milliseconds("/api/health") }
        try compare("/metrics") { try $0.milliseconds("/metrics") }
        let claims = try (0..<4).map { _ in try (many.claims(25), few.claims(25)) }
        try add(
            "claim", "ms", claims.flatMap(\.0.claim), claims.flatMap(\.1.claim), .atMost(1.5))
        try add(
            "variants recorded", "ms", claims.flatMap(\.0.end), claims.flatMap(\.1.end),
            .atMost(1.5))
        try compare("upload of 30 KB") { try $0.milliseconds(uploading: photo) }

        many.stop()
        few.stop()
        for words in ["doctor", "gc"] {
            let (ours, theirs) = try (many.run(words), few.run(words))
            let what = "multires \(words)"
            try add(
                "\(what), peak memory", "MB", [ours.megabytes], [theirs.megabytes], .atMost(1.5))
            try add("\(what), time", "s", [ours.seconds], [theirs.seconds], .less)
        }
    }
}
