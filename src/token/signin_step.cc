#include "token/signin_step.h"

#include "codec/base64.h"
#include "token/record.h"

namespace signet::token {
namespace {

constexpr std::string_view kMagic = "\x5e\x91\x7a\x01";  // a random start, then the version
static_assert(kMagic.size() == 4);

constexpr std::size_t kMaxText = 4096;

}  // namespace

std::optional<std::string> seal_signin_step(const KeyRing& ring,
                                            const SigninStep& step,
                                            Instant now,
                                            Random& random) {
  RecordWriter record;
  record.byte(static_cast<std::uint8_t>(step.stage));
  record.signed_number(step.expires.unix_ms);
  record.text(step.browser);
  record.text(step.account);
  record.text(step.principal_id);
  record.signed_number(step.password_changed.unix_ms);
  record.byte(step.mfa_time ? 1 : 0);
  record.signed_number(step.mfa_time.value_or(Instant()).unix_ms);
  record.text(step.destination);
  const auto sealed = ring.seal(Purpose::SigninStep, kMagic, record.bytes(), now, random);
  return sealed ? std::optional(codec::encode_base64url(*sealed)) : std::nullopt;
}

std::optional<SigninStep> open_signin_step(const KeyRing& ring,
                                           std::string_view text,
                                           Instant now) {
  if (text.size() > kMaxText) {
    return std::nullopt;
  }
  std::optional<std::string> sealed = codec::decode_base64url(text);
  const auto record = sealed ? ring.open(Purpose::SigninStep, kMagic, *sealed, now) : std::nullopt;
  if (!record) {
    return std::nullopt;
  }
  RecordReader in(*record);
  SigninStep step;
  step.stage = static_cast<SigninStage>(in.byte());
  step.expires = Instant{in.signed_number()};
  step.browser = in.text();
  step.account = in.text();
  step.principal_id = in.text();
  step.password_changed = Instant{in.signed_number()};
  const bool has_mfa = in.byte() == 1;
  const Instant mfa_time{in.signed_number()};
  step.mfa_time = has_mfa ? std::optional(mfa_time) : std::nullopt;
  step.destination = in.text();
  const bool is_whole = in.is_good() && in.is_at_end() && now < step.expires;
  return is_whole ? std::optional(std::move(step)) : std::nullopt;
}

}  // namespace signet::token
