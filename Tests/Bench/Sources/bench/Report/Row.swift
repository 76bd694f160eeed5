/// One line of the report: what was measured, the named baseline of the same run, and their ratio.
struct Row: Codable {
    let what: String
    /// The unit of both, such as /s, ms or MB.
    let unit: String
    let ours: Figures
    let baseline: String
    let theirs: Figures
    let goal: Goal

    /// `ours` and `theirs` are several measurements in the same unit, preferably made in turn (`inTurn`).
    init(
        _ what: String, unit: String, _ ours: [Double], _ baseline: String, _ theirs: [Double],
        goal: Goal
    ) {
        self.what = what
        self.unit = unit
        self.ours = Figures(ours)
        self.baseline = baseline
        self.theirs = Figures(theirs)
        self.goal = goal
    }

    var ratio: Double { ours.median / theirs.median }
    /// How many times as good as the baseline, whether more is better or less.
    var merit: Double { goal.isMore ? ratio : 1 / ratio }
    /// The merit that the goal requires; nil when it requires none.
    var wanted: Double? { goal.ratio.map { goal.isMore ? $0 : 1 / $0 } }
    var isReached: Bool { wanted.map { merit >= $0 } ?? true }

    var markdown: String {
        "| \(what) | \(ours.text) \(unit) | \(baseline) | \(theirs.text) \(unit) | "
            + "**\(Figures.number(ratio))** | \(goal.text)\(isReached ? "" : ", missed") |"
    }

    static let head = """
        | what | Multires: median (least–most) | baseline | median (least–most) | ratio | goal |
        |---|---|---|---|---|---|
        """
}

/// One quantity, measured several times.
struct Figures: Codable {
    let values: [Double]

    init(_ values: [Double]) {
        self.values = values.sorted()
    }

    /// NaN when nothing was measured; then every ratio with it is NaN, too.
    var median: Double {
        guard !values.isEmpty else { return .nan }
        return (values[(values.count - 1) / 2] + values[values.count / 2]) / 2
    }

    var text: String {
        guard let least = values.first, let most = values.last, values.count > 1 else {
            return Self.number(median)
        }
        return "\(Self.number(median)) (\(Self.number(least))–\(Self.number(most)))"
    }

    /// Three significant digits, or all digits of the whole number if it has more.
    static func number(_ value: Double) -> String {
        guard value.isFinite else { return "?" }
        let decimals = value >= 100 ? 0 : value >= 10 ? 1 : 2
        let factor = [1.0, 10.0, 100.0][decimals]
        let rounded = (value * factor).rounded() / factor
        return decimals == 0 ? "\(Int(rounded))" : "\(rounded)"
    }
}

/// The ratio that a row should have.
enum Goal: Codable {
    case atLeast(Double)
    case atMost(Double)
    /// No goal, only the direction that is better.
    case more, less

    var isMore: Bool {
        switch self {
        case .atLeast, .more: true
        case .atMost, .less: false
        }
    }

    var ratio: Double? {
        switch self {
        case .atLeast(let ratio), .atMost(let ratio): ratio
        case .more, .less: nil
        }
    }

    var text: String {
        switch self {
        case .atLeast(let ratio): "≥ \(ratio)"
        case .atMost(let ratio): "≤ \(ratio)"
        case .more: "more is better"
        case .less: "less is better"
        }
    }
}
