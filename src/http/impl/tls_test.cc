#include "http/impl/tls.h"

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>
#include <string>

#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http/client.h"
#include "http/server.h"

namespace signet::http {
namespace {

enum class KeyKind : std::uint8_t { Ecdsa, Rsa };

// A key and a self-signed certificate for localhost in a folder of their own.
class Certificate {
 public:
  explicit Certificate(KeyKind kind = KeyKind::Ecdsa, const char* passphrase = nullptr) {
    char pattern[] = "/tmp/signet_tls_testXXXXXX";
    folder_ = ::mkdtemp(pattern);
    EVP_PKEY* key = kind == KeyKind::Rsa ? EVP_RSA_gen(2048) : EVP_EC_gen("P-256");
    X509* made = X509_new();
    ASN1_INTEGER_set(X509_get_serialNumber(made), 1);
    X509_gmtime_adj(X509_getm_notBefore(made), -60);
    X509_gmtime_adj(X509_getm_notAfter(made), 3600);
    X509_set_pubkey(made, key);
    X509_NAME* name = X509_get_subject_name(made);
    const unsigned char host[] = "localhost";
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, host, -1, -1, 0);
    X509_set_issuer_name(made, name);
    X509_sign(made, key, EVP_sha256());
    std::FILE* file = std::fopen(chain().c_str(), "w");
    PEM_write_X509(file, made);
    std::fclose(file);
    file = std::fopen(key_file().c_str(), "w");
    const EVP_CIPHER* cipher = passphrase != nullptr ? EVP_aes_256_cbc() : nullptr;
    const auto* phrase = reinterpret_cast<const unsigned char*>(passphrase);
    const int size = passphrase != nullptr ? static_cast<int>(std::strlen(passphrase)) : 0;
    PEM_write_PrivateKey(file, key, cipher, phrase, size, nullptr, nullptr);
    std::fclose(file);
    X509_free(made);
    EVP_PKEY_free(key);
    std::filesystem::permissions(
        key_file(), std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  }

  ~Certificate() { std::filesystem::remove_all(folder_); }

  Certificate(const Certificate&) = delete;
  Certificate& operator=(const Certificate&) = delete;

  // Takes the place of another one, as a renewal does.
  void replace(const Certificate& other) const {
    constexpr auto kOver = std::filesystem::copy_options::overwrite_existing;
    std::filesystem::copy_file(other.chain(), chain(), kOver);
    std::filesystem::copy_file(other.key_file(), key_file(), kOver);
  }

  [[nodiscard]] std::string chain() const { return folder_ + "/chain.pem"; }

  [[nodiscard]] std::string key_file() const { return folder_ + "/key.pem"; }

 private:
  std::string folder_;
};

// Answers the body it was sent and whether it came encrypted; /file sends the certificate's own
// folder entry.
class TlsExchange final : public Exchange {
 public:
  explicit TlsExchange(std::string file) : file_(std::move(file)) {}

  BodyPlan begin(const RequestHead& head, Call /*call*/) override {
    head_ = &head;
    return {.max_bytes = 1ULL << 30};
  }

  void finish(std::string_view whole_body, Call call) override {
    Response response;
    if (head_->path() == "/file") {
      UniqueFd fd(::open(file_.c_str(), O_RDONLY | O_CLOEXEC));
      const auto length = static_cast<std::uint64_t>(::lseek(fd.get(), 0, SEEK_END));
      response.file = FileRange{.fd = std::move(fd), .offset = 0, .length = length};
    } else {
      response.body = std::string(head_->tls ? "tls:" : "plain:") + std::string(whole_body);
      response.headers.add("tls-version", head_->tls_version);
    }
    call.answer(std::move(response));
  }

 private:
  std::string file_;
  const RequestHead* head_ = nullptr;
};

class TlsHandler final : public Handler {
 public:
  ExchangePtr open(const RequestHead& /*head*/) override {
    return ExchangePtr(new TlsExchange(file));
  }

  std::string file;
};

class TlsTest : public testing::Test {
 protected:
  void SetUp() override {
    ServerOptions options;
    options.listeners = {
        Listener{.tls = TlsFiles{.chain = certificate_.chain(), .key = certificate_.key_file()}},
        Listener{}};
    handler_.file = certificate_.chain();
    auto started = Server::start(std::move(options), handler_, clock_);
    ASSERT_TRUE(started.has_value()) << started.error();
    server_ = std::move(*started);
    context_ = SSL_CTX_new(TLS_client_method());
    SSL_CTX_load_verify_locations(context_, certificate_.chain().c_str(), nullptr);
    SSL_CTX_set_verify(context_, SSL_VERIFY_PEER, nullptr);
  }

