#include "token/session_token.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <span>
#include <utility>

#include "base/secret_access.h"
#include "codec/base64.h"
#include "token/deflate.h"
#include "token/record.h"

namespace signet::token {
namespace {

// "IQoJ" in base64, as AWS's tokens begin, then the version of the frame.
constexpr std::string_view kMagic = "\x21\x0a\x09\x01";
static_assert(kMagic.size() == 4);

// First byte of the plaintext. In tokens - do not renumber. 1 and 2 were a record with more texts.
constexpr std::uint8_t kPlainRecord = 3;
constexpr std::uint8_t kDeflatedRecord = 4;
// Added to either where padding follows the record. The last two bytes are its size, they included.
constexpr std::uint8_t kPadded = 2;
// Added to any of them where the record ends with the layers of scoped credentials. Others are
// sealed as ever, so that servers without layers open them.
constexpr std::uint8_t kScoped = 4;
constexpr std::size_t kPadSizeBytes = 2;

// Bits of the record's flag byte. In tokens - do not renumber.
constexpr std::uint8_t kIsChained = 1;
constexpr std::uint8_t kHasSessionPolicy = 2;
constexpr std::uint8_t kHasMfa = 4;

using SessionText = std::string model::Session::*;

// The session's texts, in the order of the record. In tokens - do not reorder.
constexpr std::array kTexts{&model::Session::access_key_id,
                            &model::Session::account,
                            &model::Session::principal_id,
                            &model::Session::session_name,
                            &model::Session::source_identity,
                            &model::Session::federated_provider,
                            &model::Session::console_session_id,
                            &model::Session::policy};

// Records at least this long are deflated if that makes them shorter: below, the time is not worth
// the bytes.
constexpr std::size_t kDeflateFrom = 600;
constexpr std::size_t kMaxRecord = 16384;

void write_tags(RecordWriter& out, const std::vector<model::Tag>& tags) {
  out.number(tags.size());
  for (const model::Tag& tag : tags) {
    out.text(tag.key);
    out.text(tag.value);
  }
}

void write_texts(RecordWriter& out, const std::vector<std::string>& texts) {
  out.number(texts.size());
  for (const std::string& text : texts) {
    out.text(text);
  }
}

// `tags` is empty, and mostly stays so.
void read_tags(RecordReader& in, std::vector<model::Tag>& tags) {
  if (const std::size_t count = in.count(); count != 0) {
    tags.resize(count);
    for (model::Tag& tag : tags) {
      tag.key = in.text();
      tag.value = in.text();
    }
  }
}

// Likewise.
void read_texts(RecordReader& in, std::vector<std::string>& texts) {
  if (const std::size_t count = in.count(); count != 0) {
    texts.resize(count);
    for (std::string& text : texts) {
      text = in.text();
    }
  }
}

void write_record(RecordWriter& out, const model::Session& session, const Secret& secret_key) {
  out.byte(static_cast<std::uint8_t>(session.kind));
  out.byte(static_cast<std::uint8_t>((session.is_chained ? kIsChained : 0) |
                                     (session.has_session_policy ? kHasSessionPolicy : 0) |
                                     (session.mfa_time ? kHasMfa : 0)));
  out.signed_number(session.issued.unix_ms);
  out.signed_number(session.expires.unix_ms - session.issued.unix_ms);
  if (session.mfa_time) {
    out.signed_number(session.mfa_time->unix_ms);
  }
  out.text(secret_key.reveal(secret_access()));
  std::ranges::for_each(kTexts, [&](SessionText text) { out.text(session.*text); });
  write_texts(out, session.policy_arns);
  write_tags(out, session.tags);
  write_texts(out, session.transitive_keys);
  write_tags(out, session.claims);
  if (session.is_scoped) {
    write_texts(out, session.scope_policies);
  }
}

// At least the bytes that write_record() makes.
std::size_t room_for(const model::Session& session, const Secret& secret_key) {
  constexpr std::size_t kNumbers = 160;  // flags, times, lengths of the texts below
  constexpr std::size_t kPerItem = 8;
  std::size_t size = kNumbers + secret_key.size();
  std::ranges::for_each(kTexts, [&](SessionText text) { size += (session.*text).size(); });
  for (const std::vector<std::string>* texts :
       {&session.policy_arns, &session.transitive_keys, &session.scope_policies}) {
    for (const std::string& text : *texts) {
      size += text.size() + kPerItem;
    }
  }
  for (const std::vector<model::Tag>* tags : {&session.tags, &session.claims}) {
    for (const model::Tag& tag : *tags) {
      size += tag.key.size() + tag.value.size() + 2 * kPerItem;
    }
  }
  return size;
}

bool is_known_kind(std::uint8_t kind) {
  return kind >= static_cast<std::uint8_t>(model::SessionKind::SessionToken) &&
         kind <= static_cast<std::uint8_t>(model::SessionKind::Delegated);
}

// What write_record() wrote; nothing if malformed.
std::optional<OpenedSession> read_record(std::string_view bytes, bool is_scoped) {
  RecordReader in(bytes);
  const std::uint8_t kind = in.byte();
  if (!is_known_kind(kind)) {
    return std::nullopt;
  }
  const std::uint8_t flags = in.byte();
  // Its members set themselves up; zeroing the memory before that costs more than they do.
  auto session = std::make_shared_for_overwrite<model::Session>();
  session->kind = static_cast<model::SessionKind>(kind);
  session->is_chained = (flags & kIsChained) != 0;
  session->has_session_policy = (flags & kHasSessionPolicy) != 0;
  session->issued = Instant{in.signed_number()};
  session->expires = Instant{session->issued.unix_ms + in.signed_number()};
  if ((flags & kHasMfa) != 0) {
    session->mfa_time = Instant{in.signed_number()};
  }
  const std::string_view secret_key = in.text();
  std::ranges::for_each(kTexts, [&](SessionText text) {
    if (const std::string_view value = in.text(); !value.empty()) {
      session.get()->*text = std::string(value);
    }
  });
  read_texts(in, session->policy_arns);
  read_tags(in, session->tags);
  read_texts(in, session->transitive_keys);
  read_tags(in, session->claims);
  session->is_scoped = is_scoped;
  if (is_scoped) {
    read_texts(in, session->scope_policies);
  }
  if (!in.is_good() || !in.is_at_end()) {
    return std::nullopt;
  }
  return OpenedSession{.session = std::move(session),
                       .secret_key = Secret(std::string(secret_key))};
}

void wipe(std::string& bytes) {
  explicit_bzero(bytes.data(), bytes.size());
  bytes.clear();
}

// Puts the deflated form in the place of the record behind the frame's front, if it is shorter.
void deflate_record(std::string& frame) {
  constexpr std::size_t kBody = KeyRing::kFrontSize + 1;
  std::string shorter = deflate_bytes(std::string_view(frame).substr(kBody));
  const std::size_t rest = frame.size() - kBody;
  if (shorter.size() < rest) {
    frame[kBody - 1] = static_cast<char>(frame[kBody - 1] + kDeflatedRecord - kPlainRecord);
    explicit_bzero(frame.data() + kBody, rest);
    frame.replace(kBody, rest, shorter);
  }
  wipe(shorter);
}

// Puts padding behind the record, so that the sealed text has at least `min_text` characters.
void pad(std::string& frame, std::size_t min_text) {
  const std::size_t wanted = (min_text + 3) / 4 * 3;
  const std::size_t present = frame.size() + crypto::kAeadTagSize;
  if (present >= wanted) {
    return;
  }
  const std::size_t padding = std::max(wanted - present, kPadSizeBytes);
  frame.append(padding - kPadSizeBytes, '\0');
  frame += static_cast<char>(padding >> 8);
  frame += static_cast<char>(padding & 0xFF);
  frame[KeyRing::kFrontSize] = static_cast<char>(frame[KeyRing::kFrontSize] + kPadded);
}

// The record without the padding behind it; nothing if there is none.
std::optional<std::string_view> without_padding(std::string_view body) {
  if (body.size() < kPadSizeBytes) {
    return std::nullopt;
  }
  const std::string_view tail = body.substr(body.size() - kPadSizeBytes);
  const std::size_t padding = (static_cast<std::size_t>(static_cast<std::uint8_t>(tail[0])) << 8) |
                              static_cast<std::uint8_t>(tail[1]);
  if (padding < kPadSizeBytes || padding > body.size()) {
    return std::nullopt;
  }
  body.remove_suffix(padding);
  return body;
}

// What is in a token's plaintext; nothing if malformed.
std::optional<OpenedSession> read_plaintext(std::string_view plaintext) {
  if (plaintext.empty()) {
    return std::nullopt;
  }
  auto form = static_cast<std::uint8_t>(plaintext.front());
  std::string_view body = plaintext.substr(1);
  const bool is_scoped = form >= kPlainRecord + kScoped;
  if (is_scoped) {
    form -= kScoped;
  }
  if (form == kPlainRecord + kPadded || form == kDeflatedRecord + kPadded) {
    const std::optional<std::string_view> record = without_padding(body);
    if (!record) {
      return std::nullopt;
    }
    body = *record;
    form -= kPadded;
  }
  if (form == kPlainRecord) {
    return read_record(body, is_scoped);
  }
  if (form != kDeflatedRecord) {
    return std::nullopt;
  }
  std::optional<std::string> record = inflate_bytes(body, kMaxRecord);
  if (!record) {
    return std::nullopt;
  }
  std::optional<OpenedSession> opened = read_record(*record, is_scoped);
  wipe(*record);
  return opened;
}

}  // namespace

std::optional<std::string> seal_session(const KeyRing& ring,
                                        const model::Session& session,
                                        const Secret& secret_key,
                                        Instant now,
                                        Random& random,
                                        std::size_t min_size) {
  constexpr std::size_t kFront = KeyRing::kFrontSize;
  RecordWriter record(kFront, room_for(session, secret_key) + crypto::kAeadTagSize + min_size);
  record.byte(session.is_scoped ? kPlainRecord + kScoped : kPlainRecord);
  write_record(record, session, secret_key);
  std::string& frame = record.bytes();
  const std::size_t size = frame.size() - kFront;
  if (size > kMaxRecord) {
    wipe(frame);
    return std::nullopt;
  }
  if (size >= kDeflateFrom) {
    deflate_record(frame);
  }
  pad(frame, min_size);
  if (!ring.seal_in_place(Purpose::SessionToken, kMagic, frame, now, random)) {
    wipe(frame);
    return std::nullopt;
  }
  if ((frame.size() + 2) / 3 * 4 > kMaxSessionTokenSize) {
    return std::nullopt;
  }
  return codec::encode_base64(frame);
}

std::optional<OpenedSession> open_session(const KeyRing& ring, std::string_view text, Instant now) {
  if (text.size() > kMaxSessionTokenSize || !text.starts_with("IQoJ")) {
    return std::nullopt;
  }
  std::array<char, kMaxSessionTokenSize / 4 * 3> buffer;
  const std::optional<std::size_t> size = codec::decode_base64_to(text, buffer);
  if (!size) {
    return std::nullopt;
  }
  const std::optional<std::string_view> plaintext =
      ring.open(Purpose::SessionToken, kMagic, std::span(buffer).first(*size), now);
  if (!plaintext) {
    return std::nullopt;
  }
  std::optional<OpenedSession> opened = read_plaintext(*plaintext);
  explicit_bzero(buffer.data(), *size);
  return opened;
}

}  // namespace signet::token
