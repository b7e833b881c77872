#include "store/etcd/gateway.h"

#include <optional>
#include <utility>

#include "base/secret_access.h"
#include "base/strings.h"
#include "http/resolve.h"
#include "store/etcd/messages.h"

namespace signet::store {
namespace {

using Kind = EtcdFault::Kind;

// gRPC's codes.
constexpr std::int64_t kInvalidArgument = 3;
constexpr std::int64_t kPermissionDenied = 7;
constexpr std::int64_t kResourceExhausted = 8;
constexpr std::int64_t kOutOfRange = 11;
constexpr std::int64_t kUnauthenticated = 16;

std::unexpected<EtcdFault> refused(std::string text) {
  return std::unexpected(EtcdFault{.kind = Kind::Refused, .text = std::move(text)});
}

std::string name_of(const EtcdEndpoint& endpoint) {
  return concat(endpoint.host, ":", std::to_string(endpoint.port));
}

}  // namespace

EtcdGateway::EtcdGateway(const EtcdAccess& access, int wait_seconds)
    : access_(access), wait_seconds_(wait_seconds) {}

void EtcdGateway::move_on() {
  client_.reset();
  attempt_ += 1;
  member_ = attempt_ % access_.address.endpoints.size();
}

EtcdFault EtcdGateway::unreachable(std::string_view why) const {
  return {.kind = Kind::Unreachable,
          .text = concat("etcd at ", name_of(access_.address.endpoints[member_]), ": ", why)};
}

std::expected<http::ClientOptions, EtcdFault> EtcdGateway::options_of_member() {
  const EtcdEndpoint& endpoint = access_.address.endpoints[member_];
  const auto addresses = http::resolve(endpoint.host);
  if (!addresses) {
    return std::unexpected(unreachable(addresses.error()));
  }
  // Each time round it is the next address of those that a name has.
  const std::size_t round = attempt_ / access_.address.endpoints.size();
  return http::ClientOptions{.host = (*addresses)[round % addresses->size()],
                             .port = endpoint.port,
                             .timeout_seconds = wait_seconds_,
                             .is_tls = access_.address.is_tls,
                             .ca_file = access_.ca_file,
                             .tls_name = endpoint.host,
                             .certificate_file = access_.certificate_file,
                             .key_file = access_.key_file};
}

std::expected<http::Client*, EtcdFault> EtcdGateway::client() {
  if (client_ == nullptr) {
    auto options = options_of_member();
    if (!options) {
      return std::unexpected(options.error());
    }
    client_ = std::make_unique<http::Client>(*std::move(options));
  }
  return client_.get();
}

http::ClientRequest EtcdGateway::request(std::string_view path, const std::string& message) const {
  http::ClientRequest request{.method = "POST",
                              .target = std::string(path),
                              .headers = {{"Content-Type", "application/json"}},
                              .body = message};
  if (!token_.empty()) {
    request.headers.emplace_back("Authorization", token_);
  }
  return request;
}

EtcdFault EtcdGateway::fault_of(const http::ClientResponse& answer) const {
  const EtcdRefusal refusal = read_refusal(answer.body);
  const std::string text = concat("etcd at ",
                                  name_of(access_.address.endpoints[member_]),
                                  " answered ",
                                  std::to_string(answer.status),
                                  refusal.message.empty() ? "" : ": ",
                                  refusal.message);
  switch (refusal.code) {
    case kOutOfRange:
      return {.kind = Kind::Compacted, .text = text};
    case kInvalidArgument:
    case kPermissionDenied:
    case kResourceExhausted:
    case kUnauthenticated:
      return {.kind = Kind::Refused, .text = text};
    default:
      return {.kind = Kind::Unreachable, .text = text};
  }
}

std::expected<void, EtcdFault> EtcdGateway::sign_in() {
  if (access_.user.empty() || !token_.empty()) {
    return {};
  }
  const auto to = client();
  if (!to) {
    return std::unexpected(to.error());
  }
  const std::string_view password =
      access_.password == nullptr ? std::string_view() : access_.password->reveal(secret_access());
  const auto answer =
      (*to)->send(request("/v3/auth/authenticate", authenticate_request(access_.user, password)));
  if (!answer) {
    return std::unexpected(unreachable(answer.error()));
  }
  if (answer->status != 200) {
    return std::unexpected(fault_of(*answer));
  }
  const auto json = codec::Json::parse(answer->body);
  token_ = json ? std::string(json->string_at("token")) : std::string();
  if (token_.empty() || token_.find_first_of("\r\n") != std::string::npos) {
    token_.clear();
    return refused("etcd's authentication gave no token");
  }
  return {};
}

std::expected<codec::Json, EtcdFault> EtcdGateway::ask(std::string_view path,
                                                       const std::string& message) {
  for (int round = 0;; ++round) {
    const auto to = client();
    if (!to) {
      move_on();
      return std::unexpected(to.error());
    }
    if (const auto signed_in = sign_in(); !signed_in) {
      move_on();
      return std::unexpected(signed_in.error());
    }
    const auto answer = (*to)->send(request(path, message));
    if (!answer) {
      const EtcdFault fault = unreachable(answer.error());
      move_on();
      return std::unexpected(fault);
    }
    if (answer->status == 200) {
      std::string why;
      auto json = codec::Json::parse(answer->body, &why);
      return json ? std::expected<codec::Json, EtcdFault>(*std::move(json))
                  : refused(concat("etcd's answer is no JSON: ", why));
    }
    const EtcdFault fault = fault_of(*answer);
    if (read_refusal(answer->body).code == kUnauthenticated && !token_.empty() && round == 0) {
      token_.clear();  // it has ended
      continue;
    }
    if (fault.kind == Kind::Unreachable) {
      move_on();
    }
    return std::unexpected(fault);
  }
}

std::expected<void, EtcdFault> EtcdGateway::stream(std::string_view path,
                                                   const std::string& message,
                                                   const http::Client::TakePiece& take) {
  if (const auto signed_in = sign_in(); !signed_in) {
    return std::unexpected(signed_in.error());
  }
  auto options = options_of_member();
  if (!options) {
    return std::unexpected(options.error());
  }
  http::Client client(*std::move(options));
  const auto answer = client.stream(request(path, message), take);
  if (!answer) {
    return std::unexpected(unreachable(answer.error()));
  }
  if (answer->status != 200) {
    token_.clear();
    return std::unexpected(fault_of(*answer));
  }
  return {};
}

}  // namespace signet::store
