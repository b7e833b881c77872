#include "organizations/views.h"

#include "facts/errors.h"

namespace signet::organizations {
namespace {

bool is_kind(NodeKind kind, ErrorCode missing) {
  switch (missing) {
    case ErrorCode::ParentNotFound:
      return kind != NodeKind::Account;
    case ErrorCode::ChildNotFound:
      return kind != NodeKind::Root;
    case ErrorCode::AccountNotFound:
      return kind == NodeKind::Account;
    case ErrorCode::OrganizationalUnitNotFound:
      return kind == NodeKind::Unit;
    default:
      return true;
  }
}

}  // namespace

Account account_view(const Tree& tree, const Node& node) {
  return {.id = node.id,
          .arn = tree.arn_of(node),
          .email = node.account->email,
          .name = node.account->name,
          .status = "ACTIVE",
          .state = "ACTIVE",
          .paths = std::vector<std::string>{node.path},
          .joined_method = {},
          .joined_timestamp = {}};
}

OrganizationalUnit unit_view(const Tree& tree, const Node& node) {
  return {.id = node.id, .arn = tree.arn_of(node), .name = node.id, .path = node.path};
}

PolicySummary policy_view(const PolicyNode& policy) {
  return {.id = policy.id,
          .arn = policy.arn,
          .name = policy.name,
          .description = "",
          .type = std::string(policy.type),
          .aws_managed = policy.is_aws};
}

std::vector<PolicyTypeSummary> policy_types(const Tree& tree) {
  if (tree.management() != nullptr && tree.management()->is_billing_only) {
    return {};
  }
  std::vector<PolicyTypeSummary> types;
  for (const std::string_view type : {kScp, kRcp}) {
    types.push_back({.type = std::string(type), .status = "ENABLED"});
  }
  return types;
}

Result<const Node*> require(const Tree& tree, std::string_view id, ErrorCode missing) {
  const Node* node = tree.find(id);
  if (node == nullptr || !is_kind(node->kind, missing)) {
    return std::unexpected(facts::make_error(missing));
  }
  return node;
}

Result<const PolicyNode*> require_policy(const Tree& tree, std::string_view id) {
  const PolicyNode* policy = tree.find_policy(id);
  if (policy == nullptr) {
    return std::unexpected(facts::make_error(ErrorCode::PolicyNotFound));
  }
  return policy;
}

}  // namespace signet::organizations
