// swift-tools-version: 6.2
// The map of these targets, and who may import whom, is in Sources/README.md.
import PackageDescription

let release = BuildSettingCondition.when(platforms: [.linux], configuration: .release)

/// Every Swift target: Swift 6 language mode, and a warning is an error.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("ExistentialAny"),
    // A section a function, so that the linker can leave out what nobody calls.
    .unsafeFlags(["-function-sections"], release),
]

/// The executables hold everything they need: no shared object is looked up when one starts.
let staticCode: [SwiftSetting] = [.unsafeFlags(["-static-executable"], release)]
let staticLink: [LinkerSetting] = [
    .unsafeFlags(["-static-executable", "-Xlinker", "--gc-sections"], release)
]

/// What makes boxes begins in CBoxLinux/entry.c, and has what a start executes in one place: Tests/Benchmarks/order.sh.
let sealedLink: [LinkerSetting] =
    staticLink + [
        .unsafeFlags(
            [
                "-use-ld=gold", "-Xlinker", "-e", "-Xlinker", "box_entry",
                "-Xlinker", "--section-ordering-file=\(Context.packageDirectory)/Sources/link-order.txt",
            ], release)
    ]

/// SWIFTBOX_COMMIT names the commit that a package is built from; without it the programs do not say one.
let commit: [CSetting] =
    Context.environment["SWIFTBOX_COMMIT"].map { [.define("SWIFTBOX_COMMIT", to: "\"\($0)\"")] } ?? []

/// Links only with libFuzzer: Tests/Fuzz/campaign.sh builds it, nobody else does.
let fuzzing: [Target] =
    Context.environment["SWIFTBOX_FUZZ"] == nil
    ? []
    : [
        .executableTarget(
            name: "fuzz", dependencies: ["FuzzInputs"], path: "Tests/Fuzz/Program",
            swiftSettings: strict + [.unsafeFlags(["-parse-as-library"])])
    ]

