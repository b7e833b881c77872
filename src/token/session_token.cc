#include "token/session_token.h"

#include <cstring>
#include <utility>

#include "codec/base64.h"
#include "token/deflate.h"
#include "token/record.h"

namespace signet::token {
namespace {

// "IQoJ" in base64, as AWS's tokens begin, then the version of the frame.
constexpr std::string_view kMagic = "\x21\x0a\x09\x01";
static_assert(kMagic.size() == 4);

// First byte of the plaintext. In tokens - do not renumber.
constexpr std::uint8_t kPlainRecord = 1;
constexpr std::uint8_t kDeflatedRecord = 2;

// Bits of the record's flag byte. In tokens - do not renumber.
constexpr std::uint8_t kIsChained = 1;
constexpr std::uint8_t kHasSessionPolicy = 2;
constexpr std::uint8_t kHasMfa = 4;

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

std::vector<model::Tag> read_tags(RecordReader& in) {
  std::vector<model::Tag> tags(in.count());
  for (model::Tag& tag : tags) {
    tag.key = in.text();
    tag.value = in.text();
  }
  return tags;
}

std::vector<std::string> read_texts(RecordReader& in) {
  std::vector<std::string> texts(in.count());
  for (std::string& text : texts) {
    text = in.text();
  }
  return texts;
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
  out.text(secret_key.reveal());
  out.text(session.access_key_id);
  out.text(session.account);
  out.text(session.principal_id);
  out.text(session.session_name);
  out.text(session.issuer_arn);
  out.text(session.session_arn);
  out.text(session.source_identity);
  out.text(session.federated_provider);
  out.text(session.console_session_id);
  out.text(session.policy);
  write_texts(out, session.policy_arns);
  write_tags(out, session.tags);
  write_texts(out, session.transitive_keys);
  write_tags(out, session.claims);
}

// At least the bytes that write_record() makes.
std::size_t room_for(const model::Session& session, const Secret& secret_key) {
  constexpr std::size_t kNumbers = 160;  // flags, times, lengths of the texts below
  constexpr std::size_t kPerItem = 8;
  std::size_t size = kNumbers + secret_key.size();
  for (const std::string* text : {&session.access_key_id,
                                  &session.account,
                                  &session.principal_id,
                                  &session.session_name,
                                  &session.issuer_arn,
                                  &session.session_arn,
                                  &session.source_identity,
                                  &session.federated_provider,
                                  &session.console_session_id,
                                  &session.policy}) {
    size += text->size();
  }
  for (const std::vector<std::string>* texts : {&session.policy_arns, &session.transitive_keys}) {
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
         kind <= static_cast<std::uint8_t>(model::SessionKind::AssumedRoot);
}

// Fills `opened`, in place, since moving a session costs as much as opening it; false if malformed.
bool read_record(std::string_view bytes, OpenedSession& opened) {
  RecordReader in(bytes);
  model::Session& session = opened.session;
  const std::uint8_t kind = in.byte();
  if (!is_known_kind(kind)) {
    return false;
  }
  session.kind = static_cast<model::SessionKind>(kind);
  const std::uint8_t flags = in.byte();
  session.is_chained = (flags & kIsChained) != 0;
  session.has_session_policy = (flags & kHasSessionPolicy) != 0;
  session.issued = Instant{in.signed_number()};
  session.expires = Instant{session.issued.unix_ms + in.signed_number()};
  if ((flags & kHasMfa) != 0) {
    session.mfa_time = Instant{in.signed_number()};
  }
  opened.secret_key = Secret(std::string(in.text()));
  session.access_key_id = in.text();
  session.account = in.text();
  session.principal_id = in.text();
  session.session_name = in.text();
  session.issuer_arn = in.text();
  session.session_arn = in.text();
  session.source_identity = in.text();
  session.federated_provider = in.text();
  session.console_session_id = in.text();
  session.policy = in.text();
  session.policy_arns = read_texts(in);
  session.tags = read_tags(in);
  session.transitive_keys = read_texts(in);
  session.claims = read_tags(in);
  return in.is_good() && in.is_at_end();
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
    frame[kBody - 1] = static_cast<char>(kDeflatedRecord);
    explicit_bzero(frame.data() + kBody, rest);
    frame.replace(kBody, rest, shorter);
  }
  wipe(shorter);
}

}  // namespace

std::optional<std::string> seal_session(const KeyRing& ring,
                                        const model::Session& session,
                                        const Secret& secret_key,
                                        Instant now,
                                        Random& random) {
  constexpr std::size_t kFront = KeyRing::kFrontSize;
  RecordWriter record(kFront, room_for(session, secret_key) + crypto::kAeadTagSize);
  record.byte(kPlainRecord);
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
  std::optional<std::string> sealed = codec::decode_base64(text);
  if (!sealed) {
    return std::nullopt;
  }
  const std::optional<std::string_view> plaintext =
      ring.open(Purpose::SessionToken, kMagic, *sealed, now);
  if (!plaintext || plaintext->empty()) {
    return std::nullopt;
  }
  const auto form = static_cast<std::uint8_t>(plaintext->front());
  const std::string_view body = plaintext->substr(1);
  std::optional<OpenedSession> opened(std::in_place);
  bool is_good = false;
  if (form == kPlainRecord) {
    is_good = read_record(body, *opened);
  } else if (form == kDeflatedRecord) {
    std::optional<std::string> whole = inflate_bytes(body, kMaxRecord);
    if (whole) {
      is_good = read_record(*whole, *opened);
      wipe(*whole);
    }
  }
  wipe(*sealed);
  if (!is_good) {
    opened.reset();
  }
  return opened;
}

}  // namespace signet::token
