#include "facts/wire/xml_decoder.h"

#include <algorithm>

#include "base/strings.h"
#include "codec/time.h"
#include "facts/errors.h"
#include "facts/s3_sentences.h"

namespace signet::facts {
namespace {

using codec::XmlElement;

// The longest document of a typed operation, an access control list of 100 grants, is far below.
constexpr codec::XmlLimits kLimits{.bytes = 256UL * 1024, .depth = 8, .elements = 10'000};

std::optional<std::int64_t> whole_number(std::string_view text) {
  const bool is_negative = text.starts_with('-');
  const auto number = parse_decimal(text.substr(is_negative ? 1 : 0));
  return number && is_negative ? std::optional(-*number) : number;
}

bool is_outside(const MemberRule& member) {
  return member.location != Location::Body && member.location != Location::WholeBody;
}

}  // namespace

void XmlDecoder::string(const MemberRule& member, const StringRule& rule, std::string& out) {
  std::optional<std::string> value;
  string(member, rule, value);
  out = std::move(value).value_or("");
}

void XmlDecoder::string(const MemberRule& member,
                        const StringRule& rule,
                        std::optional<std::string>& out) {
  const std::optional<std::string_view> text = text_of(member);
  if (!text) {
    return;
  }
  if (fits(rule, *text)) {
    out = *text;
  } else if (is_outside(member)) {
    refuse(member, s3::argument_invalid(), *text);
  } else {
    malformed();
  }
}

void XmlDecoder::type(const StringRule& rule, std::optional<std::string>& out) {
  if (current_->type.empty()) {
    return;
  }
  if (!fits(rule, current_->type)) {
    malformed();
  }
  out = current_->type;
}

void XmlDecoder::integer(const MemberRule& member, const BoundsRule& rule, std::int64_t& out) {
  out = number_of(member, rule).value_or(0);
}

void XmlDecoder::integer(const MemberRule& member,
                         const BoundsRule& rule,
                         std::optional<std::int64_t>& out) {
  out = number_of(member, rule);
}

void XmlDecoder::boolean(const MemberRule& member, bool& out) {
  out = truth_of(member).value_or(false);
}

void XmlDecoder::boolean(const MemberRule& member, std::optional<bool>& out) {
  out = truth_of(member);
}

void XmlDecoder::timestamp(const MemberRule& member, std::optional<Instant>& out) {
  if (const std::optional<std::string_view> text = text_of(member)) {
    out = codec::parse_iso8601(trimmed(*text, kWhiteSpace));
    if (!out) {
      malformed();
    }
  }
}

void XmlDecoder::strings(const MemberRule& member,
                         const XmlListRule& list,
                         const StringRule& rule,
                         std::vector<std::string>& out) {
  if (!is_outside(member)) {
    each_item(member, list, [&](const XmlElement& item) {
      if (!item.children.empty() || !fits(rule, item.text)) {
        malformed();
      }
      out.push_back(item.text);
    });
    return;
  }
  std::optional<std::string_view> rest = text_of(member);
  while (rest) {
    const std::size_t comma = rest->find(',');
    const std::string_view one = trimmed(rest->substr(0, comma));
    rest = comma == std::string_view::npos ? std::nullopt : std::optional(rest->substr(comma + 1));
    if (!fits(rule, one)) {
      refuse(member, s3::attribute_unknown(), one);
    }
    out.emplace_back(one);
  }
}

const XmlElement* XmlDecoder::find(const MemberRule& member) {
  if (member.location == Location::WholeBody) {
    return read_document(member);
  }
  const XmlElement* const found = current_->find(member.wire);
  if (found != nullptr) {
    taken_ += 1;
  } else if (member.is_required) {
    malformed();
  }
  return found;
}

const XmlElement* XmlDecoder::read_document(const MemberRule& member) {
  if (trimmed(input_.body, kWhiteSpace).empty()) {
    if (member.is_required) {
      malformed();
    }
    return nullptr;
  }
  document_ = codec::read_xml(input_.body, kLimits);
  if (!document_ || document_->name != member.wire) {
    malformed();
    return nullptr;
  }
  return &*document_;
}

void XmlDecoder::each_item(const MemberRule& member,
                           const XmlListRule& list,
                           const std::function<void(const XmlElement&)>& take) {
  if (list.item.empty()) {
    for (const XmlElement& child : current_->children) {
      if (child.name == member.wire) {
        taken_ += 1;
        take(child);
      }
    }
    return;
  }
  const XmlElement* const whole = find(member);
  if (whole == nullptr) {
    return;
  }
  const bool is_clean = std::ranges::all_of(
      whole->children, [&](const XmlElement& child) { return child.name == list.item; });
  if (!is_clean || !trimmed(whole->text, kWhiteSpace).empty()) {
    malformed();
    return;
  }
  std::ranges::for_each(whole->children, take);
}

std::optional<std::string_view> XmlDecoder::text_of(const MemberRule& member) {
  switch (member.location) {
    case Location::Path:
      return member.wire == "Bucket" ? input_.bucket : input_.key;
    case Location::Header:
    case Location::Query:
    case Location::QueryOrBody: {
      auto text = member.location == Location::Header ? input_.header(member.wire)
                                                      : input_.param(member.wire);
      if (!text && member.is_required) {
        refuse(member, s3::argument_missing(member.wire), "");
      }
      return text;
    }
    default:
      break;
  }
  const XmlElement* const element = find(member);
  if (element == nullptr) {
    return std::nullopt;
  }
  if (!element->children.empty()) {
    malformed();
  }
  return element->text;
}

std::optional<std::int64_t> XmlDecoder::number_of(const MemberRule& member,
                                                  const BoundsRule& rule) {
  const std::optional<std::string_view> text = text_of(member);
  if (!text) {
    return std::nullopt;
  }
  const auto number = whole_number(trimmed(*text, kWhiteSpace));
  const bool fits = number && (rule.min < 0 || *number >= rule.min) &&
                    (rule.max < 0 || *number <= rule.max) && *number <= INT32_MAX;
  if (fits && (*number >= 0 || !is_outside(member))) {
    return number;
  }
  if (is_outside(member)) {
    refuse(member, s3::page_size_invalid(member.wire), *text);
  } else {
    malformed();
  }
  return std::nullopt;
}

std::optional<bool> XmlDecoder::truth_of(const MemberRule& member) {
  const std::optional<std::string_view> text = text_of(member);
  if (!text) {
    return std::nullopt;
  }
  const std::string_view word = trimmed(*text, kWhiteSpace);
  const bool is_header = is_outside(member);
  if (word == "true" || (is_header && equals_ignore_case(word, "true"))) {
    return true;
  }
  if (word != "false" && !(is_header && equals_ignore_case(word, "false"))) {
    is_header ? refuse(member, s3::argument_invalid(), *text) : malformed();
  }
  return false;
}

bool XmlDecoder::fits(const StringRule& rule, std::string_view text) const {
  if (!rule.values.empty()) {
    return std::ranges::find(rule.values, text) != rule.values.end();
  }
  const auto length = static_cast<std::int64_t>(utf8_length(text));
  return length >= rule.min && (rule.max < 0 || length <= rule.max);
}

void XmlDecoder::check_whole(const XmlElement& element) {
  if (taken_ != element.children.size() || !trimmed(element.text, kWhiteSpace).empty()) {
    malformed();
  }
}

void XmlDecoder::malformed() {
  if (verdict_) {
    verdict_ = std::unexpected(make_error(ErrorCode::MalformedXML));
  }
}

void XmlDecoder::refuse(const MemberRule& member,
                        std::unexpected<Error> refusal,
                        std::string_view text) {
  if (verdict_) {
    refusal.error().fields.emplace_back("ArgumentName", member.wire);
    refusal.error().fields.emplace_back("ArgumentValue", text);
    verdict_ = std::move(refusal);
  }
}

}  // namespace signet::facts
