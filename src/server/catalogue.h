#pragma once

#include <atomic>
#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "identity/catalogue.h"

namespace signet::server {

// The AWS-managed policies this server knows: those built in (facts/managed_policies.h), and those
// imported with `signet policy import`, which win over built-in ones of the same ARN. A built-in
// one is made when it is first asked for, since few of them ever are. Safe to use from any thread.
class Catalogue final : public identity::PolicyCatalogue {
 public:
  // `import_folder` holds one JSON file a policy; empty or missing: none are imported.
  [[nodiscard]] static Result<std::unique_ptr<Catalogue>> load(const std::string& import_folder);

  [[nodiscard]] const identity::ManagedPolicy* find(std::string_view arn) const override;

  [[nodiscard]] std::span<const identity::ManagedPolicy* const> all() const override;

 private:
  Catalogue();

  const identity::ManagedPolicy* built_in(std::size_t index) const;

  std::map<std::string, identity::ManagedPolicy, std::less<>> imported_;  // by ARN
  // By their places in facts::managed_policies(): null until asked for, then owned by `made_`.
  mutable std::vector<std::atomic<const identity::ManagedPolicy*>> built_in_;
  mutable std::mutex making_;
  mutable std::deque<identity::ManagedPolicy> made_;
  mutable std::once_flag sorting_;
  mutable std::vector<const identity::ManagedPolicy*> sorted_;
};

// One policy of an import folder: {"name","path"?,"arn"?,"description"?,"version"?,"document"} with
// the document as an object or as text. Validated as an identity policy; errors name what is wrong.
[[nodiscard]] Result<identity::ManagedPolicy> parse_imported_policy(std::string_view json);

}  // namespace signet::server
