#include "policy_prove/callers.h"

#include <algorithm>
#include <array>
#include <set>
#include <span>
#include <tuple>
#include <utility>

#include "base/strings.h"
#include "policy_engine/compiled.h"
#include "policy_engine/policy_member.h"

namespace signet::policy::prove {
namespace {

constexpr std::string_view kDigits = "0123456789";
constexpr std::string_view kTwelve = "????????????";
// Of callers of accounts that no policy names.
constexpr std::string_view kOtherAccount = "999988887777";
constexpr std::string_view kAnySession = "session";

std::string last_segment(std::string_view arn) {
  return std::string(arn.substr(arn.rfind('/') + 1));
}

std::string_view type_of(PrincipalKind kind) {
  switch (kind) {
    case PrincipalKind::Anonymous:
      return "Anonymous";
    case PrincipalKind::Root:
      return "Account";
    case PrincipalKind::User:
      return "User";
    case PrincipalKind::FederatedUser:
      return "FederatedUser";
    case PrincipalKind::AssumedRole:
      return "AssumedRole";
    case PrincipalKind::WebIdentity:
    case PrincipalKind::Saml:
    case PrincipalKind::Service:
      break;
  }
  return {};
}

DimensionDomain absent() {
  return {.may_be_absent = true, .may_be_single = false, .may_be_list = false, .text = {}};
}

DimensionDomain only(std::string text) {
  return {.may_be_absent = false,
          .may_be_single = true,
          .may_be_list = false,
          .text = {.fixed = std::move(text)}};
}

DimensionDomain like(std::initializer_list<std::string> patterns) {
  Language language;
  for (const std::string& pattern : patterns) {
    language.globs.push_back(make_glob(pattern));
  }
  return {.may_be_absent = false,
          .may_be_single = true,
          .may_be_list = false,
          .text = {.within = {std::move(language)}}};
}

// What any request can say about a key, as AWS declares it.
DimensionDomain declared(const KeyRef& key) {
  DimensionDomain domain;
  if (key.kind == KeyRef::Kind::Other) {
    domain.may_be_list = true;
    return domain;
  }
  const facts::ConditionKeyRow& row = key.kind == KeyRef::Kind::Tag
                                          ? facts::condition_key(static_cast<TagFamily>(key.id))
                                          : facts::condition_key(static_cast<KeyId>(key.id));
  domain.text.type = row.type;
  domain.may_be_list = row.shape == facts::KeyShape::List;
  domain.may_be_single = !domain.may_be_list;
  return domain;
}

bool is_person(PrincipalKind kind) {
  return kind == PrincipalKind::User || kind == PrincipalKind::AssumedRole ||
         kind == PrincipalKind::FederatedUser || kind == PrincipalKind::Root;
}

class CallerKeys {
 public:
  explicit CallerKeys(const Caller& caller) : caller_(caller) {}

  [[nodiscard]] DimensionDomain of(const KeyRef& key) const {
    if (key.kind == KeyRef::Kind::Tag) {
      const bool is_of_caller = static_cast<TagFamily>(key.id) == TagFamily::AwsPrincipalTag;
      const bool has_tags = is_person(caller_.kind) && caller_.kind != PrincipalKind::Root;
      return is_of_caller && !has_tags ? absent() : declared(key);
    }
    return key.kind == KeyRef::Kind::Fixed ? fixed_key(key) : declared(key);
  }

