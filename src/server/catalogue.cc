#include "server/catalogue.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

#include "base/strings.h"
#include "codec/json.h"
#include "codec/json_writer.h"
#include "crypto/sha256.h"
#include "facts/errors.h"
#include "facts/managed_policies.h"
#include "policy/validate.h"

namespace signet::server {
namespace {

using identity::ManagedPolicy;

std::uint32_t version_number(std::string_view id) {
  const auto number = id.starts_with('v') ? parse_decimal(id.substr(1)) : std::nullopt;
  return number ? static_cast<std::uint32_t>(*number) : 1;
}

void set_document(ManagedPolicy& policy, std::uint32_t number, std::string text) {
  policy.default_version = number;
  policy.next_version = number + 1;
  policy.versions.push_back(
      identity::PolicyVersion{.number = number,
                              .document = identity::make_document(std::move(text)),
                              .created = policy.updated});
}

ManagedPolicy built_in(const facts::ManagedPolicy& fact) {
  ManagedPolicy policy;
  policy.account = "aws";
  policy.id = fact.policy_id;
  policy.name = fact.name;
  policy.path = fact.path;
  policy.description = fact.description;
  policy.created = fact.create_date;
  policy.updated = fact.update_date;
  set_document(policy, version_number(fact.default_version_id), std::string(fact.document));
  return policy;
}

std::unexpected<Error> bad(std::string message) {
  return fail(ErrorCode::InvalidInput, std::move(message));
}

// JSON text of a value, as read.
void append_json(std::string& out, const codec::Json& value) {
  using Type = codec::Json::Type;
  switch (value.type()) {
    case Type::Null:
      out += "null";
      return;
    case Type::Bool:
    case Type::Number:
      out += value.text();
      return;
    case Type::String:
      codec::append_json_string(out, value.text());
      return;
    case Type::Array: {
      out += '[';
      const char* separator = "";
      for (const codec::Json& item : value.items()) {
        out += std::exchange(separator, ",");
        append_json(out, item);
      }
      out += ']';
      return;
    }
    case Type::Object: {
      out += '{';
      const char* separator = "";
      for (const auto& [name, member] : value.members()) {
        out += std::exchange(separator, ",");
        codec::append_json_string(out, name);
        out += ':';
        append_json(out, member);
      }
      out += '}';
      return;
    }
  }
}

}  // namespace

Result<ManagedPolicy> parse_imported_policy(std::string_view text) {
  std::string reason;
  const auto json = codec::Json::parse(text, &reason);
  if (!json || !json->is_object()) {
    return bad("not a JSON object: " + reason);
  }
  ManagedPolicy policy;
  policy.account = "aws";
  policy.name = std::string(json->string_at("name"));
  if (policy.name.empty()) {
    return bad("needs a \"name\"");
  }
  const std::string_view path = json->string_at("path");
  policy.path = path.empty() ? "/" : std::string(path);
  if (!policy.path.starts_with('/') || !policy.path.ends_with('/')) {
    return bad("\"path\" must begin and end with /");
  }
  policy.description = std::string(json->string_at("description"));
  policy.id = "ANPA" + crypto::sha256_hex(identity::arn_of(policy)).substr(0, 17);
  std::transform(policy.id.begin(), policy.id.end(), policy.id.begin(), [](char c) {
    return c >= 'a' && c <= 'f'               ? static_cast<char>(c - 'a' + 'A')
           : c == '0' || c == '1' || c >= '8' ? static_cast<char>('G' + (c & 7))
                                              : c;
  });
  const codec::Json* document = json->find("document");
  if (document == nullptr) {
    return bad("needs a \"document\"");
  }
  std::string document_text = document->text();
  if (!document->is_string()) {
    append_json(document_text, *document);
  }
  if (auto valid = policy::validate(document_text, {.profile = policy::Profile::Identity});
      !valid) {
    return bad("\"document\": " + valid.error().message);
  }
  set_document(policy, version_number(json->string_at("version")), std::move(document_text));
  return policy;
}

Result<std::unique_ptr<Catalogue>> Catalogue::load(const std::string& import_folder) {
  auto catalogue = std::make_unique<Catalogue>();
  for (const facts::ManagedPolicy& fact : facts::managed_policies()) {
    catalogue->add(built_in(fact));
  }
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(import_folder, ignored)) {
    if (entry.path().extension() != ".json") {
      continue;
    }
    std::ifstream in(entry.path(), std::ios::binary);
    const std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    auto policy = parse_imported_policy(text);
    if (!policy) {
      return bad(concat("imported policy ", entry.path().string(), ": ", policy.error().message));
    }
    catalogue->add(std::move(*policy));
  }
  catalogue->sort();
  return catalogue;
}

void Catalogue::add(ManagedPolicy policy) {
  std::string arn = identity::arn_of(policy);
  by_arn_.insert_or_assign(std::move(arn), std::make_unique<ManagedPolicy>(std::move(policy)));
}

void Catalogue::sort() {
  sorted_.clear();
  for (const auto& [arn, policy] : by_arn_) {
    sorted_.push_back(policy.get());
  }
  std::sort(sorted_.begin(), sorted_.end(), [](const ManagedPolicy* a, const ManagedPolicy* b) {
    return a->name < b->name;
  });
}

const ManagedPolicy* Catalogue::find(std::string_view arn) const {
  const auto found = by_arn_.find(std::string(arn));
  return found == by_arn_.end() ? nullptr : found->second.get();
}

}  // namespace signet::server
