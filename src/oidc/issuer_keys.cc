#include "oidc/issuer_keys.h"

#include <algorithm>
#include <utility>

#include "base/strings.h"
#include "codec/json.h"

namespace signet::oidc {
namespace {

using Kind = FetchFault::Kind;

FetchFault fault(Kind kind, std::string cause) {
  return {.kind = kind, .cause = std::move(cause)};
}

std::unexpected<FetchFault> unknown_key() {
  return std::unexpected(
      fault(Kind::Refused, "the token names no key that its issuer publishes for its algorithm"));
}

// An issuer's URL may end in a slash, which its name does not have.
std::string_view without_slash(std::string_view url) {
  if (url.ends_with('/')) {
    url.remove_suffix(1);
  }
  return url;
}

// Where the discovery document says that the keys are.
std::expected<std::string, FetchFault> keys_url_in(const std::string& document,
                                                   const std::string& url) {
  const std::optional<codec::Json> json = codec::Json::parse(document);
  if (!json || !json->is_object()) {
    return std::unexpected(fault(Kind::Refused, "the discovery document is no JSON object"));
  }
  if (without_slash(json->string_at("issuer")) != url) {
    return std::unexpected(fault(Kind::Refused,
                                 concat("the discovery document is of the issuer ",
                                        json->string_at("issuer"),
                                        ", not of ",
                                        url)));
  }
  const std::string_view keys = json->string_at("jwks_uri");
  if (!https_url_of(keys)) {
    return std::unexpected(
        fault(Kind::Refused, "the discovery document has no jwks_uri of the form https://..."));
  }
  return std::string(keys);
}

}  // namespace

void IssuerKeys::set_fixed(std::string issuer, jose::JwkSet keys) {
  const std::lock_guard lock(mutex_);
  fixed_[std::move(issuer)] = std::make_shared<const jose::JwkSet>(std::move(keys));
}

IssuerKeys::Answer IssuerKeys::ask(const std::string& issuer) const {
  const std::string url = concat("https://", issuer);
  const auto document = fetch_(concat(url, "/.well-known/openid-configuration"));
  if (!document) {
    return std::unexpected(document.error());
  }
  const auto keys_url = keys_url_in(*document, url);
  if (!keys_url) {
    return std::unexpected(keys_url.error());
  }
  const auto text = fetch_(*keys_url);
  if (!text) {
    return std::unexpected(text.error());
  }
  auto keys = jose::JwkSet::read(*text);
  if (!keys) {
    return std::unexpected(fault(Kind::Refused, concat(*keys_url, ": ", keys.error())));
  }
  return std::make_shared<const jose::JwkSet>(*std::move(keys));
}

std::optional<IssuerKeys::Answer> IssuerKeys::known(const Entry& entry,
                                                    const jose::CompactJws& token) const {
  const std::int64_t now = now_();
  const bool is_paused = entry.was_asked && now - entry.asked_ms < kPauseMs;
  const std::int64_t age = now - entry.fetched_ms;
  if (entry.keys && (age < kFreshMs || (is_paused && age < kUsableMs))) {
    if (entry.keys->find(token) != nullptr) {
      return Answer(entry.keys);
    }
    if (is_paused) {
      return unknown_key();
    }
  }
  if (is_paused && entry.fault) {
    return Answer(std::unexpected(*entry.fault));
  }
  return std::nullopt;
}

void IssuerKeys::keep(Entry& entry, Answer answer, std::int64_t now_ms) {
  entry.was_asked = true;
  entry.asked_ms = now_ms;
  entry.fault.reset();
  if (answer) {
    entry.keys = *std::move(answer);
    entry.fetched_ms = now_ms;
  } else {
    entry.fault = std::move(answer.error());
  }
}

// Makes room by forgetting the issuer that was asked longest ago.
std::shared_ptr<IssuerKeys::Entry> IssuerKeys::entry_of(const std::string& issuer) {
  const auto found = entries_.find(issuer);
  if (found != entries_.end()) {
    return found->second;
  }
  if (entries_.size() >= kMaxIssuers) {
    entries_.erase(std::ranges::min_element(
        entries_, {}, [](const auto& item) { return item.second->asked_ms; }));
  }
  return entries_[issuer] = std::make_shared<Entry>();
}

std::expected<KeySetRef, FetchFault> IssuerKeys::find(std::string_view issuer,
                                                      const jose::CompactJws& token) {
  const std::string name(issuer);
  std::unique_lock lock(mutex_);
  if (const auto fixed = fixed_.find(issuer); fixed != fixed_.end()) {
    return fixed->second->find(token) != nullptr ? Answer(fixed->second) : unknown_key();
  }
  const std::shared_ptr<Entry> entry = entry_of(name);
  while (true) {
    if (std::optional<Answer> answer = known(*entry, token)) {
      return *std::move(answer);
    }
    if (entry->is_asking) {
      if (entry->waiting >= kMaxWaiting) {
        return std::unexpected(
            fault(Kind::Unreachable, "the issuer is slow, and others wait for it already"));
      }
      ++entry->waiting;
      answered_.wait(lock, [&entry] { return !entry->is_asking; });
      --entry->waiting;
      continue;
    }
    entry->is_asking = true;
    lock.unlock();
    Answer answer = ask(name);
    lock.lock();
    entry->is_asking = false;
    keep(*entry, std::move(answer), now_());
    answered_.notify_all();
  }
}

}  // namespace signet::oidc
