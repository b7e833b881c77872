#pragma once

#include <concepts>
#include <string>
#include <type_traits>
#include <variant>

#include "identity/kinds/access_key.h"
#include "identity/kinds/access_report.h"
#include "identity/kinds/account.h"
#include "identity/kinds/bucket.h"
#include "identity/kinds/credential_report.h"
#include "identity/kinds/delegation_request.h"
#include "identity/kinds/deletion_task.h"
#include "identity/kinds/group.h"
#include "identity/kinds/instance_profile.h"
#include "identity/kinds/kind.h"
#include "identity/kinds/last_access.h"
#include "identity/kinds/last_used.h"
#include "identity/kinds/managed_policy.h"
#include "identity/kinds/mfa_device.h"
#include "identity/kinds/notification.h"
#include "identity/kinds/oidc_provider.h"
#include "identity/kinds/org_policies.h"
#include "identity/kinds/role.h"
#include "identity/kinds/roles_anywhere.h"
#include "identity/kinds/saml_provider.h"
#include "identity/kinds/sealing_key.h"
#include "identity/kinds/server_certificate.h"
#include "identity/kinds/service_credential.h"
#include "identity/kinds/signing_certificate.h"
#include "identity/kinds/ssh_public_key.h"
#include "identity/kinds/ticket.h"
#include "identity/kinds/user.h"
#include "identity/kinds/web_identity_issuer.h"
#include "model/arn.h"

namespace signet::identity {

// The entities as plain values. A handler copies one out of the snapshot, changes the copy and puts
// it back through a transaction. Unique ids (AIDA..., AROA...) never change and are never used
// again; names and paths may change. Records on disk: docs/formats/records.md.

// All kinds. A new one: its description (kinds/kind.h says what that is), its name here, and its
// fields in docs/formats/records.md.
using Kinds = Types<Account,
                    User,
                    Group,
                    Role,
                    ManagedPolicy,
                    AccessKey,
                    MfaDevice,
                    InstanceProfile,
                    Bucket,
                    LastUsed,
                    Ticket,
                    SealingKey,
                    OrgPolicies,
                    OidcProvider,
                    SshPublicKey,
                    SamlProvider,
                    WebIdentityIssuer,
                    IssuerKey,
                    DeletionTask,
                    LastAccess,
                    AccessReport,
                    DelegationRequest,
                    Notification,
                    ServerCertificate,
                    SigningCertificate,
                    ServiceCredential,
                    CredentialReport,
                    TrustAnchor,
                    AnywhereProfile,
                    RevocationList,
                    AnywhereSubject>;

namespace detail {

template <class T>
using UniqueIdOf = std::bool_constant<Kind<T>::kHasUniqueId>;

template <class Index>
using IsInAccount = std::bool_constant<Index::kInAccount>;

template <class Index>
using IsGlobal = std::bool_constant<!Index::kInAccount>;

template <class... T>
Joined<typename Kind<T>::Indexes...> indexes_of(Types<T...>);

template <class... T>
std::variant<EntityPtr<T>...> one_of(Types<T...>);

}  // namespace detail

// Every table of the snapshot.
using Indexes = decltype(detail::indexes_of(Kinds()));

// The table of an account that lists a kind: its first index within the account.
template <class T>
using AccountIndex = FirstOf<Filter<detail::IsInAccount, typename Kind<T>::Indexes>>;

// Kinds of which an account has a table.
template <class T>
concept InAccount = requires { typename AccountIndex<T>::Key; };

// Kinds that are found by a name within their account, and by an ARN made of it.
template <class T>
concept HasArn =
    InAccount<T> && std::same_as<AccountIndex<T>, ByName<T>> && requires { Kind<T>::kArn; };

// Kinds to which managed policies can be attached.
template <class T>
concept UsesPolicies = requires { Kind<T>::kPolicyUse; };

// An entity found by its unique id.
using EntityRef = decltype(detail::one_of(Filter<detail::UniqueIdOf, Kinds>()));

template <HasArn T>
[[nodiscard]] std::string arn_of(const T& v) {
  if constexpr (requires { v.path; }) {
    return model::iam_arn(v.account, Kind<T>::kArn, v.path, v.name);
  } else {
    return model::iam_arn(v.account, Kind<T>::kArn, "/", v.name);
  }
}

}  // namespace signet::identity
