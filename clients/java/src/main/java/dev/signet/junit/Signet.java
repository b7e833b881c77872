package dev.signet.junit;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.client.builder.AwsClientBuilder;
import software.amazon.awssdk.protocols.jsoncore.JsonNode;
import software.amazon.awssdk.regions.Region;

/** A running {@code signet serve --dev}, and what tests ask of it. */
public final class Signet implements AutoCloseable {
  /** One account with an administrator. */
  public static final String DEFAULT_BOOTSTRAP =
      """
      {"accounts": [{"id": "123456789012", "users": [{"name": "admin",
        "policies": ["arn:aws:iam::aws:policy/AdministratorAccess"],
        "access_keys": [{"access_key_id": "ADMINKEY000000000001", "secret_access_key": "secret of the administrator"}]}]}]}
      """;

  private static final Duration START = Duration.ofSeconds(30);
  private static final Duration STOP = Duration.ofSeconds(20);
  private static final Pattern READY = Pattern.compile("listening on (https?://\\S+)");
  private static final Pattern NOW = Pattern.compile("\"now\"\\s*:\\s*\"([^\"]+)\"");

  private final Process process;
  private final Path folder;
  private final URI endpoint;
  private final List<JsonNode> accounts;
  private final HttpClient http = HttpClient.newHttpClient();

  private Signet(Process process, Path folder, URI endpoint, List<JsonNode> accounts) {
    this.process = process;
    this.folder = folder;
    this.endpoint = endpoint;
    this.accounts = accounts;
  }

  /** Starts a server with the content of a bootstrap file; whoever calls this closes it. */
  public static Signet start(String bootstrap) {
    try {
      Path folder = Files.createTempDirectory("signet-test-");
      Path file = Files.writeString(folder.resolve("bootstrap.json"), bootstrap);
      Path log = folder.resolve("signet.log");
      List<String> command =
          List.of(findProgram(), "serve", "--dev", "--quiet", "--listen", "127.0.0.1:0", "--bootstrap", file.toString());
      Process process = new ProcessBuilder(command).redirectError(log.toFile()).start();
      URI endpoint = awaitAddress(process, log);
      return new Signet(process, folder, endpoint, accountsOf(bootstrap));
    } catch (IOException error) {
      throw new UncheckedIOException(error);
    }
  }

  private static List<JsonNode> accountsOf(String bootstrap) {
    return JsonNode.parser().parse(bootstrap).field("accounts").map(JsonNode::asArray).orElse(List.of());
  }

  private static String findProgram() {
    String named = System.getenv("SIGNET_BINARY");
    if (named != null && !named.isEmpty()) {
      return named;
    }
    for (String folder : System.getenv().getOrDefault("PATH", "").split(File.pathSeparator)) {
      Path candidate = Path.of(folder, "signet");
      if (Files.isExecutable(candidate)) {
        return candidate.toString();
      }
    }
    throw new IllegalStateException(
        "There is no `signet` on the path: install it (`./run install` in its repository), or name the program in SIGNET_BINARY.");
  }

