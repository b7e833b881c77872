#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <string_view>

#include "base/secret.h"
#include "codec/json.h"
#include "http/client.h"
#include "store/etcd/address.h"

namespace signet::store {

// How an etcd cluster is reached.
struct EtcdAccess {
  EtcdAddress address;
  std::string ca_file;           // PEM, of the authorities that vouch for etcd; empty: the system's
  std::string certificate_file;  // our own, where etcd asks for one (--client-cert-auth); PEM
  std::string key_file;
  std::string user;  // empty: etcd's authentication is off
  std::shared_ptr<const Secret> password;
  std::string copy_folder = {};  // of a local copy to start from (local_copy.h); empty: none
};

// Why a request came to nothing.
struct EtcdFault {
  enum class Kind : std::uint8_t {
    Unreachable,  // no answer, or etcd has no majority: whether it was done is not known
    Refused,      // etcd says no, and will again
    Compacted,    // the revision asked for is gone
  };
  Kind kind = Kind::Unreachable;
  std::string text;
};

// etcd's JSON gateway (its port for clients), one request at a time over one kept connection to one
// of its members; after a failure the next request goes to the next member. Signs in with the
// user's password and again when the token has ended. Not thread-safe.
class EtcdGateway {
 public:
  static constexpr int kWaitSeconds = 2;  // for an answer, or for the next part of it

  // `access` outlives it.
  explicit EtcdGateway(const EtcdAccess& access, int wait_seconds = kWaitSeconds);

  // Posts a message; the answer.
  [[nodiscard]] std::expected<codec::Json, EtcdFault> ask(std::string_view path,
                                                          const std::string& message);

  // Posts a message whose answer is a stream, over a connection of its own, until it or `take`
  // ends. The fault is why it ended, if it was not `take`.
  [[nodiscard]] std::expected<void, EtcdFault> stream(std::string_view path,
                                                      const std::string& message,
                                                      const http::Client::TakePiece& take);

  // The next request goes to the next member.
  void move_on();

 private:
  [[nodiscard]] std::expected<http::ClientOptions, EtcdFault> options_of_member();
  [[nodiscard]] std::expected<http::Client*, EtcdFault> client();
  [[nodiscard]] std::expected<void, EtcdFault> sign_in();
  [[nodiscard]] http::ClientRequest request(std::string_view path,
                                            const std::string& message) const;
  [[nodiscard]] EtcdFault fault_of(const http::ClientResponse& answer) const;
  [[nodiscard]] EtcdFault unreachable(std::string_view why) const;

  const EtcdAccess& access_;
  int wait_seconds_;
  std::size_t member_ = 0;   // that is asked
  std::size_t attempt_ = 0;  // how often it was moved on
  std::unique_ptr<http::Client> client_;
  std::string token_;  // of authentication; empty: none yet
};

}  // namespace signet::store