 private:
  [[nodiscard]] DimensionDomain fixed_key(const KeyRef& key) const {
    const bool is_person = prove::is_person(caller_.kind);
    const bool is_role = caller_.kind == PrincipalKind::AssumedRole;
    const bool is_service = caller_.kind == PrincipalKind::Service;
    DimensionDomain domain = declared(key);
    switch (static_cast<KeyId>(key.id)) {
      case KeyId::AwsEpochTime:
        domain.text.is_epoch = true;
        [[fallthrough]];
      case KeyId::AwsCurrentTime:
      case KeyId::AwsSecureTransport:
        domain.may_be_absent = false;
        return domain;
      case KeyId::AwsPrincipalArn:
        return arn();
      case KeyId::AwsPrincipalAccount:
        return account();
      case KeyId::AwsPrincipalType: {
        const std::string_view type = type_of(caller_.kind);
        return type.empty() ? (is_service ? domain : absent()) : only(std::string(type));
      }
      case KeyId::AwsUserid:
        return user_id(domain);
      case KeyId::AwsUsername:
        return user_name();
      case KeyId::AwsTokenIssueTime:
        domain.may_be_absent = !is_role && caller_.kind != PrincipalKind::FederatedUser;
        return is_person ? domain : absent();
      case KeyId::AwsMultiFactorAuthPresent:
        if (caller_.is_any_session) {  // false, however the role was assumed (5.1)
          domain.text.fixed = "false";
        }
        return is_person && caller_.kind != PrincipalKind::FederatedUser ? domain : absent();
      case KeyId::AwsMultiFactorAuthAge:
        if (caller_.is_any_session) {
          return absent();
        }
        return is_person && caller_.kind != PrincipalKind::FederatedUser ? domain : absent();
      case KeyId::AwsSourceIdentity:
        return is_role ? domain : absent();
      case KeyId::AwsFederatedProvider:
        return provider(domain);
      case KeyId::AwsPrincipalIsAWSService:
        domain.text.fixed = is_service ? "true" : "false";
        return caller_.kind == PrincipalKind::Anonymous ? absent() : domain;
      case KeyId::AwsPrincipalServiceName:
        return is_service ? only(caller_.service) : absent();
      case KeyId::AwsPrincipalServiceNamesList:
        return is_service ? domain : absent();
      case KeyId::AwsPrincipalOrgID:
      case KeyId::AwsPrincipalOrgPaths:
        return is_person ? domain : absent();
      default:
        return domain;
    }
  }

  [[nodiscard]] std::string account_pattern() const {
    return caller_.is_any_account ? std::string(kTwelve) : caller_.account;
  }

  [[nodiscard]] std::string prefix(std::string_view service) const {
    return concat("arn:", caller_.partition, ":", service, "::");
  }

  [[nodiscard]] DimensionDomain arn() const {
    switch (caller_.kind) {
      case PrincipalKind::Root:
        return caller_.is_any_account ? elsewhere(like({concat(prefix("iam"), kTwelve, ":root")}))
                                      : only(caller_.name);
      case PrincipalKind::FederatedUser:
        return caller_.is_any_name
                   ? elsewhere(
                         like({concat(prefix("sts"), account_pattern(), ":federated-user/?*")}))
                   : only(caller_.name);
      case PrincipalKind::User:
      case PrincipalKind::AssumedRole:
        return caller_.is_any_name ? any_arn() : only(caller_.entity_arn);
      case PrincipalKind::Anonymous:
      case PrincipalKind::WebIdentity:
      case PrincipalKind::Saml:
      case PrincipalKind::Service:
        break;
    }
    return absent();
  }

  [[nodiscard]] DimensionDomain any_arn() const {
    const std::string_view type = caller_.kind == PrincipalKind::User ? ":user/?*" : ":role/?*";
    DimensionDomain domain = elsewhere(like({concat(prefix("iam"), account_pattern(), type)}));
    Language named;
    for (const std::string& arn : caller_.not_named) {
      named.globs.push_back(make_literal(arn));
    }
    domain.text.outside.push_back(std::move(named));
    return domain;
  }

  // No ARN of an account that has callers of its own.
  [[nodiscard]] DimensionDomain elsewhere(DimensionDomain domain) const {
    if (caller_.is_any_account) {
      Language named;
      for (const std::string& account : caller_.not_accounts) {
        named.globs.push_back(make_glob(concat("arn:aws:*::", account, ":*")));
      }
      domain.text.outside.push_back(std::move(named));
    }
    return domain;
  }

  [[nodiscard]] DimensionDomain account() const {
    if (is_person(caller_.kind)) {
      if (!caller_.is_any_account) {
        return only(caller_.account);
      }
      DimensionDomain domain = like({std::string(kTwelve)});
      domain.text.allowed = kDigits;
      Language named;
      for (const std::string& account : caller_.not_accounts) {
        named.globs.push_back(make_literal(account));
      }
      domain.text.outside.push_back(std::move(named));
      return domain;
    }
    if (caller_.kind == PrincipalKind::Service) {
      DimensionDomain domain = like({std::string(kTwelve)});
      domain.may_be_absent = true;
      domain.text.allowed = kDigits;
      return domain;
    }
    return caller_.kind == PrincipalKind::Anonymous ? only("anonymous") : absent();
  }

