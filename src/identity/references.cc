#include "identity/references.h"

namespace signet::identity {

bool is_policy_there(const Snapshot& snapshot, std::string_view account, std::string_view arn) {
  if (arn.starts_with("arn:aws:iam::aws:policy/")) {
    return true;
  }
  const ManagedPolicy* policy = snapshot.find_by_arn<ManagedPolicy>(arn);
  return policy != nullptr && policy->account == account;
}

}  // namespace signet::identity
