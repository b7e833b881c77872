package dev.signet.junit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.services.sts.StsClient;

@SignetTest(bootstrap = "/accounts.json")
class SignetTestTest {
  private static final String PHONE = "arn:aws:iam::111122223333:mfa/phone";

  private static StsClient sts(Signet signet, AwsCredentials credentials) {
    return signet.configure(StsClient.builder(), credentials).build();
  }

  private static AwsCredentials assume(Signet signet, String user) {
    try (StsClient sts = sts(signet, signet.credentials(user))) {
      var session =
          sts.assumeRole(r -> r.roleArn("arn:aws:iam::111122223333:role/deployer").roleSessionName("test").durationSeconds(900))
              .credentials();
      return Signet.session(session.accessKeyId(), session.secretAccessKey(), session.sessionToken());
    }
  }

  private static String arn(Signet signet, AwsCredentials credentials) {
    try (StsClient sts = sts(signet, credentials)) {
      return sts.getCallerIdentity().arn();
    }
  }

  private static String code(Runnable call) {
    return assertThrows(AwsServiceException.class, call::run).awsErrorDetails().errorCode();
  }

  @Test
  void usersOfTheFileAreThere(Signet signet) {
    assertEquals("111122223333", signet.account());
    assertEquals("arn:aws:iam::111122223333:user/alice", arn(signet, signet.credentials("alice")));
    assertThrows(IllegalArgumentException.class, () -> signet.credentials("nobody"));
  }

  @Test
  void onlyWhoIsTrustedAssumesARole(Signet signet) {
    assertTrue(arn(signet, assume(signet, "alice")).endsWith(":assumed-role/deployer/test"));
    assertEquals("AccessDenied", code(() -> assume(signet, "bob")));
  }

  @Test
  void aSessionEndsWhenTheClockSaysSo(Signet signet) {
    AwsCredentials session = assume(signet, "alice");
    signet.shiftClock(Duration.ofHours(1));
    assertEquals("ExpiredToken", code(() -> arn(signet, session)));
  }

  @Test
  void resetPutsTheClockBack(Signet signet) {
    Instant moment = Instant.parse("2027-01-01T00:00:00Z");
    signet.setClock(moment);
    assertTrue(Duration.between(moment, signet.now()).abs().toHours() < 1);
    signet.reset();
    assertTrue(Duration.between(Instant.now(), signet.now()).abs().toHours() < 1);
  }

  @Test
  void anMfaDeviceOfTheFileShowsItsCodes(Signet signet) {
    String code = signet.mfaCode("JBSWY3DPEHPK3PXP");
    try (StsClient sts = sts(signet, signet.credentials("alice"))) {
      sts.getSessionToken(r -> r.serialNumber(PHONE).tokenCode(code));
      assertEquals("AccessDenied", code(() -> sts.getSessionToken(r -> r.serialNumber(PHONE).tokenCode(code))));
    }
  }

  @Test
  void theEnvironmentNamesTheServer(Signet signet) {
    var variables = signet.environment(signet.credentials("alice"));
    assertEquals(signet.endpoint().toString(), variables.get("AWS_ENDPOINT_URL"));
    assertFalse(variables.containsKey("AWS_SESSION_TOKEN"));
  }

  @Test
  void aBadFileIsToldWithItsPlace() {
    var error =
        assertThrows(IllegalStateException.class, () -> Signet.start("{\"accounts\": [{\"id\": \"111122223333\", \"user\": []}]}").close());
    assertTrue(error.getMessage().contains("accounts[0]: unknown member \"user\"; did you mean \"users\"?"), error.getMessage());
  }
}