  [[nodiscard]] DimensionDomain user_id(const DimensionDomain& declared) const {
    switch (caller_.kind) {
      case PrincipalKind::Anonymous:
        return only("anonymous");
      case PrincipalKind::Root:
        return caller_.is_any_account ? account() : only(caller_.account);
      case PrincipalKind::User:
        return caller_.entity_id.empty() ? like({"AIDA?*"}) : only(caller_.entity_id);
      case PrincipalKind::AssumedRole:
        return session_id();
      case PrincipalKind::FederatedUser:
        return caller_.is_any_name ? like({concat(account_pattern(), ":?*")})
                                   : only(concat(caller_.account, ":", last_segment(caller_.name)));
      case PrincipalKind::Service:
        return declared;
      case PrincipalKind::WebIdentity:
      case PrincipalKind::Saml:
        break;
    }
    return absent();
  }

  [[nodiscard]] DimensionDomain session_id() const {
    const std::string role =
        concat(caller_.entity_id.empty() ? std::string_view("AROA?*") : caller_.entity_id, ":");
    const bool is_any = caller_.is_any_name || caller_.is_any_session;
    DimensionDomain domain =
        like({concat(role, is_any ? std::string_view("?*") : std::string_view(caller_.session))});
    Language named;
    for (const std::string& session : caller_.not_sessions) {
      named.globs.push_back(make_glob(concat("*:", session)));
    }
    if (!named.globs.empty()) {
      domain.text.outside.push_back(std::move(named));
    }
    return domain;
  }

  [[nodiscard]] DimensionDomain user_name() const {
    if (caller_.kind != PrincipalKind::User) {
      return absent();
    }
    return caller_.is_any_name ? like({"?*"}) : only(last_segment(caller_.entity_arn));
  }

  [[nodiscard]] DimensionDomain provider(const DimensionDomain& declared) const {
    if (caller_.kind == PrincipalKind::WebIdentity || caller_.kind == PrincipalKind::Saml) {
      DimensionDomain domain = declared;
      domain.text.fixed = caller_.provider;
      return domain;
    }
    return caller_.kind == PrincipalKind::AssumedRole ? declared : absent();
  }

  const Caller& caller_;
};

Caller any_of(PrincipalKind kind, std::string_view account, std::string_view partition = "aws") {
  Caller caller{.kind = kind,
                .partition = std::string(partition),
                .account = std::string(account),
                .is_any_name = true};
  const std::string iam = concat("arn:", partition, ":iam::", account);
  if (kind == PrincipalKind::Root) {
    caller.name = concat(iam, ":root");
    caller.is_any_name = false;
  } else if (kind == PrincipalKind::User) {
    caller.entity_arn = concat(iam, ":user/x");
    caller.name = caller.entity_arn;
  } else if (kind == PrincipalKind::AssumedRole) {
    caller.entity_arn = concat(iam, ":role/x");
    caller.session = kAnySession;
    caller.name = session_arn(caller);
  } else {
    caller.name = concat("arn:", partition, ":sts::", account, ":federated-user/x");
    caller.entity_arn = concat(iam, ":user/x");
    caller.issuer = caller.entity_arn;
  }
  return caller;
}

constexpr std::array kPersons{PrincipalKind::User,
                              PrincipalKind::AssumedRole,
                              PrincipalKind::FederatedUser,
                              PrincipalKind::Root};

Caller of_service(std::string service) {
  return {.kind = PrincipalKind::Service, .name = service, .service = service};
}

// Gathers whom Principal elements name.
class Names {
 public:
  explicit Names(std::string_view owner) : owner_(owner) {}

  void read(const PolicySet& set) {
    for (const PolicyMember& member : set.members()) {
      for (const PrincipalEntry& entry : member.policy->principals) {
        read(member, entry);
      }
    }
  }

  [[nodiscard]] std::vector<Caller> callers() const {
    std::vector<Caller> all = named_;
    for (const auto& account : accounts_) {
      for (const PrincipalKind kind : kPersons) {
        add_any(all, any_of(kind, account.second, account.first));
      }
    }
    return all;
  }

