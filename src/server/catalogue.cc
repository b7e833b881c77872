#include "server/catalogue.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <utility>

#include "base/strings.h"
#include "codec/json.h"
#include "codec/json_writer.h"
#include "crypto/sha256.h"
#include "facts/errors.h"
#include "facts/managed_policies.h"
#include "policy_writing/validate.h"

namespace signet::server {
namespace {

using identity::ManagedPolicy;

// "v7" is 7; nothing for other text.
std::optional<std::uint32_t> version_number(std::string_view id) {
  const auto number = id.starts_with('v') ? parse_decimal(id.substr(1)) : std::nullopt;
  const bool is_version = number && *number >= 1 && *number <= 1'000'000;
  return is_version ? std::optional(static_cast<std::uint32_t>(*number)) : std::nullopt;
}

void set_document(ManagedPolicy& policy, std::uint32_t number, std::string text) {
  policy.default_version = number;
  policy.next_version = number + 1;
  policy.versions.push_back(
      identity::PolicyVersion{.number = number,
                              .document = identity::make_document(std::move(text)),
                              .created = policy.updated});
}

ManagedPolicy policy_of(const facts::ManagedPolicy& fact) {
  ManagedPolicy policy;
  policy.account = "aws";
  policy.id = fact.policy_id;
  policy.name = fact.name;
  policy.path = fact.path;
  policy.description = fact.description;
  policy.created = fact.create_date;
  policy.updated = fact.update_date;
  set_document(
      policy, version_number(fact.default_version_id).value_or(1), std::string(fact.document));
  return policy;
}

std::unexpected<Error> bad(std::string message) {
  return fail(ErrorCode::InvalidInput, std::move(message));
}

// An id of AWS's shape, the same at every start: ANPA and 17 characters of base32 made from the
// ARN's hash.
std::string id_of(std::string_view arn) {
  constexpr std::string_view kBase32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  constexpr std::size_t kLength = 17;
  const crypto::Sha256Digest hash = crypto::sha256(arn);
  std::string id = "ANPA";
  for (std::size_t i = 0; i < kLength; ++i) {
    id += kBase32[hash[i] % kBase32.size()];
  }
  return id;
}

bool is_name(std::string_view text) {
  static constexpr std::string_view kMore = "+=,.@_-";
  constexpr std::size_t kMaxName = 128;
  return !text.empty() && text.size() <= kMaxName &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  kMore.find(c) != std::string_view::npos;
         });
}

// The .json files of a folder by name, so that of two with one ARN always the same wins. A folder
// that is there but cannot be read is an error: policies that are missing silently would change
// what is denied.
Result<std::vector<std::filesystem::path>> files_of(const std::string& folder) {
  std::vector<std::filesystem::path> files;
  std::error_code error;
  if (folder.empty() || !std::filesystem::exists(folder, error)) {
    return files;
  }
  for (auto entry = std::filesystem::directory_iterator(folder, error);
       !error && entry != std::filesystem::directory_iterator();
       entry.increment(error)) {
    if (entry->path().extension() == ".json") {
      files.push_back(entry->path());
    }
  }
  if (error) {
    return bad(concat("imported policies in ", folder, " cannot be read: ", error.message()));
  }
  std::sort(files.begin(), files.end());
  return files;
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
  if (!is_name(policy.name)) {
    return bad("needs a \"name\" of letters, digits and +=,.@_-");
  }
  const std::string_view path = json->string_at("path");
  policy.path = path.empty() ? "/" : std::string(path);
  if (!policy.path.starts_with('/') || !policy.path.ends_with('/')) {
    return bad("\"path\" must begin and end with /");
  }
  const std::string_view arn = json->string_at("arn");
  if (!arn.empty() && arn != identity::arn_of(policy)) {
    return bad(concat("\"arn\" must be ", identity::arn_of(policy)));
  }
  policy.description = std::string(json->string_at("description"));
  policy.id = id_of(identity::arn_of(policy));
  const codec::Json* document = json->find("document");
  if (document == nullptr) {
    return bad("needs a \"document\"");
  }
  std::string document_text = document->text();
  if (!document->is_string()) {
    codec::append_json(document_text, *document);
  }
  if (auto valid = policy::validate(document_text, {.profile = policy::Profile::Identity});
      !valid) {
    return bad("\"document\": " + valid.error().message);
  }
  const std::string_view version = json->string_at("version");
  const auto number = version.empty() ? std::optional<std::uint32_t>(1) : version_number(version);
  if (!number) {
    return bad("\"version\" must be v1, v2 and so on");
  }
  set_document(policy, *number, std::move(document_text));
  return policy;
}

Catalogue::Catalogue() : built_in_(facts::managed_policies().size()) {}

Result<std::unique_ptr<Catalogue>> Catalogue::load(const std::string& import_folder) {
  std::unique_ptr<Catalogue> catalogue(new Catalogue());
  const std::vector<std::filesystem::path> files = TRY(files_of(import_folder));
  for (const std::filesystem::path& file : files) {
    std::ifstream in(file, std::ios::binary);
    const std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    auto policy = parse_imported_policy(text);
    if (!policy) {
      return bad(concat("imported policy ", file.string(), ": ", policy.error().message));
    }
    std::string arn = identity::arn_of(*policy);
    catalogue->imported_.insert_or_assign(std::move(arn), *std::move(policy));
  }
  return catalogue;
}

const ManagedPolicy* Catalogue::built_in(std::size_t index) const {
  std::atomic<const ManagedPolicy*>& place = built_in_[index];
  if (const ManagedPolicy* made = place.load(std::memory_order_acquire); made != nullptr) {
    return made;
  }
  const std::lock_guard lock(making_);
  if (const ManagedPolicy* made = place.load(std::memory_order_relaxed); made != nullptr) {
    return made;
  }
  const ManagedPolicy& made = made_.emplace_back(policy_of(facts::managed_policies()[index]));
  place.store(&made, std::memory_order_release);
  return &made;
}

const ManagedPolicy* Catalogue::find(std::string_view arn) const {
  if (const auto found = imported_.find(arn); found != imported_.end()) {
    return &found->second;
  }
  const facts::ManagedPolicy* fact = facts::find_managed_policy(arn);
  return fact == nullptr
             ? nullptr
             : built_in(static_cast<std::size_t>(fact - facts::managed_policies().data()));
}

std::span<const ManagedPolicy* const> Catalogue::all() const {
  std::call_once(sorting_, [this] {
    for (const auto& [arn, policy] : imported_) {
      sorted_.push_back(&policy);
    }
    for (std::size_t i = 0; i < built_in_.size(); ++i) {
      if (!imported_.contains(facts::managed_policies()[i].arn)) {
        sorted_.push_back(built_in(i));
      }
    }
    std::ranges::sort(sorted_, {}, &ManagedPolicy::name);
  });
  return sorted_;
}

}  // namespace signet::server
