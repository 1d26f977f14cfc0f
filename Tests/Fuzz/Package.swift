// swift-tools-version: 6.2
import Foundation
import PackageDescription

/// The name under which SwiftPM knows the root package, which is that of its folder: a target here
/// that is given the same one sees what is `package` there.
let rootFolder = URL(filePath: Context.packageDirectory).deletingLastPathComponent()
    .deletingLastPathComponent().lastPathComponent.lowercased()
let rootName = String(
    rootFolder.unicodeScalars.enumerated().map { place, character in
        let isDigit = ("0"..."9").contains(character)
        let isLetter = ("a"..."z").contains(character) || character == "_"
        return isLetter || (isDigit && place > 0) ? Character(character) : "_"
    })

let package = Package(
    name: "damask-fuzz",
    dependencies: [
        .package(name: "damask", path: "../..", traits: []),
        .package(url: "https://github.com/apple/swift-protobuf", exact: "1.39.0"),
    ],
    targets: [
        .executableTarget(
            name: "fuzz",
            dependencies: [
                .product(name: "DamaskCore", package: "damask"),
                .product(name: "SwiftProtobuf", package: "swift-protobuf"),
            ],
            packageAccess: false,
            swiftSettings: [
                // One thread, by libFuzzer's rules: targets and what they compute once are globals.
                .swiftLanguageMode(.v5),
                .enableUpcomingFeature("ExistentialAny"),
                .enableUpcomingFeature("InternalImportsByDefault"),
                .enableUpcomingFeature("MemberImportVisibility"),
                .treatAllWarnings(as: .error),
                .unsafeFlags(["-package-name", rootName]),
            ])
    ]
)