  void add_any(std::vector<Caller>& all, Caller caller) const {
    caller.not_named.assign(entities_.begin(), entities_.end());
    caller.not_accounts.push_back(owner_);
    for (const auto& [partition, account] : accounts_) {
      caller.not_accounts.push_back(account);
    }
    all.push_back(std::move(caller));
  }

  [[nodiscard]] bool has_account(const std::string& account) const {
    return account == owner_ || std::ranges::any_of(accounts_, [&account](const auto& named) {
             return named.second == account;
           });
  }

  [[nodiscard]] bool has_service(const std::string& service) const {
    return std::ranges::find(named_, service, &Caller::service) != named_.end();
  }

 private:
  void read(const PolicyMember& member, const PrincipalEntry& entry) {
    using enum PrincipalEntry::Kind;
    if (!entry.account.empty()) {
      accounts_.emplace(entry.partition.empty() ? std::string_view("aws") : entry.partition,
                        entry.account);
    }
    // The same text may name a service here and somebody else there, or somebody who was made anew.
    if (!seen_.emplace(entry.kind, entry.text, pin_of(member, entry.text)).second) {
      return;
    }
    switch (entry.kind) {
      case User:
      case Role:
        entity(member, entry);
        break;
      case RoleSession:
        role_session(member, entry);
        break;
      case FederatedUser:
        federated_user(entry);
        break;
      case UniqueId: {
        Caller caller = any_of(
            entry.text.starts_with("AIDA") ? PrincipalKind::User : PrincipalKind::AssumedRole,
            kOtherAccount);
        caller.entity_id = entry.text;
        named_.push_back(std::move(caller));
        break;
      }
      case Service:
        named_.push_back(of_service(std::string(entry.text)));
        break;
      case Federated: {
        const bool is_saml = entry.text.find(":saml-provider/") != std::string_view::npos;
        named_.push_back({.kind = is_saml ? PrincipalKind::Saml : PrincipalKind::WebIdentity,
                          .name = std::string(entry.text),
                          .provider = std::string(entry.text)});
        break;
      }
      case CanonicalUser: {
        Caller caller = any_of(PrincipalKind::User, kOtherAccount);
        caller.canonical_user_id = entry.text;
        named_.push_back(std::move(caller));
        break;
      }
      case Everyone:
      case Account:
      case Never:
        break;
    }
  }

  static std::string pin_of(const PolicyMember& member, std::string_view arn) {
    const auto pin = std::ranges::find(member.pins, arn, &PrincipalPin::arn);
    return pin == member.pins.end() ? std::string() : pin->id;
  }

  void federated_user(const PrincipalEntry& entry) {
    Caller caller = any_of(PrincipalKind::FederatedUser, entry.account, entry.partition);
    caller.is_any_name = false;
    caller.name = entry.text;
    caller.entity_arn = concat(
        "arn:", entry.partition, ":iam::", entry.account, ":user/", last_segment(entry.text));
    caller.issuer = caller.entity_arn;
    named_.push_back(std::move(caller));
  }

  void entity(const PolicyMember& member, const PrincipalEntry& entry) {
    const bool is_user = entry.kind == PrincipalEntry::Kind::User;
    Caller caller = any_of(
        is_user ? PrincipalKind::User : PrincipalKind::AssumedRole, entry.account, entry.partition);
    caller.is_any_name = false;
    caller.entity_arn = entry.text;
    caller.entity_id = pin_of(member, entry.text);
    caller.name = is_user ? caller.entity_arn : session_arn(caller);
    entities_.insert(caller.entity_arn);
    named_.push_back(caller);
    if (!caller.entity_id.empty()) {  // one who was made again under the name
      caller.entity_id = concat(caller.entity_id.substr(0, 4), "MADEANEW00000001");
      named_.push_back(caller);
    }
    if (is_user) {
      Caller federated = any_of(PrincipalKind::FederatedUser, entry.account, entry.partition);
      federated.entity_arn = entry.text;
      federated.issuer = entry.text;
      named_.push_back(std::move(federated));
    }
  }

