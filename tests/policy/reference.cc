#include "reference.h"

#include <algorithm>
#include <array>

#include "reference_match.h"

namespace signet::ref {
namespace {

enum class Kind { Anonymous, Root, User, FederatedUser, Role, WebIdentity, Saml, Service };

// Strength of a principal's match (policy-semantics 6.2), weakest first.
enum Strength { kNone, kAccount, kEntity, kDirect, kWildcard };

struct Caller {
  Kind kind = Kind::Anonymous;
  std::string account;
  std::string arn;
  std::string entity_arn;
  std::string session;
  std::string provider;
  std::string service;
};

bool is_entity(Kind kind) {
  return kind == Kind::User || kind == Kind::Role || kind == Kind::FederatedUser;
}

Caller caller_of(const Question& q) {
  Caller c;
  const std::string action = lower(q.action);
  const bool web = action == "sts:assumerolewithwebidentity";
  const bool saml = action == "sts:assumerolewithsaml";
  if (!q.principal) {
    const auto provider = q.context.find("aws:FederatedProvider");
    if ((web || saml) && provider != q.context.end()) {
      c.kind = saml ? Kind::Saml : Kind::WebIdentity;
      c.provider = provider->second.values[0];
    }
    return c;
  }
  const std::string& name = *q.principal;
  const auto parts = split_colons(name, 6);
  if (parts.size() < 6) {
    c.kind = web ? Kind::WebIdentity : Kind::Service;
    (web ? c.provider : c.service) = name;
    return c;
  }
  if (parts[5].starts_with("oidc-provider/") || parts[5].starts_with("saml-provider/")) {
    c.kind = parts[5].starts_with("saml") || saml ? Kind::Saml : Kind::WebIdentity;
    c.provider = name;
    return c;
  }
  c.account = parts[4];
  c.arn = name;
  if (parts[5] == "root") {
    c.kind = Kind::Root;
  } else if (parts[5].starts_with("user/")) {
    c.kind = Kind::User;
    c.entity_arn = name;
  } else if (parts[5].starts_with("federated-user/")) {
    c.kind = Kind::FederatedUser;
    c.entity_arn = !q.issuer.empty()
                       ? q.issuer
                       : "arn:" + std::string(parts[1]) + ":iam::" + std::string(parts[4]) +
                             ":user/" + std::string(parts[5].substr(15));
  } else {
    c.kind = Kind::Role;
    const std::string_view rest = parts[5].substr(13);
    const std::size_t slash = rest.find('/');
    c.session = rest.substr(slash + 1);
    c.entity_arn = "arn:" + std::string(parts[1]) + ":iam::" + std::string(parts[4]) + ":role/" +
                   std::string(rest.substr(0, slash));
    for (const auto& [key, value] : q.context) {
      if (same_ignoring_case(key, "aws:principalarn") &&
          value.values[0].find(":role/") != std::string::npos) {
        c.entity_arn = value.values[0];
      }
    }
  }
  return c;
}

bool is_unique_id(const std::string& text) {
  return text.size() >= 16 && (text.starts_with("AIDA") || text.starts_with("AROA")) &&
         text.find(':') == std::string::npos;
}

// One kind of policy asked about one request.
class Teller {
 public:
  Teller(const Question& q, const Settings& settings)
      : q_(q), settings_(settings), asked_(q, settings), caller_(caller_of(q)) {}

  [[nodiscard]] const Caller& caller() const { return caller_; }

