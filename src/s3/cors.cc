#include "s3/cors.h"

#include <algorithm>

#include "base/strings.h"
#include "codec/xml_reader.h"
#include "facts/s3_documents.h"
#include "s3/document_form.h"

namespace signet::s3 {
namespace {

CorsRule rule_of(const codec::XmlElement& element) {
  CorsRule rule;
  for (const codec::XmlElement& child : element.children) {
    if (child.name == "AllowedOrigin") {
      rule.origins.push_back(child.text);
    } else if (child.name == "AllowedMethod") {
      rule.methods.push_back(child.text);
    } else if (child.name == "AllowedHeader") {
      rule.headers.push_back(child.text);
    } else if (child.name == "ExposeHeader") {
      rule.exposed.push_back(child.text);
    } else if (child.name == "MaxAgeSeconds") {
      rule.max_age = child.text;
    }
  }
  return rule;
}

const std::string* origin_for(const CorsRule& rule, std::string_view origin) {
  const auto found = std::ranges::find_if(
      rule.origins, [&](const std::string& pattern) { return matches_wildcard(pattern, origin); });
  return found == rule.origins.end() ? nullptr : &*found;
}

bool allows_header(const CorsRule& rule, std::string_view name) {
  const std::string lower = to_lower(name);
  return std::ranges::any_of(rule.headers, [&](const std::string& pattern) {
    return matches_wildcard(to_lower(pattern), lower);
  });
}

bool allows(const CorsRule& rule, const CrossOriginCall& call) {
  return origin_for(rule, call.origin) != nullptr &&
         std::ranges::find(rule.methods, call.method) != rule.methods.end() &&
         std::ranges::all_of(call.headers,
                             [&](std::string_view name) { return allows_header(rule, name); });
}

template <class Texts>
std::string joined(const Texts& texts) {
  std::string out;
  for (const auto& text : texts) {
    out += out.empty() ? "" : ", ";
    out += text;
  }
  return out;
}

}  // namespace

bool matches_wildcard(std::string_view pattern, std::string_view text) {
  const std::size_t star = pattern.find('*');
  if (star == std::string_view::npos) {
    return pattern == text;
  }
  const std::string_view before = pattern.substr(0, star);
  const std::string_view after = pattern.substr(star + 1);
  return text.size() >= before.size() + after.size() && text.starts_with(before) &&
         text.ends_with(after);
}

std::vector<CorsRule> cors_rules(const identity::Bucket& bucket) {
  std::vector<CorsRule> rules;
  const facts::BucketDocumentRow& row = facts::bucket_document_row(facts::BucketDocument::Cors);
  const std::string* kept = kept_document(bucket, row);
  // What cannot be read allows nothing.
  const auto root = kept == nullptr ? std::nullopt : read_document(row, *kept);
  if (root) {
    for (const codec::XmlElement& child : root->children) {
      rules.push_back(rule_of(child));
    }
  }
  return rules;
}

const CorsRule* rule_for(std::span<const CorsRule> rules, const CrossOriginCall& call) {
  const auto found =
      std::ranges::find_if(rules, [&](const CorsRule& rule) { return allows(rule, call); });
  return found == rules.end() ? nullptr : &*found;
}

std::vector<std::string_view> requested_headers(std::string_view list) {
  std::vector<std::string_view> names;
  while (!list.empty()) {
    const std::string_view one = list.substr(0, list.find(','));
    list.remove_prefix(std::min(one.size() + 1, list.size()));
    if (const std::string_view name = trimmed(one); !name.empty()) {
      names.push_back(name);
    }
  }
  return names;
}

void add_cors_headers(const CorsRule& rule,
                      const CrossOriginCall& call,
                      http::ResponseHeaders& headers) {
  const std::string* pattern = origin_for(rule, call.origin);
  const bool is_any = pattern != nullptr && *pattern == "*";
  headers.add("Access-Control-Allow-Origin", is_any ? std::string_view("*") : call.origin);
  if (!call.headers.empty()) {
    headers.add("Access-Control-Allow-Headers", to_lower(joined(call.headers)));
  }
  headers.add("Access-Control-Allow-Methods", joined(rule.methods));
  if (!rule.exposed.empty()) {
    headers.add("Access-Control-Expose-Headers", joined(rule.exposed));
  }
  if (!rule.max_age.empty()) {
    headers.add("Access-Control-Max-Age", rule.max_age);
  }
  if (!is_any) {
    headers.add("Access-Control-Allow-Credentials", "true");
  }
  headers.add("Vary", "Origin, Access-Control-Request-Headers, Access-Control-Request-Method");
}

}  // namespace signet::s3
