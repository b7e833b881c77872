#include "identity/kinds/managed_policy.h"

#include "base/assertion.h"

namespace signet::identity {

const PolicyVersion* ManagedPolicy::version(std::uint32_t number) const {
  for (const PolicyVersion& candidate : versions) {
    if (candidate.number == number) {
      return &candidate;
    }
  }
  return nullptr;
}

const DocumentRef& ManagedPolicy::default_document() const {
  const PolicyVersion* found = version(default_version);
  SIGNET_ASSERT(found != nullptr);
  return found->document;
}

Status Kind<ManagedPolicy>::normalize(const ManagedPolicy& v) {
  TRY_STATUS(require_id_and_name(v.account, v.id, v.name));
  std::uint32_t last = 0;
  for (const PolicyVersion& version : v.versions) {
    if (version.document == nullptr || version.number <= last) {
      return refuse(v.id, "policy versions are not ascending, or one has no document");
    }
    last = version.number;
  }
  if (v.version(v.default_version) == nullptr || v.next_version <= last) {
    return refuse(v.id, "no such default version, or the next version number was used");
  }
  return {};
}

}  // namespace signet::identity
