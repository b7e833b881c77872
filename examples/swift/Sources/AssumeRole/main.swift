// Says who asks, assumes a role and says who asks then. The SDK reads credentials from the environment; endpoint and region
// are given to it, for versions that do not read them there.
//
//     ROLE_ARN=arn:aws:iam::123456789012:role/reader swift run
import AWSSTS
import Foundation
import SmithyIdentity

func whoAsks(_ client: STSClient) async throws -> String {
    try await client.getCallerIdentity(input: GetCallerIdentityInput()).arn ?? "nobody"
}

func configuration(_ credentials: (any AWSCredentialIdentityResolver)? = nil) async throws -> STSClient.STSClientConfiguration {
    let environment = ProcessInfo.processInfo.environment
    return try await STSClient.STSClientConfiguration(
        awsCredentialIdentityResolver: credentials,
        region: environment["AWS_REGION"] ?? "us-east-1",
        endpoint: environment["AWS_ENDPOINT_URL"]
    )
}

do {
    let client = STSClient(config: try await configuration())
    print("Original caller: \(try await whoAsks(client))")
    let role = AssumeRoleInput(roleArn: ProcessInfo.processInfo.environment["ROLE_ARN"], roleSessionName: "ExampleSession")
    guard let made = try await client.assumeRole(input: role).credentials,
          let accessKey = made.accessKeyId, let secret = made.secretAccessKey else {
        fatalError("AssumeRole answered without credentials")
    }
    let identity = AWSCredentialIdentity(accessKey: accessKey, secret: secret, expiration: made.expiration, sessionToken: made.sessionToken)
    let assumed = STSClient(config: try await configuration(StaticAWSCredentialIdentityResolver(identity)))
    print("Assumed role: \(try await whoAsks(assumed))")
} catch {
    FileHandle.standardError.write(Data("\(error)\n".utf8))
    exit(1)
}
