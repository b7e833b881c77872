#include "iam/simulated_guards.h"

#include <algorithm>
#include <iterator>
#include <memory>
#include <string>
#include <utility>

#include "authz/policy_sources.h"
#include "base/strings.h"
#include "facts/iam_sentences.h"
#include "policy_writing/validate.h"

namespace signet::iam {
namespace {

using policy::GuardRails;
using policy::PolicyMember;
using policy::SetKind;

using Levels = std::vector<std::vector<PolicyMember>>;

policy::GuardRailsRef rails_without(const policy::GuardRailsRef& from,
                                    SetKind kind,
                                    const PolicyExclusions& exclusions) {
  if (from == nullptr) {
    return nullptr;
  }
  Levels kept;
  for (const policy::PolicySetRef& level : from->levels()) {
    std::ranges::copy_if(level->members(),
                         std::back_inserter(kept.emplace_back()),
                         [&](const PolicyMember& one) { return !exclusions.has_guard(one.id); });
  }
  return GuardRails::make(kind, std::move(kept));
}

}  // namespace

authz::AccountGuardsRef guards_of_account(const identity::Snapshot& snapshot,
                                          std::string_view account,
                                          const PolicyExclusions& exclusions) {
  authz::PolicySources sources;
  authz::AccountGuardsRef own = sources.of_account(snapshot, std::string(account));
  if (own == nullptr || exclusions.empty()) {
    return own;
  }
  auto guards = std::make_shared<authz::AccountGuards>();
  guards->organization_id = own->organization_id;
  guards->path_text = own->path_text;
  if (!own->path.empty()) {
    guards->path.push_back(guards->path_text);
  }
  if (!exclusions.has_all_scps()) {
    guards->scps = rails_without(own->scps, SetKind::Guard, exclusions);
  }
  if (!exclusions.has_all_rcps()) {
    guards->rcps = rails_without(own->rcps, SetKind::ResourceGuard, exclusions);
  }
  return guards;
}

Result<authz::AccountGuardsRef> guards_of_request(
    const std::vector<OrderedOrganizationPolicyType>& levels) {
  if (levels.empty()) {
    return authz::AccountGuardsRef();
  }
  Levels read;
  for (std::size_t level = 0; level < levels.size(); ++level) {
    std::vector<PolicyMember>& members = read.emplace_back();
    for (const std::string& text : levels[level].service_control_policy_input_list) {
      std::string label = concat("OrderedOrganizationPolicyInputList.",
                                 std::to_string(level + 1),
                                 ".",
                                 std::to_string(members.size() + 1));
      auto document =
          policy::validate(text, {.profile = policy::Profile::Scp, .bucket = {}, .settings = {}});
      if (!document) {
        return invalid_simulated_policy(label, document.error().message);
      }
      members.push_back(
          {.policy = policy::compile(*std::move(document)), .id = std::move(label), .pins = {}});
    }
  }
  auto guards = std::make_shared<authz::AccountGuards>();
  guards->scps = GuardRails::make(SetKind::Guard, std::move(read));
  return authz::AccountGuardsRef(std::move(guards));
}

}  // namespace signet::iam
