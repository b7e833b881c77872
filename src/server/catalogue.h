#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "identity/catalogue.h"

namespace signet::server {

// The AWS-managed policies this server knows: those built in (facts/managed_policies), and those
// imported with `signet policy import`, which win over built-in ones of the same ARN. Immutable
// after load.
class Catalogue final : public identity::PolicyCatalogue {
 public:
  // `import_folder` holds one JSON file a policy; empty or missing: none are imported.
  [[nodiscard]] static Result<std::unique_ptr<Catalogue>> load(const std::string& import_folder);

  [[nodiscard]] const identity::ManagedPolicy* find(std::string_view arn) const override;

  [[nodiscard]] std::span<const identity::ManagedPolicy* const> all() const override {
    return sorted_;
  }

 private:
  void add(identity::ManagedPolicy policy);
  void sort();

  std::unordered_map<std::string, std::unique_ptr<identity::ManagedPolicy>> by_arn_;
  std::vector<const identity::ManagedPolicy*> sorted_;
};

// One policy of an import folder: {"name","path"?,"arn"?,"description"?,"version"?,"document"} with
// the document as an object or as text. Validated as an identity policy; errors name what is wrong.
[[nodiscard]] Result<identity::ManagedPolicy> parse_imported_policy(std::string_view json);

}  // namespace signet::server
