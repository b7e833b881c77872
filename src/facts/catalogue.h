#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "facts/condition_keys.h"

// The Service Authorization Reference as data (facts/catalogue): what actions, resource types and
// condition keys the AWS services have. Only what judges or tells policies as they are written asks
// it
// (`policy check`, PutBucketPolicy, reports of access); nothing that decides a request does,
// because an unknown action is no error there. Text, read when asked: lookups are linear in one
// service's text. Thread-safe, no allocation.

namespace signet::facts {

enum class AccessLevel : char {
  List = 'L',
  Read = 'R',
  Write = 'W',
  Tagging = 'T',
  Permissions = 'P',
  Unknown = '-',  // named by an AWS-managed policy only
};

// A comma-separated list, taken apart one name at a time: `for (auto name = list.next(); name;
// ...)`
class NameList {
 public:
  explicit NameList(std::string_view names) : rest_(names) {}

  // The next name; nothing at the end.
  [[nodiscard]] std::optional<std::string_view> next();

 private:
  std::string_view rest_;
};

struct CatalogueAction {
  std::string_view name;  // without the service
  AccessLevel level = AccessLevel::Unknown;
  std::string_view resources = {};  // names of types, comma between; '!' behind required ones
  std::string_view keys = {};  // condition keys, whole names, comma between; '*' for a free part
};

struct CatalogueResource {
  std::string_view name;
  std::string_view arn = {};   // '*' for each free part
  std::string_view keys = {};  // as of an action
};

// A condition key of a service, or one that the caller brings.
struct CatalogueKey {
  std::string_view name;  // '*' for a free part, as in s3:ExistingObjectTag/*
  KeyType type = KeyType::String;
  bool is_list = false;
  bool is_either = false;     // AWS's own policies ask it with and without a set operator
  bool is_of_caller = false;  // may come with any action
};

struct CatalogueService {
  std::string_view prefix;  // lower case
  std::string_view title;   // for people: Amazon S3
  std::string_view actions;
  std::string_view resources;

  // The action of that name, ASCII case ignored.
  [[nodiscard]] std::optional<CatalogueAction> action(std::string_view name) const;
  [[nodiscard]] std::optional<CatalogueResource> resource(std::string_view name) const;
};

// Takes the next line off `rest`, which begins as CatalogueService::actions or ::resources; nothing
// at the end.
[[nodiscard]] std::optional<CatalogueAction> next_action(std::string_view& rest);
[[nodiscard]] std::optional<CatalogueResource> next_resource(std::string_view& rest);

// The service of a prefix, ASCII case ignored; null when there is none.
[[nodiscard]] const CatalogueService* find_service(std::string_view prefix);

// All services, sorted by prefix.
[[nodiscard]] std::span<const CatalogueService> services();

// A service that AWS has ended: its actions allow and deny nothing any more.
struct RetiredService {
  std::string_view prefix;  // lower case
  std::string_view name;
};

// The ended service of a prefix, ASCII case ignored; null when there is none.
[[nodiscard]] const RetiredService* find_retired_service(std::string_view prefix);

// The key of that name (ASCII case ignored, free parts match anything but ""); nothing when
// the catalogue has none.
[[nodiscard]] std::optional<CatalogueKey> find_catalogue_key(std::string_view name);

// Takes the next key off `rest`, which begins as catalogue_keys(); nothing at the end. Sorted by
// name with ASCII case ignored.
[[nodiscard]] std::optional<CatalogueKey> next_key(std::string_view& rest);
[[nodiscard]] std::string_view catalogue_keys();

struct Region {
  std::string_view name;
  std::string_view partition;
};

[[nodiscard]] std::span<const Region> regions();

}  // namespace signet::facts