let package = Package(
    name: "swiftbox",
    products: [
        .executable(name: "swiftbox", targets: ["swiftbox"]),
        .executable(name: "swiftbox-runtime", targets: ["swiftbox-runtime"]),
        .executable(name: "swiftboxd", targets: ["swiftboxd"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-system", exact: "1.8.1"),
        .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
    ],
    targets: [
        // C floor
        .target(
            name: "CBoxLinux",
            cSettings: [.unsafeFlags(["-Wall", "-Wextra", "-Werror", "-ffunction-sections"])] + commit),
        .target(name: "CConcurrency", cSettings: [.unsafeFlags(["-Wall", "-Wextra", "-Werror"])]),
        .systemLibrary(name: "CSeccomp"),
        .systemLibrary(name: "CCap"),
        .systemLibrary(name: "CYAML"),
        // system floor
        .target(
            name: "BoxSystem",
            dependencies: ["CBoxLinux", .product(name: "SystemPackage", package: "swift-system")],
            swiftSettings: strict),
        // model floor
        .target(name: "BoxDocument", swiftSettings: strict),
        .target(name: "BoxYAML", dependencies: ["BoxDocument", "CYAML"], swiftSettings: strict),
        .target(name: "BoxOCI", dependencies: ["BoxDocument", "BoxSystem"], swiftSettings: strict),
        // mechanism floor
        .target(name: "BoxCgroup", dependencies: ["BoxOCI", "BoxSystem"], swiftSettings: strict),
        .target(
            name: "BoxSecurity",
            dependencies: ["BoxOCI", "BoxSystem", "CSeccomp", "CCap"], swiftSettings: strict),
        .target(name: "BoxRootfs", dependencies: ["BoxOCI", "BoxSystem"], swiftSettings: strict),
        // core floor
        .target(
            name: "BoxRuntime",
            dependencies: ["BoxCgroup", "BoxSecurity", "BoxRootfs", "BoxDocument", "BoxOCI", "BoxSystem"],
            swiftSettings: strict),
        .target(
            name: "BoxSpec", dependencies: ["BoxDocument", "BoxYAML", "BoxOCI", "BoxSecurity", "BoxSystem"],
            swiftSettings: strict),
        .target(
            name: "BoxDoctor",
            dependencies: [
                "BoxRuntime", "BoxCgroup", "BoxSecurity", "BoxRootfs", "BoxDocument", "BoxOCI", "BoxSystem",
            ],
            swiftSettings: strict),
        .target(
            name: "BoxClient", dependencies: ["BoxSpec", "BoxDocument", "BoxOCI", "BoxSystem"], swiftSettings: strict),
        // services floor: the daemon's alone; threads, async and Foundation are at home here
        .target(
            name: "BoxStore",
            dependencies: [
                "BoxOCI", "BoxSystem", .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict),
        .target(
            name: "BoxEngine",
            dependencies: [
                "BoxStore", "BoxSpec", "BoxRuntime", "BoxCgroup", "BoxRootfs", "BoxSecurity", "BoxDocument", "BoxYAML",
                "BoxOCI", "BoxSystem", "CConcurrency",
                .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict),
        .target(
            name: "BoxAPI",
            dependencies: [
                "BoxEngine", "BoxSpec", "BoxDocument", "BoxOCI", "BoxSystem",
                .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"), .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict),
        // executables
        .executableTarget(
            name: "swiftbox",
            dependencies: [
                "BoxClient", "BoxSpec", "BoxRuntime", "BoxDoctor", "BoxDocument", "BoxYAML", "BoxOCI", "BoxSecurity",
                "BoxSystem",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict + staticCode, linkerSettings: sealedLink),
        .executableTarget(
            name: "swiftbox-runtime",
            dependencies: ["BoxRuntime", "BoxSecurity", "BoxDocument", "BoxOCI", "BoxSystem"],
            swiftSettings: strict + staticCode, linkerSettings: sealedLink),
        .executableTarget(
            name: "swiftboxd",
            dependencies: [
                "BoxAPI", "BoxEngine", "BoxStore", "BoxDocument", "BoxYAML", "BoxOCI", "BoxSystem",
                .product(name: "Logging", package: "swift-log"), .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict + [.unsafeFlags(["-static-stdlib"], release)],
            linkerSettings: [
                .unsafeFlags(["-static-stdlib", "-Xlinker", "--gc-sections", "-Xlinker", "--strip-all"], release),
                // What static Foundation needs and does not name itself.
                .linkedLibrary("CoreFoundation", release), .linkedLibrary("_FoundationICU", release),
                .linkedLibrary("_FoundationCShims", release), .linkedLibrary("_FoundationCollections", release),
                .linkedLibrary("stdc++", release),
            ]),
        // tests: Tests/README.md says what runs in which bed
        .target(
            name: "TestBed", dependencies: ["BoxSystem", "CBoxLinux"], path: "Tests/Bed",
            swiftSettings: strict),
        .executableTarget(
            name: "workload", path: "Tests/Workload",
            cSettings: [.unsafeFlags(["-Wall", "-Wextra", "-Werror"])],
            linkerSettings: staticLink + [.unsafeFlags(["-Xlinker", "--strip-all"], release)]),
        .executableTarget(
            name: "fault-injection", dependencies: ["BoxRuntime", "BoxSecurity", "BoxOCI", "BoxSystem"],
            path: "Tests/FaultInjection", swiftSettings: strict + staticCode,
            linkerSettings: staticLink),
        .target(
            name: "FuzzInputs",
            dependencies: [
                "BoxSystem", "BoxDocument", "BoxOCI", "BoxCgroup", "BoxSecurity", "BoxRuntime", "BoxSpec",
            ],
            path: "Tests/Fuzz/Inputs", swiftSettings: strict),
        .testTarget(
            name: "UnitTests",
            dependencies: [
                "FuzzInputs", "BoxSystem", "BoxDocument", "BoxYAML", "BoxOCI", "BoxCgroup", "BoxSecurity", "BoxRootfs",
                "BoxRuntime", "BoxSpec", "BoxDoctor", "BoxClient", "BoxStore", "BoxEngine", "BoxAPI", "swiftbox",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "Logging", package: "swift-log"),
            ],
            path: "Tests/Unit", swiftSettings: strict),
        .testTarget(
            name: "HostTests", dependencies: ["TestBed", "BoxSystem", "CBoxLinux"], path: "Tests/Host",
            exclude: [
                "Daemon/another_boot.py", "Daemon/journal.py", "Daemon/load.py", "Daemon/manager.py",
                "Monitor/monitor.py",
            ], swiftSettings: strict),
        .testTarget(
            name: "ConformanceTests", dependencies: ["TestBed", "BoxSystem"], path: "Tests/Conformance",
            swiftSettings: strict),
        .testTarget(
            name: "GuestTests", dependencies: ["TestBed", "BoxSystem", "CBoxLinux"], path: "Tests/Guest",
            exclude: ["boot", "init"], swiftSettings: strict),
    ] + fuzzing
)
