// swift-tools-version: 6.2
import PackageDescription

/// Settings of every Swift target of ours.
let swift: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

/// Settings of every C target of ours.
let c: [CSetting] = [.treatAllWarnings(as: .error)]

/// Products of other packages are used by the node's targets only, behind the `Node` trait: who
/// turns it off (an app that embeds the light core) resolves no package at all.
func node(_ name: String, _ package: String) -> Target.Dependency {
    .product(name: name, package: package, condition: .when(traits: ["Node"]))
}

let package = Package(
    name: "damask",
    platforms: [.macOS(.v14), .iOS(.v17)],
    products: [
        .library(name: "KZGCommitments", targets: ["KZGCommitments", "BLS12381"]),
        .library(name: "DataMatrix", targets: ["DataMatrix"]),
        .library(name: "DamaskCore", targets: ["NodeCore", "Availability", "DataMatrix"]),
        .executable(name: "damask", targets: ["damask"]),
    ],
    traits: [
        .trait(
            name: "Node",
            description: "The node, its network shell and the command line, with their packages."),
        .default(enabledTraits: ["Node"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(
            url: "https://github.com/apple/swift-configuration", from: "1.4.0",
            traits: ["YAML", "CommandLineArguments", "Logging"]),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
    ],
    targets: [
        // The mathematics.
        .target(name: "CBLS12381", cSettings: c),
        .target(name: "CTrustedSetup", exclude: ["Data"], cSettings: c),
        .target(name: "BLS12381", dependencies: ["CBLS12381"], swiftSettings: swift),
        .target(
            name: "KZGCommitments",
            dependencies: ["BLS12381", "CTrustedSetup", "SystemCrypto"], swiftSettings: swift),

        // The platform's cryptography, and the encoding of what the network agrees on.
        .systemLibrary(
            name: "CSodium", pkgConfig: "libsodium",
            providers: [.apt(["libsodium-dev"]), .brew(["libsodium"])]),
        .systemLibrary(
            name: "CLibCrypto", pkgConfig: "libcrypto",
            providers: [.apt(["libssl-dev"]), .brew(["openssl"])]),
        .target(
            name: "SystemCrypto",
            dependencies: [
                .target(name: "CSodium", condition: .when(platforms: [.linux])),
                .target(name: "CLibCrypto", condition: .when(platforms: [.linux])),
            ],
            swiftSettings: swift),
        .target(name: "SSZ", dependencies: ["SystemCrypto"], swiftSettings: swift),

        // The layer: matrix, availability, network and node logic, all without I/O.
        .target(
            name: "DataMatrix",
            dependencies: ["KZGCommitments", "BLS12381", "SSZ", "SystemCrypto"],
            swiftSettings: swift),
        .target(
            name: "Availability",
            dependencies: ["DataMatrix", "KZGCommitments", "SSZ", "SystemCrypto"],
            swiftSettings: swift),
        .target(name: "LibP2P", dependencies: ["SystemCrypto"], swiftSettings: swift),
        .target(
            name: "NodeCore",
            dependencies: [
                "Availability", "DataMatrix", "KZGCommitments", "LibP2P", "SSZ", "SystemCrypto",
            ],
            swiftSettings: swift),

        // Whole networks on virtual time, in one thread, from one seed.
        .target(
            name: "Simulation",
            dependencies: [
                "NodeCore", "Availability", "DataMatrix", "KZGCommitments", "LibP2P", "SSZ",
                "SystemCrypto",
            ],
            swiftSettings: swift),

        // The shells, behind the `Node` trait.
        .target(
            name: "LibP2PNIO",
            dependencies: [
                "LibP2P",
                node("NIOCore", "swift-nio"),
                node("NIOPosix", "swift-nio"),
            ],
            swiftSettings: swift),
        .target(
            name: "DamaskNode",
            dependencies: [
                "NodeCore", "LibP2PNIO", "LibP2P", "Availability", "DataMatrix", "KZGCommitments",
                "SSZ", "SystemCrypto",
                .target(name: "CSodium", condition: .when(platforms: [.linux])),
                node("NIOCore", "swift-nio"),
                node("NIOPosix", "swift-nio"),
                node("GRDB", "GRDB.swift"),
                node("Logging", "swift-log"),
                node("ServiceLifecycle", "swift-service-lifecycle"),
                node("Configuration", "swift-configuration"),
            ],
            swiftSettings: swift),
        .target(
            name: "DamaskAPI",
            dependencies: [
                "DamaskNode", "DamaskClient", "NodeCore", "Availability", "DataMatrix",
                "KZGCommitments", "SSZ", "SystemCrypto",
                node("Hummingbird", "hummingbird"),
                node("NIOCore", "swift-nio"),
                node("Logging", "swift-log"),
                node("ServiceLifecycle", "swift-service-lifecycle"),
            ],
            swiftSettings: swift),
        .target(
            name: "DamaskClient",
            dependencies: [
                node("AsyncHTTPClient", "async-http-client"),
                node("NIOCore", "swift-nio"),
                node("NIOHTTP1", "swift-nio"),
                node("NIOPosix", "swift-nio"),
            ],
            swiftSettings: swift),
        .executableTarget(
            name: "damask",
            dependencies: [
                "DamaskClient", "Simulation", "DamaskNode", "NodeCore", "LibP2PNIO", "LibP2P",
                "Availability", "DataMatrix",
                "KZGCommitments", "SSZ", "SystemCrypto",
                node("NIOConcurrencyHelpers", "swift-nio"),
                node("NIOCore", "swift-nio"),
                node("NIOPosix", "swift-nio"),
                node("ArgumentParser", "swift-argument-parser"),
            ],
            swiftSettings: swift),

        .testTarget(
            name: "BLS12381Tests", dependencies: ["BLS12381", "CBLS12381"], swiftSettings: swift),
        .testTarget(
            name: "KZGCommitmentsTests",
            dependencies: ["KZGCommitments", "BLS12381", "CTrustedSetup", "SystemCrypto"],
            exclude: ["Vectors"], swiftSettings: swift),
        .testTarget(
            name: "SystemCryptoTests", dependencies: ["SystemCrypto"], swiftSettings: swift),
        .testTarget(name: "SSZTests", dependencies: ["SSZ"], swiftSettings: swift),
        .testTarget(
            name: "DataMatrixTests",
            dependencies: ["DataMatrix", "KZGCommitments", "BLS12381", "SSZ", "SystemCrypto"],
            swiftSettings: swift),
        .testTarget(
            name: "AvailabilityTests", dependencies: ["Availability"], swiftSettings: swift),
        .testTarget(name: "LibP2PTests", dependencies: ["LibP2P"], swiftSettings: swift),
        .testTarget(name: "LibP2PNIOTests", dependencies: ["LibP2PNIO"], swiftSettings: swift),
        .testTarget(
            name: "NodeCoreTests",
            dependencies: [
                "NodeCore", "Availability", "DataMatrix", "KZGCommitments", "LibP2P", "SSZ",
                "SystemCrypto",
            ],
            swiftSettings: swift),
        .testTarget(
            name: "DamaskNodeTests",
            dependencies: [
                "DamaskNode", "NodeCore", "Availability", "DataMatrix", "LibP2P", "LibP2PNIO",
                "SystemCrypto",
            ],
            swiftSettings: swift),
        .testTarget(
            name: "SimulationTests",
            dependencies: [
                "Simulation", "NodeCore", "Availability", "KZGCommitments", "LibP2P",
                "SystemCrypto",
            ],
            swiftSettings: swift),
        .testTarget(
            name: "DamaskAPITests",
            dependencies: [
                "DamaskAPI", "DamaskClient", "DamaskNode", "NodeCore", "Availability",
                "DataMatrix", "KZGCommitments", "SSZ", "SystemCrypto",
                node("Logging", "swift-log"),
                node("NIOCore", "swift-nio"),
                node("NIOPosix", "swift-nio"),
                node("ServiceLifecycle", "swift-service-lifecycle"),
            ],
            swiftSettings: swift),
    ]
)
