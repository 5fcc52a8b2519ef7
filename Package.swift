// swift-tools-version: 6.1
// SPDX-License-Identifier: Apache-2.0

import PackageDescription

let swiftSettings: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

/// One floor of the package: a library target that imports only floors below it and the C library.
func floor(_ name: String, on dependencies: [Target.Dependency]) -> Target {
  .target(
    name: name, dependencies: ["AttuneSystem"] + dependencies, swiftSettings: swiftSettings)
}

/// The tests of one floor, in `Tests/<name without the prefix>Tests`.
func tests(of name: String, with others: [Target.Dependency] = []) -> Target {
  let short = String(name.dropFirst("Attune".count))
  return .testTarget(
    name: "\(short)Tests", dependencies: [.byName(name: name), "TestSupport"] + others,
    swiftSettings: swiftSettings)
}

let package = Package(
  name: "attune",
  platforms: [.macOS(.v15)],
  products: [
    .executable(name: "attune", targets: ["attune"]),
    .executable(name: "attune-bench", targets: ["attune-bench"]),
  ],
  traits: [
    .trait(
      name: "BundledModels", description: "Models inside the program, for use without --model."),
    .default(enabledTraits: ["BundledModels"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0")
  ],
  targets: [
    .systemLibrary(
      name: "COpenBLAS", pkgConfig: "openblas",
      providers: [.apt(["libopenblas-dev"]), .brew(["openblas"])]),
    .target(name: "CAttuneKernels"),
    .target(
      name: "CAttuneBundledModel", exclude: ["README.md", "classifier"],
      cSettings: [.define("ATTUNE_BUNDLED_MODELS", .when(traits: ["BundledModels"]))]),
    .target(name: "AttuneSystem", swiftSettings: swiftSettings),
    floor("AttuneFormats", on: []),
    floor("AttuneTensors", on: ["COpenBLAS", "CAttuneKernels"]),
    floor("AttuneTokenizers", on: ["AttuneFormats"]),
    floor("AttuneData", on: ["AttuneFormats"]),
    floor("AttuneLayers", on: ["AttuneTensors"]),
    floor("AttuneCheckpoints", on: ["AttuneLayers", "AttuneTensors", "AttuneFormats"]),
    floor("AttuneDecoding", on: ["AttuneLayers", "AttuneTensors"]),
    floor(
      "AttuneModels", on: ["AttuneLayers", "AttuneTensors", "AttuneCheckpoints", "AttuneFormats"]),
    floor(
      "AttuneTraining",
      on: [
        "AttuneLayers", "AttuneTensors", "AttuneCheckpoints", "AttuneTokenizers", "AttuneData",
        "AttuneFormats",
      ]),
    floor(
      "AttunePipelines",
      on: [
        "CAttuneBundledModel", "AttuneModels", "AttuneDecoding", "AttuneTokenizers",
        "AttuneCheckpoints", "AttuneData", "AttuneLayers", "AttuneTensors", "AttuneFormats",
      ]),
    floor(
      "AttuneRecipes",
      on: [
        "AttunePipelines", "AttuneTraining", "AttuneModels", "AttuneDecoding", "AttuneData",
        "AttuneTokenizers", "AttuneCheckpoints", "AttuneLayers", "AttuneTensors", "AttuneFormats",
      ]),
    .executableTarget(
      name: "attune",
      dependencies: [
        "AttuneRecipes", "AttunePipelines", "AttuneTraining", "AttuneModels", "AttuneDecoding",
        "AttuneData", "AttuneTokenizers", "AttuneLayers", "AttuneTensors", "AttuneFormats",
        "AttuneCheckpoints", "AttuneSystem",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: swiftSettings),
    .executableTarget(
      name: "attune-bench",
      dependencies: [
        "AttunePipelines", "AttuneTraining", "AttuneModels", "AttuneData", "AttuneTokenizers",
        "AttuneLayers", "AttuneTensors", "AttuneFormats", "AttuneSystem", "COpenBLAS",
        "CAttuneKernels",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: swiftSettings),
    .target(
      name: "TestSupport",
      dependencies: [
        "AttuneFormats", "AttuneTensors", "AttuneLayers", "AttuneTokenizers", "AttuneDecoding",
      ],
      path: "Tests/TestSupport", swiftSettings: swiftSettings),
    .testTarget(
      name: "KernelsTests", dependencies: ["CAttuneKernels"], swiftSettings: swiftSettings),
    tests(of: "AttuneFormats"),
    tests(of: "AttuneTensors", with: ["AttuneLayers"]),
    tests(of: "AttuneTokenizers", with: ["AttuneFormats"]),
    tests(of: "AttuneData", with: ["AttuneFormats"]),
    tests(of: "AttuneLayers", with: ["AttuneTensors", "AttuneFormats"]),
    tests(
      of: "AttuneCheckpoints", with: ["AttuneLayers", "AttuneTensors", "AttuneFormats"]),
    tests(of: "AttuneDecoding", with: ["AttuneLayers", "AttuneTensors", "AttuneModels"]),
    tests(
      of: "AttuneModels",
      with: [
        "AttuneLayers", "AttuneTensors", "AttuneCheckpoints", "AttuneFormats", "CAttuneKernels",
      ]),
    tests(
      of: "AttuneTraining",
      with: [
        "AttuneModels", "AttuneLayers", "AttuneTensors", "AttuneCheckpoints", "AttuneTokenizers",
        "AttuneData", "AttuneFormats",
      ]),
    tests(
      of: "AttunePipelines",
      with: [
        "AttuneModels", "AttuneDecoding", "AttuneTokenizers", "AttuneCheckpoints", "AttuneData",
        "AttuneLayers", "AttuneTensors", "AttuneFormats",
      ]),
    tests(
      of: "AttuneRecipes",
      with: [
        "AttunePipelines", "AttuneTraining", "AttuneModels", "AttuneCheckpoints", "AttuneData",
        "AttuneTokenizers", "AttuneFormats", "AttuneTensors", "AttuneLayers",
      ]),
    .testTarget(
      name: "EndToEndTests", dependencies: ["AttuneFormats", "TestSupport", "attune"],
      swiftSettings: swiftSettings),
  ]
)

// Each floor is a library of its own name, for programs that import modules.
package.products += package.targets.filter { $0.name.hasPrefix("Attune") }
  .map { .library(name: $0.name, targets: [$0.name]) }
