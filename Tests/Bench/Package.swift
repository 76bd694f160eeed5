// swift-tools-version: 6.2
// Speed, as ratios: each row names a baseline that is measured in the same run, on the same photos.

import PackageDescription

let package = Package(
    name: "bench",
    dependencies: [
        .package(name: "multires", path: "../.."),
        // Only for hummingbird-status.
        .package(url: "https://github.com/hummingbird-project/hummingbird", exact: "2.28.1"),
        .package(url: "https://github.com/vapor/jwt-kit", exact: "5.7.1"),
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
    ],
    targets: [
        .executableTarget(
            name: "bench",
            dependencies: [
                .product(name: "Model", package: "multires"),
                .product(name: "Settings", package: "multires"),
                .product(name: "Processes", package: "multires"),
                .product(name: "ResizerClient", package: "multires"),
                .product(name: "SQLiteCatalog", package: "multires"),
                .product(name: "Support", package: "multires"),
            ]),
        .systemLibrary(name: "CVipsHeaders", pkgConfig: "vips"),
        .executableTarget(name: "sharp-style", dependencies: ["CVipsHeaders"]),
        .executableTarget(name: "empty-responder", linkerSettings: [.linkedLibrary("fcgi")]),
        .executableTarget(
            name: "hummingbird-status",
            dependencies: [
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "JWTKit", package: "jwt-kit"),
            ]),
        .executableTarget(
            name: "stored-upload",
            linkerSettings: [.linkedLibrary("fcgi"), .linkedLibrary("sqlite3")]),
    ],
    swiftLanguageModes: [.v6]
)
