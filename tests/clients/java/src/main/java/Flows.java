import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.stream.Collectors;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.iam.IamClient;
import software.amazon.awssdk.services.iam.model.NoSuchEntityException;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.sts.StsClient;
import software.amazon.awssdk.services.sts.model.AssumeRoleRequest;
import software.amazon.awssdk.services.sts.model.Credentials;

/** The flows of tests/clients/README.md with the AWS SDK for Java 2.x. */
public final class Flows {
  private static final StsClient STS = StsClient.create();

  private static String env(String name) {
    return System.getenv(name);
  }

  private static String get(String address) throws Exception {
    HttpRequest asked = HttpRequest.newBuilder(URI.create(address)).build();
    return HttpClient.newHttpClient().send(asked, HttpResponse.BodyHandlers.ofString()).body();
  }

  private static StaticCredentialsProvider provider(Credentials made) {
    return StaticCredentialsProvider.create(
        AwsSessionCredentials.create(made.accessKeyId(), made.secretAccessKey(), made.sessionToken()));
  }

  private static String buckets(Credentials made) {
    S3Client s3 = S3Client.builder().forcePathStyle(true).credentialsProvider(provider(made)).build();
    return s3.listBuckets().buckets().stream().map(bucket -> bucket.name()).collect(Collectors.joining(","));
  }

  private static void refused(Runnable call) {
    try {
      call.run();
    } catch (AwsServiceException error) {
      System.out.println(error.awsErrorDetails().errorCode());
    }
  }

  private static AssumeRoleRequest.Builder role() {
    return AssumeRoleRequest.builder().roleArn(env("ROLE_ARN")).roleSessionName("matrix");
  }

  private static void roleLife(IamClient iam) {
    String name = env("ROLE_NAME");
    iam.createRole(r -> r.roleName(name).assumeRolePolicyDocument(env("TRUST")));
    iam.attachRolePolicy(r -> r.roleName(name).policyArn(env("POLICY_ARN")));
    System.out.println(iam.listAttachedRolePolicies(r -> r.roleName(name)).attachedPolicies().get(0).policyName());
    iam.detachRolePolicy(r -> r.roleName(name).policyArn(env("POLICY_ARN")));
    iam.deleteRole(r -> r.roleName(name));
    try {
      iam.getRole(r -> r.roleName(name));
    } catch (NoSuchEntityException error) {
      System.out.println(error.awsErrorDetails().errorCode());
    }
  }

  private static String query(Map<String, String> parameters) {
    return parameters.entrySet().stream()
        .map(p -> p.getKey() + "=" + URLEncoder.encode(p.getValue(), StandardCharsets.UTF_8))
        .collect(Collectors.joining("&"));
  }

  private static void federation() throws Exception {
    Credentials made = STS.assumeRole(role().build()).credentials();
    String session = String.format("{\"sessionId\":\"%s\",\"sessionKey\":\"%s\",\"sessionToken\":\"%s\"}",
        made.accessKeyId(), made.secretAccessKey(), made.sessionToken());
    String base = env("AWS_ENDPOINT_URL") + "/federation?";
    String answer = get(base + query(Map.of("Action", "getSigninToken", "Session", session)));
    String token = answer.replaceAll("(?s).*\"SigninToken\"\\s*:\\s*\"([^\"]*)\".*", "$1");
    System.out.println(base + query(Map.of("Action", "login", "Issuer", "example.org",
        "Destination", "https://console.aws.amazon.com/", "SigninToken", token)));
  }

  public static void main(String[] words) throws Exception {
    switch (words[0]) {
      case "identity" -> System.out.println(STS.getCallerIdentity().arn());
      case "renewal" -> {
        do {
          System.out.println(STS.getCallerIdentity().arn());
        } while (get(env("LATER_URL")).equals("again"));
      }
      case "assume-role" -> {
        StsClient assumed =
            StsClient.builder().credentialsProvider(provider(STS.assumeRole(role().build()).credentials())).build();
        System.out.println(assumed.getCallerIdentity().arn());
      }
      case "assume-role-mfa" -> {
        refused(() -> STS.assumeRole(role().build()));
        String code = get(env("MFA_CODE_URL"));
        System.out.println(buckets(
            STS.assumeRole(role().serialNumber(env("MFA_SERIAL")).tokenCode(code).build()).credentials()));
      }
      case "session-token-mfa" -> {
        refused(() -> buckets(STS.getSessionToken().credentials()));
        String code = get(env("MFA_CODE_URL"));
        System.out.println(
            buckets(STS.getSessionToken(r -> r.serialNumber(env("MFA_SERIAL")).tokenCode(code)).credentials()));
      }
      case "role-life" -> roleLife(IamClient.builder().region(Region.AWS_GLOBAL).build());
      case "federation" -> federation();
      case "denied" -> {
        try {
          IamClient.builder().region(Region.AWS_GLOBAL).build().listUsers();
        } catch (AwsServiceException error) {
          System.out.println(error.awsErrorDetails().errorCode());
          System.out.println(error.awsErrorDetails().errorMessage());
        }
      }
      default -> throw new IllegalArgumentException(words[0]);
    }
  }
}
