#include "token/context_assertion.h"

#include "codec/base64.h"
#include "token/record.h"

namespace signet::token {
namespace {

constexpr std::string_view kMagic = "\xc7\x2e\xb4\x01";  // a random start, then the version
static_assert(kMagic.size() == 4);

}  // namespace

std::optional<std::string> seal_context_assertion(const KeyRing& ring,
                                                  const ContextAssertion& assertion,
                                                  Instant now,
                                                  Random& random) {
  RecordWriter record;
  record.signed_number(assertion.expires.unix_ms);
  record.text(assertion.account);
  record.text(assertion.user_id);
  record.text(assertion.identity_store_arn);
  record.text(assertion.instance_arn);
  record.text(assertion.application_arn);
  record.text(assertion.credential_id);
  const auto sealed = ring.seal(Purpose::ContextAssertion, kMagic, record.bytes(), now, random);
  if (!sealed) {
    return std::nullopt;
  }
  std::string text = codec::encode_base64url(*sealed);
  return text.size() <= kMaxContextAssertionSize ? std::optional(std::move(text)) : std::nullopt;
}

std::optional<ContextAssertion> open_context_assertion(const KeyRing& ring,
                                                       std::string_view text,
                                                       Instant now) {
  if (text.size() > kMaxContextAssertionSize) {
    return std::nullopt;
  }
  std::optional<std::string> sealed = codec::decode_base64url(text);
  const auto record =
      sealed ? ring.open(Purpose::ContextAssertion, kMagic, *sealed, now) : std::nullopt;
  if (!record) {
    return std::nullopt;
  }
  RecordReader in(*record);
  ContextAssertion assertion;
  assertion.expires = Instant{in.signed_number()};
  assertion.account = in.text();
  assertion.user_id = in.text();
  assertion.identity_store_arn = in.text();
  assertion.instance_arn = in.text();
  assertion.application_arn = in.text();
  assertion.credential_id = in.text();
  const bool is_whole = in.is_good() && in.is_at_end() && now < assertion.expires;
  return is_whole ? std::optional(std::move(assertion)) : std::nullopt;
}

}  // namespace signet::token