  void role_session(const PolicyMember& member, const PrincipalEntry& entry) {
    const std::string_view resource = entry.text.substr(entry.text.find(":assumed-role/") + 14);
    Caller caller = any_of(PrincipalKind::AssumedRole, entry.account, entry.partition);
    caller.is_any_name = false;
    caller.entity_arn = concat("arn:",
                               entry.partition,
                               ":iam::",
                               entry.account,
                               ":role/",
                               resource.substr(0, resource.find('/')));
    caller.entity_id = pin_of(member, entry.text);
    named_.push_back(caller);  // another session of the role
    named_.back().name = session_arn(caller);
    caller.name = entry.text;
    caller.session = entry.session;
    named_.push_back(std::move(caller));
  }

  std::string owner_;
  std::set<std::pair<std::string, std::string>> accounts_;  // with their partition
  std::set<std::string> entities_;
  std::set<std::tuple<PrincipalEntry::Kind, std::string, std::string>> seen_;
  std::vector<Caller> named_;
};

void add_strangers(const Names& names, std::vector<Caller>& all) {
  all.push_back({.kind = PrincipalKind::Anonymous});
  std::string account(kOtherAccount);
  while (names.has_account(account)) {
    --account.back();
  }
  for (const PrincipalKind kind : kPersons) {
    Caller caller = any_of(kind, account);
    caller.is_any_account = true;
    names.add_any(all, std::move(caller));
  }
  std::string service = "other.amazonaws.com";
  while (names.has_service(service)) {
    service.insert(0, "an");
  }
  all.push_back(of_service(std::move(service)));
}

Names names_of(std::span<const PolicySet* const> sets, std::string_view owner) {
  Names names(owner);
  for (const PolicySet* set : sets) {
    if (set != nullptr && !set->is_broken()) {
      names.read(*set);
    }
  }
  return names;
}

}  // namespace

std::vector<const PolicySet*> naming_sets(const PolicyInputs& inputs) {
  std::vector<const PolicySet*> sets{inputs.resource, inputs.endpoint};
  if (inputs.rcps != nullptr) {
    for (const PolicySetRef& level : inputs.rcps->levels()) {
      sets.push_back(level.get());
    }
  }
  return sets;
}

std::string session_arn(const Caller& caller) {
  return concat("arn:",
                caller.partition,
                ":sts::",
                caller.account,
                ":assumed-role/",
                last_segment(caller.entity_arn),
                "/",
                caller.session);
}

Principal Caller::principal() const {
  return {.kind = kind,
          .account = account,
          .arn = is_person(kind) ? std::string_view(name) : std::string_view(),
          .entity_arn = entity_arn,
          .entity_id = entity_id,
          .session_name = session,
          .service = service,
          .federated_provider = provider,
          .canonical_user_id = canonical_user_id};
}

DimensionDomain Caller::domain_of(const KeyRef& key) const {
  const auto known = fixed.find(folded_name(key));
  if (known != fixed.end()) {
    DimensionDomain domain;
    domain.fixed = known->second;
    if (known->second.kind == DimensionValue::Kind::Single) {
      domain.may_be_absent = false;
      domain.text.fixed = known->second.texts.front();
    }
    return domain;
  }
  const bool is_own_tag =
      key.kind == KeyRef::Kind::Tag && static_cast<TagFamily>(key.id) == TagFamily::AwsPrincipalTag;
  if (has_fixed_tags && is_own_tag) {
    return absent();
  }
  return CallerKeys(*this).of(key);
}

std::vector<Caller> identities(std::string_view account) {
  return {any_of(PrincipalKind::User, account),
          any_of(PrincipalKind::AssumedRole, account),
          any_of(PrincipalKind::FederatedUser, account)};
}

std::vector<Caller> everybody(std::span<const PolicySet* const> sets, std::string_view owner) {
  const Names names = names_of(sets, owner);
  std::vector<Caller> all = names.callers();
  add_strangers(names, all);
  return all;
}

std::vector<Caller> strangers(std::span<const PolicySet* const> sets, std::string_view owner) {
  std::vector<Caller> all;
  add_strangers(names_of(sets, owner), all);
  for (Caller& caller : all) {
    caller.is_stranger = true;
  }
  return all;
}

}  // namespace signet::policy::prove
