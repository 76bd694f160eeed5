// swift-tools-version: 6.2
// Five programs and their libraries. A library uses only libraries above it in this file; ARCHITECTURE.md
// describes all of them. Each C library is used by one library (CFastCGI by Gateway, CSQLite by
// SQLiteCatalog, CAvif, CVips, CHEIF, CDE265, CJPEG, CSSE2 and CZlib by Resizing, CLinux by Processes), except
// COpenSSL, which Cryptography and Credentials use. LinkageTests checks this.

import PackageDescription

let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
    name: "multires",
    products: [
        .executable(name: "multires", targets: ["multires"]),
        // Tests/Bench uses these.
        .library(name: "Model", targets: ["Model"]),
        .library(name: "Processes", targets: ["Processes"]),
        .library(name: "ResizerClient", targets: ["ResizerClient"]),
        .library(name: "Settings", targets: ["Settings"]),
        .library(name: "SQLiteCatalog", targets: ["SQLiteCatalog"]),
        .library(name: "Support", targets: ["Support"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2")
    ],
    targets: [
        .systemLibrary(name: "CFastCGI", pkgConfig: "fcgi", providers: [.apt(["libfcgi-dev"])]),
        .systemLibrary(
            name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CVips", pkgConfig: "vips", providers: [.apt(["libvips-dev"])]),
        // libvips uses these; libvips-dev installs them.
        .systemLibrary(name: "CJPEG", pkgConfig: "libjpeg"),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib"),
        // Without pkgConfig: its flag AVIF_DLL is one that Swift refuses, with a warning.
        .systemLibrary(name: "CAvif", providers: [.apt(["libavif-dev"])]),
        .systemLibrary(name: "CHEIF", pkgConfig: "libheif"),
        .systemLibrary(name: "CDE265", pkgConfig: "libde265"),
        .systemLibrary(
            name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
        .systemLibrary(name: "CLinux"),
        .systemLibrary(name: "CSSE2"),

        .target(name: "Text"),
        .target(name: "Processes", dependencies: ["CLinux", "Text"]),
        .target(name: "Cryptography", dependencies: ["COpenSSL"]),
        .target(name: "Metrics", dependencies: ["Processes", "Text"]),
        .target(
            name: "Gateway", dependencies: ["API", "CFastCGI", "Metrics", "Processes", "Text"]),
        .target(name: "Model", dependencies: ["Text"]),
        .target(name: "API", dependencies: ["Model"]),
        .target(name: "Settings", dependencies: ["Model", "Text"]),
        .target(
            name: "Credentials",
            dependencies: ["COpenSSL", "Cryptography", "Model", "Processes", "Settings", "Text"],
            resources: [.embedInCode("CommonPasswords.txt")]),
        .target(
            name: "SQLiteCatalog",
            dependencies: ["CSQLite", "Model", "Processes", "Settings", "Text"]),
        .target(
            name: "Media",
            dependencies: ["Credentials", "Cryptography", "Model", "Processes", "Settings", "Text"]),
        .target(
            name: "DiskMedia",
            dependencies: ["Cryptography", "Media", "Model", "Processes", "Settings"]),
        .target(name: "ResizerClient", dependencies: ["Model", "Processes", "Settings"]),
        .target(
            name: "Operations",
            dependencies: [
                "Cryptography", "DiskMedia", "Media", "Model", "Processes", "ResizerClient",
                "Settings",
                "SQLiteCatalog",
            ]),
        .target(
            name: "Resizing",
            dependencies: [
                "CAvif", "CDE265", "CHEIF", "CJPEG", "CSSE2", "CVips", "CZlib", "Model",
                "Processes", "ResizerClient",
            ]),
        .target(
            name: "Service",
            dependencies: [
                "API", "Credentials", "Gateway", "Media", "Metrics", "Model", "Operations",
                "Processes", "Settings", "Text",
            ]),

        .target(
            name: "Administration",
            dependencies: [
                "API", "Credentials", "Cryptography", "Media", "Model", "Operations", "Processes",
                "Settings", "Text",
            ]),

        .executableTarget(name: "auth-responder", dependencies: ["Service"]),
        .executableTarget(name: "image-responder", dependencies: ["Service"]),
        .executableTarget(
            name: "resize-worker",
            dependencies: [
                "Media", "Metrics", "Model", "Operations", "Processes", "ResizerClient",
                "Settings",
            ]),
        .executableTarget(
            name: "resizer",
            dependencies: ["Model", "Processes", "ResizerClient", "Resizing", "Settings"]),
        .executableTarget(
            name: "multires",
            dependencies: [
                "Administration", "Credentials", "Cryptography", "Media", "Model", "Operations",
                "Processes", "Settings", "Text", arguments,
            ]),

        .target(
            name: "Support", dependencies: ["Model", "Processes", "Settings"], path: "Tests/Support"
        ),
        .executableTarget(
            name: "sandbox-probe", dependencies: ["CLinux", "Processes"],
            path: "Tests/SandboxProbe"),
        .testTarget(name: "TextTests", dependencies: ["Text"]),
        .testTarget(
            name: "ProcessesTests", dependencies: ["Processes", "Support", "sandbox-probe"]),
        .testTarget(name: "MetricsTests", dependencies: ["Metrics", "Processes", "Support"]),
        .executableTarget(
            name: "echo-responder", dependencies: ["Gateway"], path: "Tests/EchoResponder"),
        .testTarget(
            name: "GatewayTests", dependencies: ["Gateway", "Support", "echo-responder"]),
        .testTarget(name: "CryptographyTests", dependencies: ["Cryptography", "Support", "Text"]),
        .testTarget(
            name: "CredentialsTests",
            dependencies: ["Credentials", "Cryptography", "Model", "Support", "Text"]),
        .testTarget(name: "ModelTests", dependencies: ["Model", "Support"]),
        .testTarget(name: "SettingsTests", dependencies: ["Settings", "Support"]),
        .testTarget(name: "SQLiteCatalogTests", dependencies: ["SQLiteCatalog", "Support"]),
        .testTarget(name: "MediaTests", dependencies: ["DiskMedia", "Media", "Support"]),
        .executableTarget(
            name: "image-fuzz", dependencies: ["Model", "ResizerClient", "Resizing", "Support"],
            path: "Tests/ImageFuzz"),
        .testTarget(
            name: "ResizingTests",
            dependencies: [
                "CVips", "Media", "Processes", "ResizerClient", "Resizing", "Support", "resizer",
            ],
            exclude: ["Corpus/Files", "Memory"]),
        .testTarget(
            name: "IntegrationTests",
            dependencies: [
                "Support", "SQLiteCatalog", "Credentials", "DiskMedia", "Gateway", "Media",
                "Operations", "Processes", "Service", "auth-responder", "image-responder",
                "resize-worker",
                "resizer", "Administration", "multires",
            ]),
    ],
    swiftLanguageModes: [.v6]
)

// The tests run release programs. Optimizing the tests too would take longer than it saves.
for target in package.targets where target.type == .test || target.name == "Support" {
    target.swiftSettings = [.unsafeFlags(["-Onone"])]
}
