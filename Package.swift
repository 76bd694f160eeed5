// swift-tools-version: 6.2
// Multires: five programs on eleven small libraries. Arrows go one way: programs -> Service ->
// SQLiteCatalog, Media, Gateway; Housekeeping -> Media -> Credentials -> Catalog -> Text. Each C library
// has one door: CVips, CHEIF, CDE265, CJPEG and CZlib Resizing, COpenSSL Credentials, CFastCGI Gateway,
// CLinux Processes, CSQLite SQLiteCatalog.

import PackageDescription

let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
    name: "multires",
    products: [
        .executable(name: "multires", targets: ["multires"]),
        // For Tests/Bench.
        .library(name: "Catalog", targets: ["Catalog"]),
        .library(name: "Processes", targets: ["Processes"]),
        .library(name: "SQLiteCatalog", targets: ["SQLiteCatalog"]),
        .library(name: "Support", targets: ["Support"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    ],
    targets: [
        .systemLibrary(name: "CFastCGI", pkgConfig: "fcgi", providers: [.apt(["libfcgi-dev"])]),
        .systemLibrary(
            name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CVips", pkgConfig: "vips", providers: [.apt(["libvips-dev"])]),
        // These are below libvips and come with libvips-dev.
        .systemLibrary(name: "CJPEG", pkgConfig: "libjpeg"),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib"),
        .systemLibrary(name: "CHEIF", pkgConfig: "libheif"),
        .systemLibrary(name: "CDE265", pkgConfig: "libde265"),
        .systemLibrary(
            name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
        .systemLibrary(name: "CLinux"),

        .target(name: "Text"),
        .target(name: "Processes", dependencies: ["CLinux", "Text", logging]),
        .target(name: "Metrics", dependencies: ["Processes", "Text"]),
        .target(
            name: "Gateway", dependencies: ["CFastCGI", "Metrics", "Processes", "Text", logging]),
        .target(
            name: "Credentials", dependencies: ["COpenSSL", "Catalog", "Processes", "Text"]),
        .target(name: "Catalog", dependencies: ["Text"]),
        .target(
            name: "SQLiteCatalog",
            dependencies: ["Catalog", "CSQLite", "Processes", "Text"]),
        .target(name: "Media", dependencies: ["Catalog", "Credentials", "Processes", "Text"]),
        .target(name: "Housekeeping", dependencies: ["Catalog", "Media", "Processes"]),
        .target(
            name: "Resizing",
            dependencies: [
                "Catalog", "CDE265", "CHEIF", "CJPEG", "CVips", "CZlib", "Processes",
            ]),
        .target(
            name: "Service",
            dependencies: [
                "Catalog", "Credentials", "Gateway", "Media", "Metrics", "Processes",
                "SQLiteCatalog", "Text", logging,
            ]),

        .executableTarget(name: "auth-responder", dependencies: ["Service"]),
        .executableTarget(name: "image-responder", dependencies: ["Service"]),
        .executableTarget(
            name: "resize-worker",
            dependencies: [
                "Catalog", "Housekeeping", "Media", "Metrics", "Processes", "SQLiteCatalog",
                logging,
            ]),
        .executableTarget(name: "resizer", dependencies: ["Catalog", "Processes", "Resizing"]),
        .executableTarget(
            name: "multires",
            dependencies: [
                "Catalog", "Credentials", "Housekeeping", "Media", "Processes", "SQLiteCatalog",
                "Text", arguments,
            ]),

        .target(
            name: "Support", dependencies: ["Catalog", "Processes"], path: "Tests/Support"),
        .executableTarget(
            name: "confined-probe", dependencies: ["CLinux", "Processes"],
            path: "Tests/ConfinedProbe"),
        .testTarget(name: "TextTests", dependencies: ["Text"]),
        .testTarget(
            name: "ProcessesTests", dependencies: ["Processes", "Support", "confined-probe"]),
        .testTarget(name: "MetricsTests", dependencies: ["Metrics", "Processes", "Support"]),
        .executableTarget(
            name: "echo-responder", dependencies: ["Gateway"], path: "Tests/EchoResponder"),
        .testTarget(
            name: "GatewayTests", dependencies: ["Gateway", "Support", "echo-responder"]),
        .testTarget(name: "CredentialsTests", dependencies: ["Catalog", "Credentials", "Support"]),
        .testTarget(name: "CatalogTests", dependencies: ["Catalog", "Support"]),
        .testTarget(name: "SQLiteCatalogTests", dependencies: ["SQLiteCatalog", "Support"]),
        .testTarget(name: "MediaTests", dependencies: ["Media", "Support"]),
        .testTarget(
            name: "ResizingTests", dependencies: ["Processes", "Resizing", "Support", "resizer"],
            exclude: ["Memory"]),
        .testTarget(
            name: "IntegrationTests",
            dependencies: [
                "Support", "SQLiteCatalog", "Credentials", "Gateway", "Housekeeping", "Media",
                "Processes", "Service", "auth-responder", "image-responder", "resize-worker",
                "resizer", "multires",
            ]),
    ],
    swiftLanguageModes: [.v6]
)

// The tests run against release programs; optimizing the tests too would take longer than it saves.
for target in package.targets where target.type == .test || target.name == "Support" {
    target.swiftSettings = [.unsafeFlags(["-Onone"])]
}
