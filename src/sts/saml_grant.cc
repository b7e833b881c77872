#include "sts/saml_grant.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/assertion.h"
#include "base/strings.h"
#include "codec/base64.h"
#include "crypto/sha1.h"
#include "facts/patterns.h"
#include "facts/quotas.h"
#include "facts/sts_sentences.h"
#include "saml/metadata.h"
#include "sts/propagation.h"

namespace signet::sts {
namespace {

constexpr std::string_view kAttributes = "https://aws.amazon.com/SAML/Attributes/";
constexpr std::string_view kPrincipalTag = "PrincipalTag:";
constexpr std::string_view kBearer = "urn:oasis:names:tc:SAML:2.0:cm:bearer";
constexpr std::string_view kAudience = "urn:amazon:webservices";
constexpr std::string_view kFormats2 = "urn:oasis:names:tc:SAML:2.0:nameid-format:";
constexpr std::string_view kUnspecified = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified";

// Attributes that trust policies can name, by what they are called in assertions (aws-wire 3.2).
struct MappedAttribute {
  std::string_view name;
  std::string_view key;
  bool is_list;
};

constexpr std::array kMapped = {
    MappedAttribute{"urn:oid:1.3.6.1.4.1.5923.1.1.1.1", "saml:edupersonaffiliation", true},
    MappedAttribute{"urn:oid:1.3.6.1.4.1.5923.1.1.1.2", "saml:edupersonnickname", true},
    MappedAttribute{"urn:oid:1.3.6.1.4.1.5923.1.1.1.3", "saml:edupersonorgdn", false},
    MappedAttribute{"urn:oid:1.3.6.1.4.1.5923.1.1.1.4", "saml:edupersonorgunitdn", true},
    MappedAttribute{"urn:oid:1.3.6.1.4.1.5923.1.1.1.5", "saml:edupersonprimaryaffiliation", false},
    MappedAttribute{"urn:oid:1.3.6.1.4.1.5923.1.1.1.6", "saml:edupersonprincipalname", false},
    MappedAttribute{"urn:oid:1.3.6.1.4.1.5923.1.1.1.7", "saml:edupersonentitlement", true},
    MappedAttribute{"urn:oid:1.3.6.1.4.1.5923.1.1.1.8", "saml:edupersonprimaryorgunitdn", false},
    MappedAttribute{"urn:oid:1.3.6.1.4.1.5923.1.1.1.9", "saml:edupersonscopedaffiliation", true},
    MappedAttribute{"urn:oid:1.3.6.1.4.1.5923.1.1.1.10", "saml:edupersontargetedid", true},
    MappedAttribute{"urn:oid:1.3.6.1.4.1.5923.1.1.1.11", "saml:edupersonassurance", true},
    MappedAttribute{"urn:oid:1.3.6.1.4.1.5923.1.2.1.2", "saml:eduorghomepageuri", true},
    MappedAttribute{"urn:oid:1.3.6.1.4.1.5923.1.2.1.3", "saml:eduorgidentityauthnpolicyuri", true},
    MappedAttribute{"urn:oid:1.3.6.1.4.1.5923.1.2.1.4", "saml:eduorglegalname", true},
    MappedAttribute{"urn:oid:1.3.6.1.4.1.5923.1.2.1.5", "saml:eduorgsuperioruri", true},
    MappedAttribute{"urn:oid:1.3.6.1.4.1.5923.1.2.1.6", "saml:eduorgwhitepagesuri", true},
    MappedAttribute{"urn:oid:2.5.4.3", "saml:cn", true}};

const std::vector<std::string>* values_of(const saml::Assertion& assertion, std::string_view name) {
  const auto found = std::ranges::find(assertion.attributes, name, &saml::Attribute::name);
  return found == assertion.attributes.end() ? nullptr : &found->values;
}

const std::vector<std::string>* aws_values_of(const saml::Assertion& assertion,
                                              std::string_view name) {
  return values_of(assertion, concat(kAttributes, name));
}

// The only value of an attribute; nothing if it is absent. Two are a fault of `text`.
Result<std::optional<std::string>> only_value(const saml::Assertion& assertion,
                                              std::string_view name) {
  const std::vector<std::string>* values = aws_values_of(assertion, name);
  if (values == nullptr || values->empty()) {
    return std::nullopt;
  }
  if (values->size() > 1) {
    return saml_attribute_invalid(concat(kAttributes, name));
  }
  return values->front();
}

// 2 to `longest` characters of [\w+=,.@-].
bool is_name(std::string_view text, std::size_t longest) {
  constexpr std::string_view kMarks = "_+=,.@-";
  return text.size() >= 2 && text.size() <= longest && std::ranges::all_of(text, [&](char c) {
           return is_alpha(c) || is_digit(c) || kMarks.find(c) != std::string_view::npos;
         });
}

// AWS's endpoints for assertions, of all regions or of one; the path may name the provider.
bool is_endpoint(std::string_view url, std::string_view uuid, bool must_name_provider) {
  constexpr std::string_view kScheme = "https://";
  constexpr std::string_view kHost = "signin.aws.amazon.com";
  if (!url.starts_with(kScheme)) {
    return false;
  }
  url.remove_prefix(kScheme.size());
  const std::size_t slash = url.find('/');
  if (slash == std::string_view::npos) {
    return false;
  }
  std::string_view host = url.substr(0, slash);
  const std::string_view path = url.substr(slash);
  if (!host.ends_with(kHost)) {
    return false;
  }
  host.remove_suffix(kHost.size());
  const bool is_region = host.ends_with('.') && host.size() > 1 &&
                         std::ranges::all_of(host.substr(0, host.size() - 1), [](char c) {
                           return (c >= 'a' && c <= 'z') || is_digit(c) || c == '-';
                         });
  if (!host.empty() && !is_region) {
    return false;
  }
  const bool names_provider = path == concat("/saml/acs/", uuid);
  const bool is_plain = path == "/saml" || (host.empty() && path == "/static/saml");
  return names_provider || (is_plain && !must_name_provider);
}

// The one confirmation, of a bearer (SAML profiles 4.1.4.2).
Status judge_confirmation(const saml::Assertion& assertion,
                          const identity::SamlProvider& provider,
                          Instant now,
                          SamlGrant& grant) {
  const bool has_one =
      assertion.confirmations.size() == 1 && assertion.confirmations.front().method == kBearer;
  if (!has_one) {
    return saml_confirmation_missing();
  }
  const saml::Confirmation& confirmation = assertion.confirmations.front();
  if (confirmation.recipient.empty() || !confirmation.not_on_or_after) {
    return saml_confirmation_missing();
  }
  const auto is_ours = [&](std::string_view url) {
    return is_endpoint(url, provider.uuid, assertion.was_encrypted);
  };
  if (!is_ours(confirmation.recipient) ||
      (!assertion.destination.empty() && !is_ours(assertion.destination))) {
    return saml_recipient_wrong();
  }
  // Nobody here asked for the assertion: one that answers a question answers that of a program
  // which took it along, and then says so twice if at all (AWS takes such, for instance of tools
  // that ask Microsoft's).
  if (!assertion.in_response_to.empty() && !confirmation.in_response_to.empty() &&
      assertion.in_response_to != confirmation.in_response_to) {
    return saml_response_invalid();
  }
  if (now >= *confirmation.not_on_or_after) {
    return saml_too_old();
  }
  grant.recipient = confirmation.recipient;
  return {};
}

// AWS-DIFF: how far AWS lets a clock be ahead is not known; here what begins later than
// facts::kSAMLClockSkewSeconds from now has not begun, and what has ended has ended
// (SamlGrants.AreForTheirTimeAlone).
Status judge_times(const saml::Assertion& assertion, Instant now, SamlGrant& grant) {
  const Instant latest = now.plus_seconds(facts::kSAMLClockSkewSeconds);
  const auto begins_later = [&](const std::optional<Instant>& time) {
    return time && *time > latest;
  };
  if (begins_later(assertion.issued) || begins_later(assertion.not_before) ||
      begins_later(assertion.confirmations.front().not_before)) {
    return saml_not_yet_valid();
  }
  const Instant end = assertion.issued.plus_seconds(facts::kSAMLRedeemSeconds);
  const bool is_over =
      now >= end || (assertion.not_on_or_after && now >= *assertion.not_on_or_after);
  if (is_over || (assertion.session_not_on_or_after && now >= *assertion.session_not_on_or_after)) {
    return saml_too_old();
  }
  grant.redeemable_until = end;
  grant.session_end = assertion.session_not_on_or_after;
  return {};
}

Status judge_audience(const saml::Assertion& assertion, const identity::SamlProvider& provider) {
  const auto is_ours = [&](const std::string& audience) {
    return audience == kAudience || is_endpoint(audience, provider.uuid, false);
  };
  const bool is_for_us =
      !assertion.audiences.empty() &&
      std::ranges::all_of(assertion.audiences, [&](const std::vector<std::string>& one) {
        return std::ranges::any_of(one, is_ours);
      });
  return is_for_us ? Status() : Status(saml_audience_wrong());
}

// A role and a provider, in either order.
bool is_pair(std::string_view value, std::string_view role, std::string_view provider) {
  const std::size_t comma = value.find(',');
  if (comma == std::string_view::npos) {
    return false;
  }
  const std::string_view first = trimmed(value.substr(0, comma), kWhiteSpace);
  const std::string_view second = trimmed(value.substr(comma + 1), kWhiteSpace);
  return (first == role && second == provider) || (first == provider && second == role);
}

Status judge_role(const saml::Assertion& assertion,
                  std::string_view role_arn,
                  std::string_view provider_arn) {
  const std::vector<std::string>* pairs = aws_values_of(assertion, "Role");
  const bool has_pair =
      pairs != nullptr && std::ranges::any_of(*pairs, [&](const std::string& pair) {
        return is_pair(pair, role_arn, provider_arn);
      });
  return has_pair ? Status() : Status(saml_role_missing());
}

Status read_names(const saml::Assertion& assertion, SamlGrant& grant) {
  const auto session_name = TRY(only_value(assertion, "RoleSessionName"));
  if (!session_name) {
    return saml_session_name_missing();
  }
  if (!is_name(*session_name, facts::kRoleSessionNameMax)) {
    return saml_session_name_invalid();
  }
  grant.session_name = *session_name;
  const auto source_identity = TRY(only_value(assertion, "SourceIdentity"));
  if (source_identity) {
    if (is_reserved(*source_identity) || !is_name(*source_identity, facts::kSourceIdentityMax)) {
      return saml_source_identity_invalid();
    }
    grant.source_identity = *source_identity;
  }
  const auto seconds = TRY(only_value(assertion, "SessionDuration"));
  if (seconds) {
    const auto number = parse_decimal(*seconds);
    if (!number || std::cmp_less(*number, facts::kRoleSessionSecondsMin) ||
        std::cmp_greater(*number, facts::kRoleSessionSecondsMax)) {
      return saml_attribute_invalid(concat(kAttributes, "SessionDuration"));
    }
    grant.session_seconds = *number;
  }
  return {};
}

// The patterns of tag keys and values, which parameters are held against when they are decoded.
const facts::Pattern& pattern(std::string_view text) {
  const auto found = std::ranges::find(
      facts::kAllPatterns, text, [](const facts::Pattern* one) { return one->text; });
  SIGNET_ASSERT(found != facts::kAllPatterns.end());
  return **found;
}

bool is_tag(std::string_view key, std::string_view value) {
  static const facts::Pattern& keys = pattern(R"([\p{L}\p{Z}\p{N}_.:/=+\-@]+)");
  static const facts::Pattern& values = pattern(R"([\p{L}\p{Z}\p{N}_.:/=+\-@]*)");
  return !key.empty() && utf8_length(key) <= facts::kTagKeyCharacters &&
         utf8_length(value) <= facts::kTagValueCharacters && facts::matches(keys, key) &&
         facts::matches(values, value);
}

Status read_session_tags(const saml::Assertion& assertion, SamlGrant& grant) {
  const std::string prefix = concat(kAttributes, kPrincipalTag);
  std::vector<Tag> tags;
  for (const saml::Attribute& attribute : assertion.attributes) {
    if (!attribute.name.starts_with(prefix)) {
      continue;
    }
    const std::string key = attribute.name.substr(prefix.size());
    if (attribute.values.size() != 1 || !is_tag(key, attribute.values.front())) {
      return saml_attribute_invalid(attribute.name);
    }
    tags.push_back({.key = key, .value = attribute.values.front()});
  }
  if (tags.size() > facts::kTagsPerEntity) {
    return saml_attribute_invalid(concat(prefix, "*"));
  }
  const std::vector<std::string>* transitive = aws_values_of(assertion, "TransitiveTagKeys");
  grant.tags = TRY(
      read_tags(tags, transitive == nullptr ? std::vector<std::string>() : *transitive, nullptr));
  return {};
}

std::string subject_type_of(std::string_view format) {
  if (format.empty()) {
    return std::string(kUnspecified);
  }
  return std::string(format.starts_with(kFormats2) ? format.substr(kFormats2.size()) : format);
}

// BASE64(SHA1(issuer, account, "/", name)), aws-wire 3.2.
std::string name_qualifier_of(const saml::Assertion& assertion,
                              const identity::SamlProvider& provider) {
  const auto digest = crypto::sha1(concat(assertion.issuer, provider.account, "/", provider.name));
  return codec::encode_base64(codec::as_text(digest));
}

void add_keys(const saml::Assertion& assertion,
              const identity::SamlProvider& provider,
              SamlGrant& grant) {
  const auto add = [&grant](std::string_view key, std::string value) {
    grant.keys.push_back({.key = std::string(key), .values = {std::move(value)}});
  };
  add("saml:aud", grant.recipient);
  add("saml:iss", grant.issuer);
  add("saml:sub", grant.subject);
  add("saml:sub_type", grant.subject_type);
  add("saml:namequalifier", grant.name_qualifier);
  add("saml:doc", concat(provider.account, "/", provider.name));
  for (const MappedAttribute& mapped : kMapped) {
    const std::vector<std::string>* values = values_of(assertion, mapped.name);
    if (values != nullptr && !values->empty()) {
      grant.keys.push_back({.key = std::string(mapped.key),
                            .values = mapped.is_list ? *values : std::vector{values->front()},
                            .is_list = mapped.is_list});
    }
  }
}

// What sessions tell of the attributes, and of the key that signed them: issuers call themselves
// what they want (new-in-2026 6).
Result<std::vector<model::Tag>> propagated_by(const identity::ContextProvider& by,
                                              const saml::Assertion& assertion,
                                              std::string_view provider_arn) {
  const auto text_of = [&](const std::string& name) -> Result<std::string> {
    const std::vector<std::string>* values = values_of(assertion, name);
    if (values == nullptr || values->empty()) {
      return std::string();
    }
    return values->size() == 1 ? Result<std::string>(values->front()) : oidc_context_invalid(name);
  };
  return propagated_keys(
      by, saml::key_hash(assertion.certificate).value_or(""), provider_arn, text_of);
}

}  // namespace

Result<SamlGrant> judge(const saml::Assertion& assertion,
                        const identity::SamlProvider& provider,
                        std::string_view role_arn,
                        Instant now) {
  SamlGrant grant;
  if (assertion.name_id.empty()) {
    return saml_denied();  // aws-wire 3.2
  }
  TRY_STATUS(judge_confirmation(assertion, provider, now, grant));
  TRY_STATUS(judge_times(assertion, now, grant));
  TRY_STATUS(judge_audience(assertion, provider));
  TRY_STATUS(judge_role(assertion, role_arn, arn_of(provider)));
  TRY_STATUS(read_names(assertion, grant));
  TRY_STATUS(read_session_tags(assertion, grant));
  grant.subject = assertion.name_id;
  grant.subject_type = subject_type_of(assertion.name_id_format);
  grant.issuer = assertion.issuer;
  grant.name_qualifier = name_qualifier_of(assertion, provider);
  grant.id = assertion.id;
  add_keys(assertion, provider, grant);
  if (provider.propagation.context) {
    grant.propagated =
        TRY(propagated_by(*provider.propagation.context, assertion, arn_of(provider)));
  }
  return grant;
}

}  // namespace signet::sts
