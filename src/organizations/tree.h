#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "identity/entities.h"
#include "identity/snapshot.h"

namespace signet::organizations {

enum class NodeKind : std::uint8_t { Root, Unit, Account };

// A root, an organizational unit or an account.
struct Node {
  std::string id;
  NodeKind kind = NodeKind::Account;
  std::string parent;                          // of the root: empty
  std::string path;                            // o-.../r-.../.../, with its own id at the end
  const identity::Account* account = nullptr;  // of an account
};

// A policy that lies upon nodes. Borrowed from the snapshot.
struct PolicyNode {
  std::string id;
  std::string arn;
  std::string name;
  std::string_view type;  // SERVICE_CONTROL_POLICY or RESOURCE_CONTROL_POLICY
  bool is_aws = false;
  const identity::OrgPolicy* policy = nullptr;
  std::vector<std::string> targets;  // ids of nodes, in the order in which they were met
};

inline constexpr std::string_view kScp = "SERVICE_CONTROL_POLICY";
inline constexpr std::string_view kRcp = "RESOURCE_CONTROL_POLICY";

// An organization as Organizations' operations see it, made of what each of its accounts says: its
// path, and the levels of policies upon it, of which the first is the root's, the next are those of
// the units on the path, and the rest is the account's own (docs/guide/organizations.md). Units
// have no names of their own here, so they are called by their ids. Where no account has a path the
// root has an id made from the organization's; policies that are no AWS policy and not named by an
// ARN have one made from their name and text.
class Tree {
 public:
  // The organization of an account. AWSOrganizationsNotInUse where it is in none.
  [[nodiscard]] static Result<Tree> of(const identity::Snapshot& snapshot,
                                       std::string_view account);

  [[nodiscard]] const std::string& id() const { return id_; }

  // What the management account says; null: it is not known here.
  [[nodiscard]] const identity::OrgPolicies* management() const { return management_; }

  [[nodiscard]] const identity::Account* management_account() const;

  // arn:aws:organizations::MANAGEMENT:TYPE/o-.../ID
  [[nodiscard]] std::string arn(std::string_view type, std::string_view id) const;
  [[nodiscard]] std::string arn_of(const Node& node) const;
  // That of the organization itself.
  [[nodiscard]] std::string arn() const;

  // By id; null: there is none.
  [[nodiscard]] const Node* find(std::string_view id) const;
  [[nodiscard]] const PolicyNode* find_policy(std::string_view id) const;

  // By their ids.
  [[nodiscard]] const std::map<std::string, Node, std::less<>>& nodes() const { return nodes_; }

  [[nodiscard]] const std::map<std::string, PolicyNode, std::less<>>& policies() const {
    return policies_;
  }

 private:
  Tree() = default;

  struct Making;

  void add_account(const identity::Account& account,
                   const identity::OrgPolicies& says,
                   Making& making);
  void add_policies(const std::vector<identity::OrgLevel>& levels,
                    std::string_view type,
                    const std::vector<std::string>& way,
                    Making& making);
  static std::string policy_id(const identity::OrgPolicy& policy,
                               std::string_view type,
                               Making& making);
  Node& node(const std::string& id, NodeKind kind, const std::string& parent);

  std::string id_;
  std::string root_;  // id of the root of accounts without a path
  const identity::OrgPolicies* management_ = nullptr;
  const identity::Account* management_account_ = nullptr;
  std::map<std::string, Node, std::less<>> nodes_;
  std::map<std::string, PolicyNode, std::less<>> policies_;
};

// The organization of the caller's account, which has to speak for it: as its management account or
// a delegated administrator. AccessDenied otherwise.
[[nodiscard]] Result<Tree> administered(const identity::Snapshot& snapshot,
                                        std::string_view account);

}  // namespace signet::organizations