  [[nodiscard]] Strength entry(const Policy& policy,
                               const std::string& type,
                               const std::string& text) const {
    const auto pin = policy.pins.find(text);
    const std::string id = pin == policy.pins.end() ? "" : pin->second;
    const bool by_id = !id.empty() && !q_.principal_id.empty() && !is_mutant(38);
    const auto same_entity = [&] {
      return by_id ? id == q_.principal_id : text == caller_.entity_arn;
    };
    const bool user_like = caller_.kind == Kind::User || caller_.kind == Kind::FederatedUser;
    const Strength own = caller_.kind == Kind::User ? kDirect : kEntity;
    if (type == "Service") {
      return caller_.kind == Kind::Service && text == caller_.service && text != "*" ? kDirect
                                                                                     : kNone;
    }
    if (type == "Federated") {
      const bool federated = caller_.kind == Kind::WebIdentity || caller_.kind == Kind::Saml;
      return federated && text == caller_.provider && text != "*" ? kDirect : kNone;
    }
    if (type == "CanonicalUser") {
      return text != "*" && !caller_.account.empty() && !q_.canonical_user_id.empty() &&
                     text == q_.canonical_user_id
                 ? kAccount
                 : kNone;
    }
    if (text == "*") {
      return caller_.kind != Kind::Service || setting(settings_, "star_reaches_services", true)
                 ? kWildcard
                 : kNone;
    }
    if (text.size() == 12 && text.find_first_not_of("0123456789") == std::string::npos) {
      return text == caller_.account ? (is_mutant(39) ? kDirect : kAccount) : kNone;
    }
    if (is_unique_id(text)) {
      return is_entity(caller_.kind) && text == q_.principal_id ? own : kNone;
    }
    const auto parts = split_colons(text, 6);
    if (parts.size() < 6 || parts[0] != "arn") {
      return kNone;
    }
    if (text.find('*') != std::string::npos) {
      return is_mutant(40) && glob_match(*asked_.pattern(text, true, false), caller_.arn, false)
                 ? kDirect
                 : kNone;
    }
    if (parts[2] == "iam" && parts[5] == "root") {
      const auto own_parts = split_colons(caller_.arn, 6);
      return parts[4] == caller_.account && !caller_.account.empty() && own_parts[1] == parts[1]
                 ? kAccount
                 : kNone;
    }
    if (parts[2] == "iam" && parts[5].starts_with("user/")) {
      return user_like && same_entity() ? own : kNone;
    }
    if (parts[2] == "iam" && parts[5].starts_with("role/")) {
      return caller_.kind == Kind::Role && same_entity() ? (is_mutant(41) ? kDirect : kEntity)
                                                         : kNone;
    }
    if (parts[2] == "sts" && parts[5].starts_with("federated-user/")) {
      return caller_.kind == Kind::FederatedUser && text == caller_.arn ? kDirect : kNone;
    }
    if (parts[2] == "sts" && parts[5].starts_with("assumed-role/")) {
      const std::string_view session = parts[5].substr(parts[5].rfind('/') + 1);
      const bool fits =
          by_id ? id == q_.principal_id && session == caller_.session && parts[4] == caller_.account
                : text == caller_.arn;
      return caller_.kind == Kind::Role && fits ? kDirect : kNone;
    }
    return kNone;
  }

  // What an entry lists of the caller: the account (a), the role (r), the caller itself (c).
  [[nodiscard]] std::string listed(const Policy& policy,
                                   const std::string& type,
                                   const std::string& text) const {
    const bool is_session = text.find(":assumed-role/") != std::string::npos;
    switch (entry(policy, type, text)) {
      case kNone:
        return "";
      case kWildcard:
        return "arc";
      case kAccount:
        return is_mutant(69) && caller_.kind != Kind::Root ? "ac" : "a";
      case kEntity:
        // A role for its session; the user who made a federated user is another principal.
        return caller_.kind == Kind::Role ? (is_mutant(70) ? "rc" : "r")
                                          : (is_mutant(71) ? "c" : "");
      case kDirect:
        return is_session && is_mutant(72) ? "arc" : "c";
    }
    return "";
  }

  // Deny with NotPrincipal spares whom it lists with every layer.
  [[nodiscard]] bool is_listed_whole(const Policy& policy, const Json& element) const {
    std::string all;
    if (element.kind == Json::Kind::String) {
      all = listed(policy, "AWS", element.text);
    }
    for (const auto& [type, value] : element.members) {
      (void)any_text(&value, [&](const std::string& text) {
        all += listed(policy, type, text);
        return false;
      });
    }
    const auto has = [&all](char layer) {
      return all.find(layer) != std::string::npos;
    };
    switch (caller_.kind) {
      case Kind::Root:
        return has('a');
      case Kind::User:
      case Kind::FederatedUser:
        return has('a') && has('c');
      case Kind::Role:
        return has('a') && has('r') && has('c');
      default:
        return has('c');
    }
  }

