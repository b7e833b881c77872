// Says who asks, assumes a role for 1600 seconds and says who asks then. Endpoint, region and credentials come from the environment.
//
//     ROLE_ARN=arn:aws:iam::123456789012:role/reader dotnet run
using System;
using System.Threading.Tasks;
using Amazon.Runtime;
using Amazon.SecurityToken;
using Amazon.SecurityToken.Model;

public static class Program {
  static async Task<string> WhoAsks(AmazonSecurityTokenServiceClient client) {
    return (await client.GetCallerIdentityAsync(new GetCallerIdentityRequest())).Arn;
  }

  static async Task<int> Run() {
    try {
      var client = new AmazonSecurityTokenServiceClient();
      Console.WriteLine("Original caller: " + await WhoAsks(client));
      var request = new AssumeRoleRequest {
        DurationSeconds = 1600,
        RoleSessionName = "ExampleSession",
        RoleArn = Environment.GetEnvironmentVariable("ROLE_ARN"),
      };
      var answer = await client.AssumeRoleAsync(request);
      Console.WriteLine("Credentials until " + answer.Credentials.Expiration.ToString("u"));
      Console.WriteLine("Assumed role: " + await WhoAsks(new AmazonSecurityTokenServiceClient(answer.Credentials)));
      return 0;
    } catch (AmazonServiceException error) {
      Console.Error.WriteLine(error.ErrorCode + ": " + error.Message);
      return 1;
    }
  }

  public static int Main() { return Run().GetAwaiter().GetResult(); }
}