  private static URI awaitAddress(Process process, Path log) throws IOException {
    CompletableFuture<String> address = new CompletableFuture<>();
    Thread reader =
        new Thread(
            () -> {
              try (BufferedReader lines = process.inputReader()) {
                // To the end, so that the server never waits for its output.
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                  Matcher match = READY.matcher(line);
                  if (match.find()) {
                    address.complete(match.group(1));
                  }
                }
              } catch (IOException closed) {
                // it ended
              }
              address.complete("");
            },
            "signet-output");
    reader.setDaemon(true);
    reader.start();
    String found = "";
    try {
      found = address.get(START.toSeconds(), TimeUnit.SECONDS);
    } catch (TimeoutException | ExecutionException error) {
      // told below
    } catch (InterruptedException error) {
      Thread.currentThread().interrupt();
    }
    if (found.isEmpty()) {
      process.destroyForcibly();
      throw new IllegalStateException("signet did not start:\n" + Files.readString(log));
    }
    return URI.create(found);
  }

  /** Where the server is. */
  public URI endpoint() {
    return endpoint;
  }

  /** The id of the first account of the bootstrap file. */
  public String account() {
    return accounts.get(0).field("id").map(JsonNode::text).orElseThrow();
  }

  /** The access key that the bootstrap file gives a user of its first account. */
  public AwsCredentials credentials(String userName) {
    for (JsonNode user : accounts.get(0).field("users").map(JsonNode::asArray).orElse(List.of())) {
      boolean isWanted = user.field("name").map(JsonNode::text).orElse("").equals(userName);
      for (JsonNode key : isWanted ? user.field("access_keys").map(JsonNode::asArray).orElse(List.of()) : List.<JsonNode>of()) {
        if (key.field("access_key_id").isPresent()) {
          return AwsBasicCredentials.create(
              key.field("access_key_id").get().text(), key.field("secret_access_key").map(JsonNode::text).orElseThrow());
        }
      }
    }
    throw new IllegalArgumentException("The bootstrap file gives no user " + userName + " an access key.");
  }

  /** Of the user {@code admin}. */
  public AwsCredentials admin() {
    return credentials("admin");
  }

  /** Credentials of an STS answer. */
  public static AwsCredentials session(String accessKeyId, String secretAccessKey, String sessionToken) {
    return AwsSessionCredentials.create(accessKeyId, secretAccessKey, sessionToken);
  }

  /** Points the builder of a client at the server: {@code signet.configure(S3Client.builder(), signet.admin()).build()}. */
  public <B extends AwsClientBuilder<B, C>, C> B configure(B builder, AwsCredentials credentials) {
    return builder
        .endpointOverride(endpoint)
        .region(Region.US_EAST_1)
        .credentialsProvider(StaticCredentialsProvider.create(credentials));
  }

  /** Variables with which an unmodified program finds the server. */
  public Map<String, String> environment(AwsCredentials credentials) {
    Map<String, String> variables = new TreeMap<>();
    variables.put("AWS_ENDPOINT_URL", endpoint.toString());
    variables.put("AWS_REGION", "us-east-1");
    variables.put("AWS_DEFAULT_REGION", "us-east-1");
    variables.put("AWS_ACCESS_KEY_ID", credentials.accessKeyId());
    variables.put("AWS_SECRET_ACCESS_KEY", credentials.secretAccessKey());
    variables.put("AWS_EC2_METADATA_DISABLED", "true");
    if (credentials instanceof AwsSessionCredentials session) {
      variables.put("AWS_SESSION_TOKEN", session.sessionToken());
    }
    return variables;
  }

  /** The state of the bootstrap file, and the machine's time. */
  public void reset() {
    call("/_signet/reset", "");
  }

  /** The server's time: sessions, MFA codes and signatures follow it. */
  public Instant now() {
    Matcher match = NOW.matcher(call("/_signet/clock", null));
    if (!match.find()) {
      throw new IllegalStateException("the clock answers no time");
    }
    return Instant.parse(match.group(1));
  }

  /** Moves the server's time; shifts add up. */
  public void shiftClock(Duration by) {
    call("/_signet/clock", "{\"shift_seconds\":" + by.toSeconds() + "}");
  }

  /** Sets the server's time, to the second. */
  public void setClock(Instant moment) {
    call("/_signet/clock", "{\"set\":\"" + moment.truncatedTo(ChronoUnit.SECONDS) + "\"}");
  }

  /** The code that an MFA device with this base32 seed shows now, by the server's clock. A code works once. */
  public String mfaCode(String seed) {
    return totp(seed, now());
  }

  /** The six digits that a device with this base32 seed shows at a time (RFC 6238). */
  public static String totp(String seed, Instant at) {
    try {
      Mac mac = Mac.getInstance("HmacSHA1");
      mac.init(new SecretKeySpec(base32(seed), "HmacSHA1"));
      byte[] digest = mac.doFinal(ByteBuffer.allocate(8).putLong(at.getEpochSecond() / 30).array());
      int offset = digest[digest.length - 1] & 15;
      return String.format("%06d", (ByteBuffer.wrap(digest).getInt(offset) & 0x7fffffff) % 1_000_000);
    } catch (GeneralSecurityException error) {
      throw new IllegalStateException(error);
    }
  }

  private static byte[] base32(String seed) {
    ByteBuffer bytes = ByteBuffer.allocate(seed.length() * 5 / 8);
    int bits = 0;
    int value = 0;
    for (char c : seed.toUpperCase(Locale.ROOT).replace("=", "").toCharArray()) {
      value = (value << 5) | "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(c);
      bits += 5;
      if (bits >= 8) {
        bits -= 8;
        bytes.put((byte) (value >> bits));
      }
    }
    byte[] key = new byte[bytes.position()];
    bytes.flip().get(key);
    return key;
  }

  private String call(String path, String body) {
    HttpRequest.Builder request = HttpRequest.newBuilder(endpoint.resolve(path)).timeout(START);
    if (body != null) {
      request.header("Content-Type", "application/json").POST(HttpRequest.BodyPublishers.ofString(body));
    }
    try {
      HttpResponse<String> answer = http.send(request.build(), HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
      if (answer.statusCode() != 200) {
        throw new IllegalStateException(path + ": " + answer.statusCode() + " " + answer.body());
      }
      return answer.body();
    } catch (IOException error) {
      throw new UncheckedIOException(error);
    } catch (InterruptedException error) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(error);
    }
  }

  /** Ends the server. */
  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(STOP.toSeconds(), TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
      List<Path> files = new ArrayList<>();
      try (var list = Files.list(folder)) {
        list.forEach(files::add);
      }
      for (Path file : files) {
        Files.deleteIfExists(file);
      }
      Files.deleteIfExists(folder);
    } catch (IOException error) {
      throw new UncheckedIOException(error);
    } catch (InterruptedException error) {
      Thread.currentThread().interrupt();
    }
  }
}
