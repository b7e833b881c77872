#include "rolesanywhere/mapping.h"

#include <algorithm>
#include <array>

#include "base/assertion.h"
#include "base/strings.h"
#include "facts/patterns.h"
#include "facts/quotas.h"
#include "facts/rolesanywhere_sentences.h"

namespace signet::rolesanywhere {
namespace {

using crypto::EndEntity;
using crypto::NamePart;
using identity::CertificateField;

constexpr std::string_view kAll = "*";
constexpr std::string_view kDirectoryName = "Name/";

struct FieldName {
  CertificateField field;
  std::string_view name;
};

constexpr std::array kFields = {FieldName{CertificateField::Subject, "x509Subject"},
                                FieldName{CertificateField::Issuer, "x509Issuer"},
                                FieldName{CertificateField::AlternativeName, "x509SAN"}};

// The types of RFC 4514 3.
constexpr std::array<std::string_view, 9> kTypes = {
    "CN", "L", "ST", "O", "OU", "C", "STREET", "DC", "UID"};

bool is_type(std::string_view specifier) {
  return std::ranges::find(kTypes, specifier) != kTypes.end();
}

bool is_object_identifier(std::string_view text) {
  return text.find('.') != std::string_view::npos && !text.starts_with('.') &&
         !text.ends_with('.') && text.find("..") == std::string_view::npos &&
         std::ranges::all_of(text, [](char c) { return is_digit(c) || c == '.'; });
}

bool is_name_specifier(std::string_view specifier) {
  return specifier == kAll || is_type(specifier) || is_object_identifier(specifier);
}

// The patterns of session tags, which AssumeRole holds them against.
const facts::Pattern& pattern(std::string_view text) {
  const auto found = std::ranges::find(
      facts::kAllPatterns, text, [](const facts::Pattern* one) { return one->text; });
  SIGNET_ASSERT(found != facts::kAllPatterns.end());
  return **found;
}

bool is_tag_value(std::string_view value) {
  static const facts::Pattern& values = pattern(R"([\p{L}\p{Z}\p{N}_.:/=+\-@]*)");
  return utf8_length(value) <= facts::kTagValueCharacters && facts::matches(values, value);
}

bool is_source_identity(std::string_view text) {
  static constexpr std::string_view kMarks = "_+=,.@-";
  return text.size() <= facts::kSourceIdentityMax && std::ranges::all_of(text, [](char c) {
           return is_alpha(c) || is_digit(c) || kMarks.find(c) != std::string_view::npos;
         });
}

// Collects tags, each key once.
class Tags {
 public:
  Status add(std::string key, std::string_view value) {
    if (!is_tag_value(value)) {
      return subject_unfit(value);
    }
    const auto found = std::ranges::find(tags_, key, &model::Tag::key);
    if (found == tags_.end()) {
      tags_.push_back({.key = std::move(key), .value = std::string(value)});
    }
    return {};
  }

  std::vector<model::Tag> take() { return std::move(tags_); }

