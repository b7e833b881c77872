// swift-tools-version:5.9
import PackageDescription

let package = Package(
    name: "AssumeRole",
    platforms: [.macOS(.v12)],
    dependencies: [.package(url: "https://github.com/awslabs/aws-sdk-swift", from: "1.5.0")],
    targets: [.executableTarget(name: "AssumeRole", dependencies: [.product(name: "AWSSTS", package: "aws-sdk-swift")])]
)