  [[nodiscard]] Strength principal(const Policy& policy,
                                   const Json& statement,
                                   std::string_view kind) const {
    if (kind == "identity" || kind == "scp") {
      return kWildcard;
    }
    const Json* yes = statement.find("Principal");
    const Json* no = statement.find("NotPrincipal");
    if (yes == nullptr && no == nullptr) {
      return kind == "rcp" || is_mutant(42) ? kWildcard : kNone;
    }
    const Json& element = yes != nullptr ? *yes : *no;
    Strength best = kNone;
    if (element.kind == Json::Kind::String) {
      best = entry(policy, "AWS", element.text);
    }
    for (const auto& [type, value] : element.members) {
      (void)any_text(&value, [&](const std::string& text) {
        best = std::max(best, entry(policy, type, text));
        return false;
      });
    }
    if (yes != nullptr) {
      return best;
    }
    const bool is_deny = statement.find("Effect")->text == "Deny";
    const bool bounded = q_.boundary && is_deny &&
                         (caller_.kind == Kind::User || caller_.kind == Kind::Role) &&
                         !is_mutant(43);
    const bool spared =
        is_deny && !is_mutant(68) ? is_listed_whole(policy, element) : best != kNone;
    if (spared && !bounded) {
      return kNone;
    }
    const bool reached = caller_.kind != Kind::Service ||
                         setting(settings_, "star_reaches_services", true) || is_deny;
    return reached ? kWildcard : kNone;
  }

  [[nodiscard]] bool applies(const Json& document,
                             const Json& statement,
                             std::string_view kind) const {
    const Json* version = document.find("Version");
    const bool variables = (version != nullptr && version->text == "2012-10-17") || is_mutant(44);
    const auto action = [this](const std::string& p) {
      return asked_.action_matches(p);
    };
    if (const Json* list = statement.find("Action"); list != nullptr && !any_text(list, action)) {
      return false;
    }
    if (const Json* list = statement.find("NotAction");
        list != nullptr && any_text(list, action) != is_mutant(45)) {
      return false;
    }
    const auto resource = [&](const std::string& p) {
      return asked_.resource_matches(p, variables, kind);
    };
    if (const Json* list = statement.find("Resource");
        list != nullptr && !any_text(list, resource)) {
      return false;
    }
    if (const Json* list = statement.find("NotResource");
        list != nullptr && any_text(list, resource) != is_mutant(46)) {
      return false;
    }
    const Json* condition = statement.find("Condition");
    if (condition == nullptr) {
      return true;
    }
    bool some = condition->members.empty();
    for (const auto& [op, keys] : condition->members) {
      some = some || keys.members.empty();
      for (const auto& [key, values] : keys.members) {
        const bool holds = asked_.condition_holds(op, key, values, variables);
        some = some || holds;
        if (!holds && !is_mutant(47)) {
          return false;
        }
      }
    }
    return some;
  }

  struct Said {
    bool deny = false;
    Strength allow = kNone;
    std::set<std::string> denies;
    std::set<std::string> allows;
  };

  [[nodiscard]] Said ask(const PolicyList& policies,
                         std::string_view kind,
                         std::size_t level = 0) const {
    Said said;
    for (std::size_t p = 0; p < policies.size(); ++p) {
      const Json& list = *policies[p].document.find("Statement");
      const std::size_t count = list.kind == Json::Kind::Array ? list.items.size() : 1;
      for (std::size_t s = 0; s < count; ++s) {
        const Json& statement = list.kind == Json::Kind::Array ? list.items[s] : list;
        const Strength strength = principal(policies[p], statement, kind);
        if (strength == kNone || !applies(policies[p].document, statement, kind)) {
          continue;
        }
        const std::string name =
            std::to_string(level) + "/" + std::to_string(p) + "/" + std::to_string(s);
        if (statement.find("Effect")->text == "Deny") {
          said.deny = true;
          said.denies.insert(name);
        } else {
          said.allow = std::max(said.allow, strength);
          said.allows.insert(name);
        }
        if (is_mutant(48) && (said.deny || said.allow != kNone)) {
          return said;  // first match wins
        }
      }
    }
    return said;
  }

  [[nodiscard]] Said ask(const std::optional<PolicyList>& policies, std::string_view kind) const {
    return policies ? ask(*policies, kind) : Said{};
  }

