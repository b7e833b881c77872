#include "s3/xml_body.h"

#include <algorithm>

#include "base/strings.h"
#include "codec/xml_reader.h"
#include "facts/errors.h"
#include "facts/quotas.h"
#include "facts/s3_sentences.h"
#include "s3/answers.h"

namespace signet::s3 {
namespace {

constexpr codec::XmlLimits kLimits{.bytes = kDeleteListBytes, .depth = 8, .elements = 100'000};

std::unexpected<Error> malformed() {
  return std::unexpected(facts::make_error(ErrorCode::MalformedXML));
}

// The root element, if it has that name.
std::optional<codec::XmlElement> read_root(std::string_view body, std::string_view name) {
  std::optional<codec::XmlElement> root = codec::read_xml(body, kLimits);
  return root && root->name == name ? std::move(root) : std::nullopt;
}

std::string text_or_empty(const codec::XmlElement& element, std::string_view child) {
  return std::string(element.text_of(child).value_or(""));
}

std::optional<CompletedPart> part_of(const codec::XmlElement& element) {
  const auto number =
      parse_decimal(trimmed(element.text_of("PartNumber").value_or(""), kWhiteSpace));
  const auto etag = element.text_of("ETag");
  if (!number || !etag) {
    return std::nullopt;
  }
  CompletedPart part{.number = *number,
                     .etag = std::string(unquoted(trimmed(*etag, kWhiteSpace))),
                     .checksums = {}};
  for (const crypto::ChecksumAlgorithm algorithm : crypto::checksum_algorithms()) {
    if (const auto value = element.text_of(checksum_element(algorithm))) {
      part.checksums.emplace_back(algorithm, trimmed(*value, kWhiteSpace));
    }
  }
  return part;
}

}  // namespace

Result<BucketConfiguration> read_bucket_configuration(std::string_view body) {
  if (trimmed(body, kWhiteSpace).empty()) {
    return BucketConfiguration{};
  }
  const auto root = read_root(body, "CreateBucketConfiguration");
  if (!root) {
    return malformed();
  }
  // Directory buckets and the like are another product; silently making a plain bucket instead
  // would be a lie.
  for (const codec::XmlElement& child : root->children) {
    if (child.name == "Location" || child.name == "Bucket") {
      return configuration_not_implemented(child.name);
    }
    if (child.name != "LocationConstraint" && child.name != "Tags") {
      return malformed();
    }
  }
  BucketConfiguration out{.location = std::string(trimmed(
                              root->text_of("LocationConstraint").value_or(""), kWhiteSpace)),
                          .tags = {}};
  if (const codec::XmlElement* tags = root->find("Tags")) {
    for (const codec::XmlElement& tag : tags->children) {
      const auto key = tag.text_of("Key");
      const auto value = tag.text_of("Value");
      if (tag.name != "Tag" || !key || !value) {
        return malformed();
      }
      out.tags.emplace_back(*key, *value);
    }
  }
  return out;
}

Result<DeleteList> read_delete_list(std::string_view body) {
  const auto root = read_root(body, "Delete");
  if (!root) {
    return malformed();
  }
  DeleteList list{.entries = {},
                  .is_quiet = trimmed(root->text_of("Quiet").value_or(""), kWhiteSpace) == "true"};
  for (const codec::XmlElement& child : root->children) {
    if (child.name != "Object") {
      continue;
    }
    const auto key = child.text_of("Key");
    if (!key || key->empty() || list.entries.size() == facts::kObjectsPerDeletion) {
      return malformed();
    }
    list.entries.push_back(
        DeleteEntry{.key = std::string(*key),
                    .version_id = text_or_empty(child, "VersionId"),
                    .etag = std::string(unquoted(child.text_of("ETag").value_or("")))});
  }
  return list.entries.empty() ? Result<DeleteList>(malformed()) : list;
}

Result<std::vector<CompletedPart>> read_completed_parts(std::string_view body) {
  if (trimmed(body, kWhiteSpace).empty()) {
    return std::vector<CompletedPart>();
  }
  const auto root = read_root(body, "CompleteMultipartUpload");
  if (!root) {
    return malformed();
  }
  std::vector<CompletedPart> parts;
  for (const codec::XmlElement& child : root->children) {
    std::optional<CompletedPart> part = child.name == "Part" ? part_of(child) : std::nullopt;
    if (!part || parts.size() == facts::kPartsPerUpload) {
      return malformed();
    }
    parts.push_back(*std::move(part));
  }
  return parts;
}

std::string checksum_element(crypto::ChecksumAlgorithm algorithm) {
  return concat("Checksum", crypto::checksum_name(algorithm));
}

}  // namespace signet::s3