 private:
  std::vector<model::Tag> tags_;
};

// Types of a name that a specifier means, in their order, each once.
std::vector<std::string> types_in(const std::vector<NamePart>& name, std::string_view specifier) {
  std::vector<std::string> types;
  for (const NamePart& part : name) {
    const bool is_meant = specifier == kAll ? is_type(part.type) : part.type == specifier;
    if (is_meant && std::ranges::find(types, part.type) == types.end()) {
      types.push_back(part.type);
    }
  }
  return types;
}

std::string values_of(const std::vector<NamePart>& name,
                      std::string_view type,
                      std::string_view separator) {
  std::string joined;
  for (const NamePart& part : name) {
    if (part.type == type) {
      joined += joined.empty() ? "" : separator;
      joined += part.value;
    }
  }
  return joined;
}

Status add_name(Tags& tags,
                std::string_view prefix,
                const std::vector<NamePart>& name,
                std::string_view specifier) {
  for (const std::string& type : types_in(name, specifier)) {
    TRY_STATUS(tags.add(concat(prefix, type), values_of(name, type, "/")));
  }
  return {};
}

Status add_alternative(Tags& tags, const EndEntity& certificate, std::string_view specifier) {
  const bool is_all = specifier == kAll;
  if ((is_all || specifier == "DNS") && !certificate.dns_names.empty()) {
    TRY_STATUS(tags.add("x509SAN/DNS", certificate.dns_names.front()));
  }
  if ((is_all || specifier == "URI") && !certificate.uris.empty()) {
    TRY_STATUS(tags.add("x509SAN/URI", certificate.uris.front()));
  }
  if (is_all || specifier.starts_with(kDirectoryName)) {
    return add_name(tags,
                    "x509SAN/Name/",
                    certificate.directory_name,
                    is_all ? kAll : specifier.substr(kDirectoryName.size()));
  }
  return {};
}

}  // namespace

std::vector<identity::AttributeMapping> default_mappings() {
  return {{.field = CertificateField::Issuer, .specifiers = {"*"}},
          {.field = CertificateField::AlternativeName, .specifiers = {"DNS", "URI", "Name/*"}},
          {.field = CertificateField::Subject, .specifiers = {"*"}}};
}

std::vector<AttributeMapping> to_wire(const std::vector<identity::AttributeMapping>& mappings) {
  std::vector<AttributeMapping> wire;
  for (const identity::AttributeMapping& mapping : mappings) {
    AttributeMapping& one = wire.emplace_back();
    one.certificate_field = std::string(name_of(mapping.field));
    one.mapping_rules.emplace();
    for (const std::string& specifier : mapping.specifiers) {
      one.mapping_rules->push_back({.specifier = specifier});
    }
  }
  return wire;
}

CertificateField field_of(std::string_view name) {
  return std::ranges::find(kFields, name, &FieldName::name)->field;
}

std::string_view name_of(CertificateField field) {
  return std::ranges::find(kFields, field, &FieldName::field)->name;
}

Status check_specifier(CertificateField field, std::string_view specifier) {
  bool is_known = is_name_specifier(specifier);
  if (field == CertificateField::AlternativeName) {
    is_known = specifier == kAll || specifier == "DNS" || specifier == "URI" ||
               (specifier.starts_with(kDirectoryName) &&
                is_name_specifier(specifier.substr(kDirectoryName.size())));
  }
  return is_known ? Status() : Status(mapping_invalid(specifier, name_of(field)));
}

Result<std::vector<model::Tag>> tags_of(const std::vector<identity::AttributeMapping>& mappings,
                                        const EndEntity& certificate) {
  Tags tags;
  for (const identity::AttributeMapping& mapping : mappings) {
    for (const std::string& specifier : mapping.specifiers) {
      switch (mapping.field) {
        case CertificateField::Subject:
          TRY_STATUS(add_name(tags, "x509Subject/", certificate.subject_parts, specifier));
          break;
        case CertificateField::Issuer:
          TRY_STATUS(add_name(tags, "x509Issuer/", certificate.issuer_parts, specifier));
          break;
        case CertificateField::AlternativeName:
          TRY_STATUS(add_alternative(tags, certificate, specifier));
          break;
      }
    }
  }
  std::vector<model::Tag> all = tags.take();
  if (all.size() > facts::kTagsPerEntity) {
    return session_tags_too_many(facts::kTagsPerEntity);
  }
  return all;
}

Result<std::string> source_identity_of(const EndEntity& certificate) {
  const std::string names = values_of(certificate.subject_parts, "CN", ",CN=");
  if (names.empty()) {
    return std::string();
  }
  std::string identity = concat("CN=", names);
  if (!is_source_identity(identity)) {
    return subject_unfit(identity);
  }
  return identity;
}

}  // namespace signet::rolesanywhere