  void TearDown() override { SSL_CTX_free(context_); }

  [[nodiscard]] UniqueFd connect() const {
    UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(server_->port(0));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const timeval limit{.tv_sec = 10, .tv_usec = 0};
    ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    EXPECT_EQ(::connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    return fd;
  }

  // Whether a handshake succeeds.
  [[nodiscard]] bool can_connect() const {
    const UniqueFd fd = connect();
    SSL* session = SSL_new(context_);
    SSL_set_fd(session, fd.get());
    const bool is_connected = SSL_connect(session) == 1;
    SSL_free(session);
    return is_connected;
  }

  // Everything up to the server's close_notify.
  [[nodiscard]] std::string talk(std::string_view input) const {
    const UniqueFd fd = connect();
    SSL* session = SSL_new(context_);
    SSL_set_fd(session, fd.get());
    EXPECT_EQ(SSL_connect(session), 1);
    while (!input.empty()) {
      const int n = SSL_write(session, input.data(), static_cast<int>(input.size()));
      if (n <= 0) {
        break;
      }
      input.remove_prefix(static_cast<std::size_t>(n));
    }
    std::string all;
    char block[16 * 1024];
    int got = 0;
    while ((got = SSL_read(session, block, sizeof block)) > 0) {
      all.append(block, static_cast<std::size_t>(got));
    }
    EXPECT_EQ(SSL_get_error(session, got), SSL_ERROR_ZERO_RETURN) << "an announced end";
    SSL_free(session);
    return all;
  }

  Certificate certificate_;
  const ManualClock clock_{Instant::from_seconds(0)};
  TlsHandler handler_;
  std::unique_ptr<Server> server_;
  SSL_CTX* context_ = nullptr;
};

TEST_F(TlsTest, ServesRequestsAndFiles) {
  const std::string all = talk(
      "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nhi"
      "GET /b HTTP/1.1\r\nHost: h\r\n\r\n"
      "GET /file HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");

  EXPECT_NE(all.find("\r\n\r\ntls:hiHTTP/1.1 200 OK\r\n"), std::string::npos);
  EXPECT_NE(all.find("-----BEGIN CERTIFICATE-----"), std::string::npos);
  EXPECT_TRUE(all.ends_with("-----END CERTIFICATE-----\n"));
}

TEST_F(TlsTest, CarriesLargeBodiesBothWays) {
  std::string body;
  for (int i = 0; i < 3'000'000; ++i) {
    body += static_cast<char>('a' + i % 23);
  }
  const std::string all = talk(
      "POST /a HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: 3000000\r\n\r\n" + body);

  ASSERT_TRUE(all.starts_with("HTTP/1.1 200 OK\r\n"));
  EXPECT_TRUE(all.ends_with("tls:" + body));
}

TEST_F(TlsTest, ClosesOnAClientThatSpeaksPlainHttp) {
  const UniqueFd fd = connect();
  const std::string_view input = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
  ASSERT_EQ(::send(fd.get(), input.data(), input.size(), MSG_NOSIGNAL),
            static_cast<ssize_t>(input.size()));
  std::string all;
  char block[4096];
  ssize_t got = 0;
  while ((got = ::recv(fd.get(), block, sizeof block, 0)) > 0) {
    all.append(block, static_cast<std::size_t>(got));
  }
  EXPECT_EQ(all.find("HTTP/1.1"), std::string::npos);
  EXPECT_EQ(server_->counters().requests, 0U);
}

TEST_F(TlsTest, TellsWhichVersionIsSpoken) {
  constexpr std::string_view kRequest = "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
  EXPECT_NE(talk(kRequest).find("tls-version: 1.3\r\n"), std::string::npos);

  SSL_CTX_set_max_proto_version(context_, TLS1_2_VERSION);
  EXPECT_NE(talk(kRequest).find("tls-version: 1.2\r\n"), std::string::npos);

  Client plain(ClientOptions{.port = server_->port(1)});
  EXPECT_EQ(plain.send({.target = "/"})->find("tls-version"), "");
}

TEST_F(TlsTest, RefusesVersionsAndCiphersThatAreNotSafe) {
  SSL_CTX_set_security_level(context_, 0);
  SSL_CTX_set_max_proto_version(context_, TLS1_1_VERSION);
  EXPECT_FALSE(can_connect());

  SSL_CTX_set_max_proto_version(context_, TLS1_2_VERSION);
  SSL_CTX_set_cipher_list(context_, "ECDHE-ECDSA-AES128-SHA:AES128-SHA256");
  EXPECT_FALSE(can_connect());
}

TEST_F(TlsTest, ChoosesHttp11AmongTheProtocolsOffered) {
  const unsigned char offered[] = {2, 'h', '2', 8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  const UniqueFd fd = connect();
  SSL* session = SSL_new(context_);
  SSL_set_alpn_protos(session, offered, sizeof offered);
  SSL_set_fd(session, fd.get());
  ASSERT_EQ(SSL_connect(session), 1);

  const unsigned char* chosen = nullptr;
  unsigned int size = 0;
  SSL_get0_alpn_selected(session, &chosen, &size);

  EXPECT_EQ(std::string_view(reinterpret_cast<const char*>(chosen), size), "http/1.1");
  SSL_free(session);
}

TEST_F(TlsTest, ServesARenewedCertificateAndKeepsOpenConnections) {
  const UniqueFd fd = connect();
  SSL* before = SSL_new(context_);
  SSL_set_fd(before, fd.get());
  ASSERT_EQ(SSL_connect(before), 1);
  const Certificate renewed(KeyKind::Rsa);
  certificate_.replace(renewed);

  ASSERT_TRUE(server_->reload_tls());

  EXPECT_FALSE(can_connect()) << "the old certificate is not shown any more";
  SSL_CTX_load_verify_locations(context_, renewed.chain().c_str(), nullptr);
  EXPECT_TRUE(can_connect());
  constexpr std::string_view kRequest = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
  ASSERT_GT(SSL_write(before, kRequest.data(), static_cast<int>(kRequest.size())), 0);
  char block[64];
  EXPECT_GT(SSL_read(before, block, sizeof block), 0) << "connections from before go on";
  SSL_free(before);
}

TEST_F(TlsTest, KeepsTheOldCertificateWhenTheNewOneIsOfNoUse) {
  const Certificate other;
  std::filesystem::copy_file(
      other.chain(), certificate_.chain(), std::filesystem::copy_options::overwrite_existing);

  const auto reloaded = server_->reload_tls();

  ASSERT_FALSE(reloaded.has_value());
  EXPECT_NE(reloaded.error().find(certificate_.key_file()), std::string::npos);
  EXPECT_TRUE(can_connect());
}

TEST_F(TlsTest, LeavesTheOtherListenerPlain) {
  Client plain(ClientOptions{.port = server_->port(1)});

  EXPECT_EQ(plain.send({.target = "/"})->body, "plain:");
}

TEST(TlsContext, SaysWhichFileIsOfNoUseAndWhy) {
  const Certificate own;
  const Certificate other;
  const Certificate locked(KeyKind::Ecdsa, "secret");

  struct Case {
    std::string chain;
    std::string key;
    std::string error;
  };

  for (const Case& given :
       {Case{"/nonexistent/chain.pem",
             own.key_file(),
             "certificate file /nonexistent/chain.pem: No such file or directory"},
        Case{own.chain(),
             "/nonexistent/key.pem",
             "key file /nonexistent/key.pem: No such file or directory"},
        Case{own.key_file(), own.key_file(), "certificate file " + own.key_file() + ": "},
        Case{own.chain(), own.chain(), "key file " + own.chain() + ": "},
        Case{own.chain(), other.key_file(), other.key_file() + ": key values mismatch"},
        Case{locked.chain(), locked.key_file(), "key file " + locked.key_file() + ": "}}) {
    const auto loaded = TlsContext::load(given.chain, given.key);
    ASSERT_FALSE(loaded.has_value()) << given.error;
    EXPECT_NE(loaded.error().find(given.error), std::string::npos) << loaded.error();
  }
  EXPECT_TRUE(TlsContext::load(own.chain(), own.key_file()).has_value());
}

}  // namespace
}  // namespace signet::http
