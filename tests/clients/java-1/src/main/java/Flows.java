import com.amazonaws.AmazonServiceException;
import com.amazonaws.auth.AWSStaticCredentialsProvider;
import com.amazonaws.auth.BasicSessionCredentials;
import com.amazonaws.client.builder.AwsClientBuilder.EndpointConfiguration;
import com.amazonaws.services.identitymanagement.AmazonIdentityManagement;
import com.amazonaws.services.identitymanagement.AmazonIdentityManagementClientBuilder;
import com.amazonaws.services.identitymanagement.model.AttachRolePolicyRequest;
import com.amazonaws.services.identitymanagement.model.CreateRoleRequest;
import com.amazonaws.services.identitymanagement.model.DeleteRoleRequest;
import com.amazonaws.services.identitymanagement.model.DetachRolePolicyRequest;
import com.amazonaws.services.identitymanagement.model.GetRoleRequest;
import com.amazonaws.services.identitymanagement.model.ListAttachedRolePoliciesRequest;
import com.amazonaws.services.identitymanagement.model.NoSuchEntityException;
import com.amazonaws.services.s3.AmazonS3ClientBuilder;
import com.amazonaws.services.securitytoken.AWSSecurityTokenService;
import com.amazonaws.services.securitytoken.AWSSecurityTokenServiceClientBuilder;
import com.amazonaws.services.securitytoken.model.AssumeRoleRequest;
import com.amazonaws.services.securitytoken.model.Credentials;
import com.amazonaws.services.securitytoken.model.GetCallerIdentityRequest;
import com.amazonaws.services.securitytoken.model.GetSessionTokenRequest;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.stream.Collectors;

/** The flows of tests/clients/README.md with the AWS SDK for Java 1.x, which reads no endpoint from the environment. */
public final class Flows {
  private static final EndpointConfiguration HERE = new EndpointConfiguration(env("AWS_ENDPOINT_URL"), "us-east-1");
  private static final AWSSecurityTokenService STS =
      AWSSecurityTokenServiceClientBuilder.standard().withEndpointConfiguration(HERE).build();

  private static String env(String name) {
    return System.getenv(name);
  }

  private static String code() throws Exception {
    return get(env("MFA_CODE_URL"));
  }

  private static String get(String address) throws Exception {
    HttpRequest asked = HttpRequest.newBuilder(URI.create(address)).build();
    return HttpClient.newHttpClient().send(asked, HttpResponse.BodyHandlers.ofString()).body();
  }

  private static AWSStaticCredentialsProvider provider(Credentials made) {
    return new AWSStaticCredentialsProvider(
        new BasicSessionCredentials(made.getAccessKeyId(), made.getSecretAccessKey(), made.getSessionToken()));
  }

  private static String buckets(Credentials made) {
    return AmazonS3ClientBuilder.standard().withEndpointConfiguration(HERE).withPathStyleAccessEnabled(true)
        .withCredentials(provider(made)).build().listBuckets().stream().map(bucket -> bucket.getName())
        .collect(Collectors.joining(","));
  }

  private static void refused(Runnable call) {
    try {
      call.run();
    } catch (AmazonServiceException error) {
      System.out.println(error.getErrorCode());
    }
  }

  private static AssumeRoleRequest role() {
    return new AssumeRoleRequest().withRoleArn(env("ROLE_ARN")).withRoleSessionName("matrix");
  }

  private static void roleLife(AmazonIdentityManagement iam) {
    String name = env("ROLE_NAME");
    String policy = env("POLICY_ARN");
    iam.createRole(new CreateRoleRequest().withRoleName(name).withAssumeRolePolicyDocument(env("TRUST")));
    iam.attachRolePolicy(new AttachRolePolicyRequest().withRoleName(name).withPolicyArn(policy));
    System.out.println(iam.listAttachedRolePolicies(new ListAttachedRolePoliciesRequest().withRoleName(name))
        .getAttachedPolicies().get(0).getPolicyName());
    iam.detachRolePolicy(new DetachRolePolicyRequest().withRoleName(name).withPolicyArn(policy));
    iam.deleteRole(new DeleteRoleRequest().withRoleName(name));
    try {
      iam.getRole(new GetRoleRequest().withRoleName(name));
    } catch (NoSuchEntityException error) {
      System.out.println(error.getErrorCode());
    }
  }

  private static String query(Map<String, String> parameters) {
    return parameters.entrySet().stream()
        .map(p -> p.getKey() + "=" + URLEncoder.encode(p.getValue(), StandardCharsets.UTF_8))
        .collect(Collectors.joining("&"));
  }

  private static void federation() throws Exception {
    Credentials made = STS.assumeRole(role()).getCredentials();
    String session = String.format("{\"sessionId\":\"%s\",\"sessionKey\":\"%s\",\"sessionToken\":\"%s\"}",
        made.getAccessKeyId(), made.getSecretAccessKey(), made.getSessionToken());
    String base = env("AWS_ENDPOINT_URL") + "/federation?";
    String answer = get(base + query(Map.of("Action", "getSigninToken", "Session", session)));
    String token = answer.replaceAll("(?s).*\"SigninToken\"\\s*:\\s*\"([^\"]*)\".*", "$1");
    System.out.println(base + query(Map.of("Action", "login", "Issuer", "example.org",
        "Destination", "https://console.aws.amazon.com/", "SigninToken", token)));
  }

  public static void main(String[] words) throws Exception {
    AmazonIdentityManagement iam = AmazonIdentityManagementClientBuilder.standard().withEndpointConfiguration(HERE).build();
    switch (words[0]) {
      case "identity" -> System.out.println(STS.getCallerIdentity(new GetCallerIdentityRequest()).getArn());
      case "assume-role" -> {
        AWSSecurityTokenService assumed = AWSSecurityTokenServiceClientBuilder.standard().withEndpointConfiguration(HERE)
            .withCredentials(provider(STS.assumeRole(role()).getCredentials())).build();
        System.out.println(assumed.getCallerIdentity(new GetCallerIdentityRequest()).getArn());
      }
      case "assume-role-mfa" -> {
        refused(() -> STS.assumeRole(role()));
        System.out.println(buckets(
            STS.assumeRole(role().withSerialNumber(env("MFA_SERIAL")).withTokenCode(code())).getCredentials()));
      }
      case "session-token-mfa" -> {
        refused(() -> buckets(STS.getSessionToken().getCredentials()));
        System.out.println(buckets(STS.getSessionToken(
            new GetSessionTokenRequest().withSerialNumber(env("MFA_SERIAL")).withTokenCode(code())).getCredentials()));
      }
      case "renewal" -> {
        do {
          System.out.println(STS.getCallerIdentity(new GetCallerIdentityRequest()).getArn());
        } while (get(env("LATER_URL")).equals("again"));
      }
      case "federation" -> federation();
      case "role-life" -> roleLife(iam);
      case "denied" -> {
        try {
          iam.listUsers();
        } catch (AmazonServiceException error) {
          System.out.println(error.getErrorCode());
          System.out.println(error.getErrorMessage());
        }
      }
      default -> throw new IllegalArgumentException(words[0]);
    }
  }
}