 private:
  const Question& q_;
  const Settings& settings_;
  Asked asked_;
  Caller caller_;
};

Answer answer(std::string verdict, std::string reason, std::set<std::string> matched = {}) {
  return {
      .verdict = std::move(verdict), .reason = std::move(reason), .matched = std::move(matched)};
}

// policy-semantics 7.2, line by line. `scope_silent`: a layer of scoped credentials allows nothing.
Answer decide_uncapped(const Question& q, const Settings& settings, bool& scope_silent) {
  const Teller teller(q, settings);
  const Caller& caller = teller.caller();
  const std::string action = lower(q.action);
  const std::string resource_text = q.wildcard_only ? "*" : q.resource;
  const auto parts = split_colons(resource_text, 6);
  const bool is_arn = parts.size() == 6;
  if (caller.kind != Kind::Anonymous &&
      (action == "sts:getcalleridentity" || action == "sts:getsessiontoken") && !is_mutant(49)) {
    return answer("Allowed", "none");
  }
  static const std::set<std::string> trust_actions{"sts:assumerole",
                                                   "sts:assumerolewithsaml",
                                                   "sts:assumerolewithwebidentity",
                                                   "sts:tagsession",
                                                   "sts:setsourceidentity",
                                                   "sts:setcontext"};
  const bool trust = trust_actions.contains(action) && is_arn && parts[2] == "iam" &&
                     parts[5].starts_with("role/");
  const bool key = action.starts_with("kms:") && is_arn && parts[2] == "kms";
  const std::string rp_name = trust ? "trust" : "resource";
  if (caller.kind == Kind::Root && action == "sts:assumerole" &&
      !setting(settings, "root_may_assume_roles", false)) {
    return answer("ImplicitlyDenied", rp_name);
  }
  std::string owner = resource_text == "*" ? "" : q.resource_account;
  if (owner.empty() && is_arn && parts[4].size() == 12) {
    owner = parts[4];
  }
  const bool same = (owner.empty() || owner == caller.account) != is_mutant(50);

  // A path may hold colons too: only the resource part of the ARN counts.
  const auto entity = split_colons(caller.entity_arn, 6);
  const bool linked = caller.kind == Kind::Role && entity.size() == 6 &&
                      entity[5].starts_with("role/aws-service-role/") && !is_mutant(51);
  const bool has_account = is_entity(caller.kind) || caller.kind == Kind::Root;
  const bool scp_applies =
      has_account && !linked && !q.scps.empty() && !(is_mutant(52) && caller.kind == Kind::Root);
  const bool rcp_applies = !linked && !q.rcps.empty();
  const bool use_boundary = is_entity(caller.kind) && q.boundary.has_value();
  const bool use_session = has_account && q.session.has_value();

  Teller::Said scp;
  Teller::Said rcp;
  bool scp_silent = false;
  bool rcp_silent = false;
  const auto rails = [&teller](const std::vector<PolicyList>& levels,
                               std::string_view kind,
                               Teller::Said& out,
                               bool& silent) {
    bool any_allow = false;
    for (std::size_t i = 0; i < levels.size(); ++i) {
      const auto said = teller.ask(levels[i], kind, i);
      out.deny = out.deny || said.deny;
      out.denies.insert(said.denies.begin(), said.denies.end());
      silent = silent || said.allow == kNone;
      any_allow = any_allow || said.allow != kNone;
    }
    silent = is_mutant(53) ? !any_allow : silent;
  };
  if (scp_applies) {
    rails(q.scps, "scp", scp, scp_silent);
  }
  if (rcp_applies) {
    rails(q.rcps, "rcp", rcp, rcp_silent);
  }
  Teller::Said scope;
  if (has_account && !q.scopes.empty()) {
    rails(q.scopes, "identity", scope, scope_silent);
  }
  const auto endpoint = teller.ask(q.endpoint, "rcp");
  auto resource = teller.ask(q.resource_policy, "resource");
  const auto identity =
      is_entity(caller.kind) ? teller.ask(q.identity, "identity") : Teller::Said{};
  const auto boundary = use_boundary ? teller.ask(q.boundary, "identity") : Teller::Said{};
  const auto session = use_session ? teller.ask(q.session, "identity") : Teller::Said{};
  const bool rescue = caller.kind == Kind::Root && same &&
                      (action == "s3:getbucketpolicy" || action == "s3:putbucketpolicy" ||
                       action == "s3:deletebucketpolicy");
  if (rescue && !is_mutant(54)) {
    resource.deny = false;
  }
  const auto caller_parts = split_colons(caller.arn, 6);
  if (is_arn && caller_parts.size() == 6 && caller_parts[1] != parts[1] && !is_mutant(55)) {
    resource.allow = kNone;
  }

  // 1. explicit denies, in the order of
  const std::array<std::pair<const Teller::Said*, std::string>, 8> order{{{&scp, "scp"},
                                                                          {&rcp, "rcp"},
                                                                          {&endpoint, "endpoint"},
                                                                          {&resource, rp_name},
                                                                          {&identity, "identity"},
                                                                          {&boundary, "boundary"},
                                                                          {&session, "session"},
                                                                          {&scope, "scope"}}};
  for (const auto& [said, name] : order) {
    if (said->deny && !(is_mutant(56) && name == "boundary") &&
        !(is_mutant(57) && name == "session") && !(is_mutant(75) && name == "scope")) {
      return answer("ExplicitlyDenied", name, said->denies);
    }
  }
  // 2. guard rails
  const bool rcp_first = setting(settings, "report_rcp_before_scp", true);
  if (rcp_silent && (rcp_first || !scp_silent)) {
    return answer("ImplicitlyDenied", "rcp");
  }
  if (scp_silent) {
    return answer("ImplicitlyDenied", "scp");
  }
  if (q.endpoint && endpoint.allow == kNone && !is_mutant(58)) {
    return answer("ImplicitlyDenied", "endpoint");
  }
  const Strength rp = resource.allow;
  const auto allow_rp = [&] {
    return answer("Allowed", rp_name, resource.allows);
  };
  const auto allow_identity = [&] {
    return answer("Allowed", "identity", identity.allows);
  };
  const auto deny = [](const std::string& name) {
    return answer("ImplicitlyDenied", name);
  };

  // 3. by kind of caller
  const bool must_allow = (trust || key) && !is_mutant(59);
  switch (caller.kind) {
    case Kind::Anonymous:
      return rp == kWildcard && !is_mutant(60) ? allow_rp() : deny(rp_name);
    case Kind::Service:
    case Kind::WebIdentity:
    case Kind::Saml:
      return rp >= kDirect ? allow_rp() : deny(rp_name);
    case Kind::Root:
      if (use_session && session.allow == kNone) {
        return deny("session");
      }
      if (same && !must_allow) {
        return answer("Allowed", "none");
      }
      return rp != kNone ? allow_rp() : deny(rp_name);
    default:
      break;
  }
  const bool boundary_ok = !use_boundary || boundary.allow != kNone || is_mutant(61);
  const bool needs_session = use_session || (caller.kind == Kind::FederatedUser && !is_mutant(62));
  const bool session_ok = !needs_session || session.allow != kNone || is_mutant(63);
  if (same) {
    if (rp >= kDirect && !is_mutant(64)) {
      return allow_rp();
    }
    if (must_allow && rp == kNone) {
      return deny(rp_name);
    }
    if (identity.allow == kNone && rp != kEntity) {
      return is_mutant(65) && rp == kAccount ? allow_rp() : deny("identity");
    }
    if (!boundary_ok) {
      return deny("boundary");
    }
    if (!session_ok) {
      return deny("session");
    }
    const bool by_identity = identity.allow != kNone && !(must_allow && rp == kEntity);
    return by_identity ? allow_identity() : allow_rp();
  }
  if (identity.allow == kNone && !is_mutant(66)) {
    return deny("identity");
  }
  if (!boundary_ok) {
    return deny("boundary");
  }
  if (!session_ok) {
    return deny("session");
  }
  return rp == kNone && !is_mutant(67) ? deny(rp_name) : allow_identity();
}

}  // namespace

// The layers of scoped credentials cap whatever else allows (new-in-2026 1).
Answer decide(const Question& q, const Settings& settings) {
  bool scope_silent = false;
  Answer uncapped = decide_uncapped(q, settings, scope_silent);
  const bool is_grant = uncapped.reason == "resource" || uncapped.reason == "trust";
  const bool capped = uncapped.verdict == "Allowed" && scope_silent && !is_mutant(73) &&
                      !(is_mutant(74) && is_grant);
  return capped ? answer("ImplicitlyDenied", "scope") : uncapped;
}

}  // namespace signet::ref
