// The flows of tests/clients/README.md with the AWS SDK for .NET. STS and IAM: Services.cs.
using System;
using System.Linq;
using System.Net.Http;
using System.Text.RegularExpressions;
using System.Threading.Tasks;
using Amazon.IdentityManagement;
using Amazon.IdentityManagement.Model;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.SecurityToken;
using Amazon.SecurityToken.Model;

public static class Flows {
  static readonly HttpClient Http = new HttpClient();

  static string Env(string name) { return Environment.GetEnvironmentVariable(name); }

  static Task<string> Code() { return Http.GetStringAsync(Env("MFA_CODE_URL")); }

  static async Task<string> Buckets(AWSCredentials credentials) {
    using (var s3 = new AmazonS3Client(credentials, new AmazonS3Config { ForcePathStyle = true })) {
      return string.Join(",", (await s3.ListBucketsAsync()).Buckets.Select(bucket => bucket.BucketName));
    }
  }

  static async Task Refused(Func<Task> call) {
    try {
      await call();
    } catch (AmazonServiceException error) {
      Console.WriteLine(error.ErrorCode);
    }
  }

  static async Task Identity(AmazonSecurityTokenServiceClient sts) {
    Console.WriteLine((await sts.GetCallerIdentityAsync(new GetCallerIdentityRequest())).Arn);
  }

  static async Task RoleLife() {
    string name = Env("ROLE_NAME"), policy = Env("POLICY_ARN");
    var iam = new AmazonIdentityManagementServiceClient();
    await iam.CreateRoleAsync(new CreateRoleRequest { RoleName = name, AssumeRolePolicyDocument = Env("TRUST") });
    await iam.AttachRolePolicyAsync(new AttachRolePolicyRequest { RoleName = name, PolicyArn = policy });
    var attached = await iam.ListAttachedRolePoliciesAsync(new ListAttachedRolePoliciesRequest { RoleName = name });
    Console.WriteLine(attached.AttachedPolicies[0].PolicyName);
    await iam.DetachRolePolicyAsync(new DetachRolePolicyRequest { RoleName = name, PolicyArn = policy });
    await iam.DeleteRoleAsync(new DeleteRoleRequest { RoleName = name });
    await Refused(() => iam.GetRoleAsync(new GetRoleRequest { RoleName = name }));
  }

  static async Task Federation(Credentials made) {
    var session = "{\"sessionId\":\"" + made.AccessKeyId + "\",\"sessionKey\":\"" + made.SecretAccessKey + "\",\"sessionToken\":\"" +
                  made.SessionToken + "\"}";
    var site = Env("AWS_ENDPOINT_URL") + "/federation?Action=";
    var answer = await Http.GetStringAsync(site + "getSigninToken&Session=" + Uri.EscapeDataString(session));
    var token = Regex.Match(answer, "\"SigninToken\"\\s*:\\s*\"([^\"]*)\"").Groups[1].Value;
    Console.WriteLine(site + "login&Issuer=example.org&Destination=" + Uri.EscapeDataString("https://console.aws.amazon.com/") +
                      "&SigninToken=" + Uri.EscapeDataString(token));
  }

  static async Task Run(string flow) {
    var sts = new AmazonSecurityTokenServiceClient();
    var role = new AssumeRoleRequest { RoleArn = Env("ROLE_ARN"), RoleSessionName = "matrix" };
    switch (flow) {
      case "identity":
        await Identity(sts);
        break;
      case "renewal":
        do {
          await Identity(sts);
        } while (await Http.GetStringAsync(Env("LATER_URL")) == "again");
        break;
      case "assume-role":
        await Identity(new AmazonSecurityTokenServiceClient((await sts.AssumeRoleAsync(role)).Credentials));
        break;
      case "assume-role-mfa":
        await Refused(() => sts.AssumeRoleAsync(role));
        role.SerialNumber = Env("MFA_SERIAL");
        role.TokenCode = await Code();
        Console.WriteLine(await Buckets((await sts.AssumeRoleAsync(role)).Credentials));
        break;
      case "session-token-mfa":
        await Refused(async () => await Buckets((await sts.GetSessionTokenAsync(new GetSessionTokenRequest())).Credentials));
        var asked = new GetSessionTokenRequest { SerialNumber = Env("MFA_SERIAL"), TokenCode = await Code() };
        Console.WriteLine(await Buckets((await sts.GetSessionTokenAsync(asked)).Credentials));
        break;
      case "role-life":
        await RoleLife();
        break;
      case "federation":
        await Federation((await sts.AssumeRoleAsync(role)).Credentials);
        break;
      case "denied":
        try {
          await new AmazonIdentityManagementServiceClient().ListUsersAsync(new ListUsersRequest());
        } catch (AmazonServiceException error) {
          Console.WriteLine(error.ErrorCode + "\n" + error.Message);
        }
        break;
    }
  }

  public static void Main(string[] words) { Run(words[0]).GetAwaiter().GetResult(); }
}
