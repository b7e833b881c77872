#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "jose/jwk.h"
#include "jose/jws.h"
#include "oidc/https_fetch.h"

namespace signet::oidc {

using KeySetRef = std::shared_ptr<const jose::JwkSet>;

// How a document is fetched, and what time it is (monotonic milliseconds).
using Fetch = std::function<std::expected<std::string, FetchFault>(const std::string& url)>;
using Now = std::function<std::int64_t()>;

// Most issuers whose keys are kept at a time.
inline constexpr std::size_t kMaxIssuers = 1'000;

// How long keys serve before they are fetched again; and how long they do while that fails.
inline constexpr std::int64_t kFreshMs = std::int64_t{15} * 60 * 1000;
inline constexpr std::int64_t kUsableMs = std::int64_t{60} * 60 * 1000;
// How long an issuer is left alone after it was asked, whatever it answered: a token that names a
// key that nobody knows makes nobody ask more often.
inline constexpr std::int64_t kPauseMs = std::int64_t{30} * 1000;
// Calls that wait while an issuer is asked; one more is told to come again.
inline constexpr std::size_t kMaxWaiting = 8;

// The keys that issuers of tokens sign with, as they publish them: fetched when they are needed,
// one fetch at a time for an issuer, and kept (OpenID Connect Discovery 1.0 4). Thread-safe;
// blocks.
class IssuerKeys {
 public:
  IssuerKeys(Fetch fetch, Now now) : fetch_(std::move(fetch)), now_(std::move(now)) {}

  // Keys that never change and are never asked for, of an issuer by its name (URL without
  // https://), in the place of those it had.
  void set_fixed(std::string issuer, jose::JwkSet keys);

  // The keys of an issuer, with the one that the token names.
  [[nodiscard]] std::expected<KeySetRef, FetchFault> find(std::string_view issuer,
                                                          const jose::CompactJws& token);

 private:
  struct Entry {
    KeySetRef keys;  // null: none yet
    std::int64_t fetched_ms = 0;
    std::int64_t asked_ms = 0;
    std::optional<FetchFault> fault;  // of the last fetch
    bool was_asked = false;
    bool is_asking = false;
    std::size_t waiting = 0;
  };

  using Answer = std::expected<KeySetRef, FetchFault>;

  // What can be answered without asking the issuer; nothing if it must be asked.
  [[nodiscard]] std::optional<Answer> known(const Entry& entry,
                                            const jose::CompactJws& token) const;
  [[nodiscard]] Answer ask(const std::string& issuer) const;
  [[nodiscard]] std::shared_ptr<Entry> entry_of(const std::string& issuer);
  static void keep(Entry& entry, Answer answer, std::int64_t now_ms);

  Fetch fetch_;
  Now now_;
  std::map<std::string, KeySetRef, std::less<>> fixed_;
  std::mutex mutex_;
  std::condition_variable answered_;
  std::map<std::string, std::shared_ptr<Entry>, std::less<>> entries_;
};

}  // namespace signet::oidc
