// swift-tools-version: 6.2
// Speed, as ratios: each row names a baseline that is measured in the same run, on the same photos.

import PackageDescription

let package = Package(
    name: "bench",
    dependencies: [.package(name: "multires", path: "../..")],
    targets: [
        .executableTarget(
            name: "bench",
            dependencies: [
                .product(name: "Catalog", package: "multires"),
                .product(name: "Processes", package: "multires"),
                .product(name: "Support", package: "multires"),
            ]),
        .systemLibrary(name: "CVipsHeaders", pkgConfig: "vips"),
        .executableTarget(name: "sharp-style", dependencies: ["CVipsHeaders"]),
        .executableTarget(name: "empty-responder", linkerSettings: [.linkedLibrary("fcgi")]),
    ],
    swiftLanguageModes: [.v6]
)
