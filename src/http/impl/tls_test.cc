#include "http/impl/tls.h"

#include <cstdio>
#include <cstdlib>
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

// A key and a self-signed certificate for localhost in a folder of their own.
class Certificate {
 public:
  Certificate() {
    char pattern[] = "/tmp/signet_tls_testXXXXXX";
    folder_ = ::mkdtemp(pattern);
    EVP_PKEY* key = EVP_EC_gen("P-256");
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
    PEM_write_PrivateKey(file, key, nullptr, nullptr, 0, nullptr, nullptr);
    std::fclose(file);
    X509_free(made);
    EVP_PKEY_free(key);
  }

  ~Certificate() { std::filesystem::remove_all(folder_); }

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

TEST_F(TlsTest, LeavesTheOtherListenerPlain) {
  Client plain(ClientOptions{.port = server_->port(1)});

  EXPECT_EQ(plain.send({.target = "/"})->body, "plain:");
}

TEST_F(TlsTest, SaysWhichFileIsOfNoUse) {
  const Certificate other;

  const auto missing = TlsContext::load("/nonexistent/chain.pem", certificate_.key_file());
  const auto foreign = TlsContext::load(certificate_.chain(), other.key_file());

  ASSERT_FALSE(missing.has_value());
  EXPECT_NE(missing.error().find("certificate file /nonexistent/chain.pem"), std::string::npos);
  ASSERT_FALSE(foreign.has_value());
  EXPECT_NE(foreign.error().find("key file"), std::string::npos);
}

}  // namespace
}  // namespace signet::http
