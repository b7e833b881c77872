#include "organizations/tree.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "base/strings.h"
#include "crypto/sha256.h"
#include "facts/organizations_sentences.h"
#include "identity/organizations.h"

namespace signet::organizations {
namespace {

using identity::Account;
using identity::OrgLevel;
using identity::OrgPolicies;
using identity::OrgPolicy;

constexpr std::string_view kArn = "arn:aws:organizations::";

// The segments of o-.../r-.../ou-.../ behind the organization's.
std::vector<std::string> units_of(std::string_view path) {
  std::vector<std::string> units;
  path.remove_prefix(std::min(path.size(), path.find('/')));
  while (path.size() > 1) {
    path.remove_prefix(1);
    units.emplace_back(path.substr(0, path.find('/')));
    path.remove_prefix(units.back().size());
  }
  return units;
}

// As AWS spells ids: a prefix, and letters and digits.
std::string made_id(std::string_view prefix, std::string_view of, std::size_t digits) {
  return concat(prefix, crypto::sha256_hex(of).substr(0, digits));
}

std::string first_root(const identity::Snapshot& snapshot, std::string_view organization) {
  for (const Account* account : snapshot.accounts()) {
    const OrgPolicies* says = snapshot.find<OrgPolicies>(account->id);
    if (says != nullptr && says->organization_id == organization) {
      if (auto units = units_of(says->path); !units.empty()) {
        return units.front();
      }
    }
  }
  return made_id("r-", organization, 4);
}

// Of policies that AWS keeps: FullAWSAccess and RCPFullAWSAccess.
bool is_aws_policy(const OrgPolicy& policy) {
  return policy.name == "FullAWSAccess" || policy.name == "RCPFullAWSAccess";
}

std::string_view type_in_arn(std::string_view type) {
  return type == kScp ? "service_control_policy" : "resource_control_policy";
}

}  // namespace

// What is known while a tree is made, so that it takes as long as there is to say.
struct Tree::Making {
  // A policy lies upon many accounts, which share its document: its id by type, name and document.
  std::map<std::tuple<std::string_view, std::string_view, const identity::StoredDocument*>,
           std::string>
      ids;
  // Which policies were met upon which nodes.
  std::set<std::pair<const PolicyNode*, std::string>> met;
};

const Account* Tree::management_account() const {
  return management_account_;
}

std::string Tree::arn(std::string_view type, std::string_view id) const {
  return concat(
      kArn, management_ != nullptr ? management_->account : "", ":", type, "/", id_, "/", id);
}

std::string Tree::arn() const {
  return concat(kArn, management_ != nullptr ? management_->account : "", ":organization/", id_);
}

std::string Tree::arn_of(const Node& node) const {
  switch (node.kind) {
    case NodeKind::Root:
      return arn("root", node.id);
    case NodeKind::Unit:
      return arn("ou", node.id);
    case NodeKind::Account:
      break;
  }
  return arn("account", node.id);
}

const Node* Tree::find(std::string_view id) const {
  const auto found = nodes_.find(id);
  return found != nodes_.end() ? &found->second : nullptr;
}

const PolicyNode* Tree::find_policy(std::string_view id) const {
  const auto found = policies_.find(id);
  return found != policies_.end() ? &found->second : nullptr;
}

Node& Tree::node(const std::string& id, NodeKind kind, const std::string& parent) {
  const auto [entry, is_new] = nodes_.try_emplace(id);
  if (is_new) {
    const Node* above = find(parent);
    entry->second = {.id = id,
                     .kind = kind,
                     .parent = parent,
                     .path = concat(above != nullptr ? above->path : id_ + "/", id, "/")};
  }
  return entry->second;
}

std::string Tree::policy_id(const OrgPolicy& policy, std::string_view type, Making& making) {
  if (policy.name.starts_with(kArn)) {
    return policy.name.substr(policy.name.rfind('/') + 1);
  }
  // FullAWSAccess is the name of one of each type, and ids are of one type.
  if (is_aws_policy(policy)) {
    return type == kScp ? "p-FullAWSAccess" : "p-RCPFullAWSAccess";
  }
  const auto [made, is_new] = making.ids.try_emplace({type, policy.name, policy.document.get()});
  if (is_new) {
    made->second =
        made_id("p-", concat(type, "\n", policy.name, "\n", policy.document->text()), 10);
  }
  return made->second;
}

void Tree::add_policies(const std::vector<OrgLevel>& levels,
                        std::string_view type,
                        const std::vector<std::string>& way,
                        Making& making) {
  for (std::size_t i = 0; i < levels.size(); ++i) {
    const std::string& target = way[std::min(i, way.size() - 1)];
    for (const OrgPolicy& policy : levels[i].policies) {
      const std::string id = policy_id(policy, type, making);
      const auto [entry, is_new] = policies_.try_emplace(id);
      PolicyNode& found = entry->second;
      if (is_new) {
        const bool is_aws = is_aws_policy(policy);
        const bool has_arn = policy.name.starts_with(kArn);
        found = {.id = id,
                 .arn = is_aws    ? concat(kArn, "aws:policy/", type_in_arn(type), "/", id)
                        : has_arn ? policy.name
                                  : arn("policy", concat(type_in_arn(type), "/", id)),
                 .name = is_aws    ? id.substr(2)
                         : has_arn ? id
                                   : policy.name,
                 .type = type,
                 .is_aws = is_aws,
                 .policy = &policy,
                 .targets = {}};
      }
      if (making.met.emplace(&found, target).second) {
        found.targets.push_back(target);
      }
    }
  }
}

void Tree::add_account(const Account& account, const OrgPolicies& says, Making& making) {
  std::vector<std::string> way = units_of(says.path);
  if (way.empty()) {
    way.push_back(root_);
  }
  std::string parent;
  for (const std::string& id : way) {
    parent = node(id, parent.empty() ? NodeKind::Root : NodeKind::Unit, parent).id;
  }
  node(account.id, NodeKind::Account, parent).account = &account;
  way.push_back(account.id);
  add_policies(says.scps, kScp, way, making);
  add_policies(says.rcps, kRcp, way, making);
}

Result<Tree> Tree::of(const identity::Snapshot& snapshot, std::string_view account) {
  const OrgPolicies* own = snapshot.find<OrgPolicies>(account);
  if (own == nullptr || own->organization_id.empty()) {
    return not_in_use();
  }
  Tree tree;
  tree.id_ = own->organization_id;
  tree.root_ = first_root(snapshot, tree.id_);
  tree.management_ = identity::management_of(snapshot, account);
  if (tree.management_ != nullptr) {
    tree.management_account_ = snapshot.find<Account>(tree.management_->account);
  }
  Making making;
  for (const Account* other : snapshot.accounts()) {
    const OrgPolicies* says = snapshot.find<OrgPolicies>(other->id);
    if (says != nullptr && says->organization_id == tree.id_) {
      tree.add_account(*other, *says, making);
    }
  }
  return tree;
}

Result<Tree> administered(const identity::Snapshot& snapshot, std::string_view account) {
  Tree tree = TRY(Tree::of(snapshot, account));
  if (tree.management() == nullptr || !identity::administers(*tree.management(), account)) {
    return not_administrator();
  }
  return tree;
}

}  // namespace signet::organizations
