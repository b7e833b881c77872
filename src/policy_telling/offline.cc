#include "policy_telling/offline.h"

#include <array>
#include <utility>

#include "base/strings.h"
#include "facts/condition_keys.h"
#include "model/arn.h"
#include "policy_engine/compiled.h"

namespace signet::policy {
namespace {

using Failure = std::unexpected<std::string>;

template <class Visit>
void each_element(const PolicyJson& json, NodeId array, Visit visit) {
  for (NodeId node = array + 1; node < json[array].next; node = json[node].next) {
    visit(node);
  }
}

bool is_absent(const PolicyJson& json, NodeId node) {
  return node == kNoNode || json.is(node, JsonKind::Null);
}

std::string cache_key(SetKind kind, std::string_view raw) {
  return concat(std::string_view("IRGX").substr(static_cast<std::size_t>(kind), 1), raw);
}

// Reads the members of one question.
class QuestionReader {
 public:
  QuestionReader(PolicyCache& cache, Question& out) : cache_(cache), out_(out), json_(out.json) {}

  std::expected<void, std::string> read() {
    const NodeId root = json_.root();
    if (!json_.is(root, JsonKind::Object)) {
      return Failure("a question is a JSON object");
    }
    if (const NodeId id = json_.member(root, "id"); id != kNoNode) {
      out_.id = json_.raw(id);
    }
    for (const auto step : {&QuestionReader::request,
                            &QuestionReader::context,
                            &QuestionReader::principal,
                            &QuestionReader::policies}) {
      if (auto done = (this->*step)(); !done) {
        return done;
      }
    }
    return {};
  }

 private:
  [[nodiscard]] NodeId member(std::string_view name) const {
    return json_.member(json_.root(), name);
  }

  std::expected<std::string_view, std::string> text(std::string_view name, bool is_required) {
    const NodeId node = member(name);
    if (is_absent(json_, node)) {
      return is_required ? std::expected<std::string_view, std::string>(
                               Failure(concat(name, " is missing")))
                         : std::string_view();
    }
    if (!json_.is(node, JsonKind::String)) {
      return Failure(concat(name, " must be a string"));
    }
    return json_[node].content;
  }

  std::expected<bool, std::string> flag(std::string_view name) {
    const NodeId node = member(name);
    if (is_absent(json_, node)) {
      return false;
    }
    if (!json_.is(node, JsonKind::Bool)) {
      return Failure(concat(name, " must be true or false"));
    }
    return json_[node].content == "true";
  }

  std::expected<void, std::string> request() {
    const auto action = text("action", true);
    const auto resource = text("resource", false);
    const auto account = text("resource_account", false);
    const auto wildcard_only = flag("wildcard_only");
    const auto creates = flag("creates_resource");
    for (const auto* part : {&action, &resource, &account}) {
      if (!*part) {
        return Failure(part->error());
      }
    }
    for (const auto* part : {&wildcard_only, &creates}) {
      if (!*part) {
        return Failure(part->error());
      }
    }
    out_.request = Request{.action = *action,
                           .resource = resource->empty() ? std::string_view("*") : *resource,
                           .resource_account = *account,
                           .wildcard_only = *wildcard_only};
    out_.context.set_creates_resource(*creates);
    return {};
  }

  [[nodiscard]] bool is_scalar(NodeId node) const {
    return json_.is(node, JsonKind::String) || json_.is(node, JsonKind::Number) ||
           json_.is(node, JsonKind::Bool);
  }

  // Tags go to their family, the rest to its key.
  void add_text(std::string_view name, std::string_view text_value) {
    const KeyRef key = resolve_key(name);
    if (key.kind == KeyRef::Kind::Tag) {
      out_.tags[key.id].push_back(
          model::Tag{.key = std::string(key.rest), .value = std::string(text_value)});
    } else {
      out_.context.add(name, text_value);
    }
  }

  std::expected<void, std::string> context() {
    const NodeId node = member("context");
    if (is_absent(json_, node)) {
      return {};
    }
    if (!json_.is(node, JsonKind::Object)) {
      return Failure("context must be an object");
    }
    for (NodeId name = node + 1; name < json_[node].next; name = json_[name + 1].next) {
      const NodeId value = name + 1;
      if (is_scalar(value)) {
        add_text(json_[name].content, json_[value].content);
        continue;
      }
      if (!json_.is(value, JsonKind::Array)) {
        return Failure(concat(
            "context value of ", json_[name].content, " must be a string or a list of strings"));
      }
      std::vector<std::string_view>& list = out_.lists.emplace_back();
      bool is_fine = true;
      each_element(json_, value, [&](NodeId element) {
        is_fine = is_fine && is_scalar(element);
        list.push_back(json_[element].content);
      });
      if (!is_fine) {
        return Failure(
            concat("context value of ", json_[name].content, " must be a list of strings"));
      }
      out_.context.add_list(json_[name].content, list);
    }
    for (std::size_t family = 0; family < out_.tags.size(); ++family) {
      if (!out_.tags[family].empty()) {
        out_.context.set_tags(static_cast<TagFamily>(family), out_.tags[family]);
      }
    }
    return {};
  }

  [[nodiscard]] std::string_view context_text(KeyId key) const {
    const Value value = out_.context.find(key);
    return value.kind == Value::Kind::Text ? value.text : std::string_view();
  }

  std::expected<void, std::string> principal() {
    const NodeId node = member("principal");
    const bool is_web_call =
        equals_ignore_case(out_.request.action, "sts:AssumeRoleWithWebIdentity");
    const bool is_saml_call = equals_ignore_case(out_.request.action, "sts:AssumeRoleWithSAML");
    const PrincipalKind call_kind = is_saml_call ? PrincipalKind::Saml : PrincipalKind::WebIdentity;
    Principal& principal = out_.principal;
    if (is_absent(json_, node)) {
      const std::string_view provider = context_text(KeyId::AwsFederatedProvider);
      const bool is_federated = (is_web_call || is_saml_call) && !provider.empty();
      principal.kind = is_federated ? call_kind : PrincipalKind::Anonymous;
      principal.federated_provider = provider;
      return {};
    }
    if (!json_.is(node, JsonKind::String) || json_[node].content.empty()) {
      return Failure("principal must be an ARN, a service name or null");
    }
    const std::string_view name = json_[node].content;
    if (name.find(':') != std::string_view::npos) {
      return arn_principal(name, call_kind);
    }
    if (is_web_call) {
      principal = Principal{.kind = PrincipalKind::WebIdentity, .federated_provider = name};
    } else {
      principal = Principal{.kind = PrincipalKind::Service, .service = name};
    }
    return {};
  }

  std::expected<void, std::string> arn_principal(std::string_view text_arn,
                                                 PrincipalKind call_kind) {
    const auto arn = model::split_arn(text_arn);
    if (!arn) {
      return Failure("principal is no ARN");
    }
    Principal& principal = out_.principal;
    const bool is_provider =
        arn->service == "iam" && (arn->resource.starts_with("oidc-provider/") ||
                                  arn->resource.starts_with("saml-provider/"));
    if (is_provider) {
      principal = Principal{
          .kind = arn->resource.starts_with("saml-provider/") ? PrincipalKind::Saml : call_kind,
          .federated_provider = text_arn};
      return {};
    }
    const auto entity_id = text("principal_id", false);
    const auto canonical_id = text("canonical_user_id", false);
    if (!entity_id || !canonical_id) {
      return Failure(entity_id ? canonical_id.error() : entity_id.error());
    }
    principal.account = arn->account;
    principal.arn = text_arn;
    principal.entity_id = *entity_id;
    principal.canonical_user_id = *canonical_id;
    if (arn->service == "iam" && arn->resource == "root") {
      principal.kind = PrincipalKind::Root;
    } else if (arn->service == "iam" && arn->resource.starts_with("user/")) {
      principal.kind = PrincipalKind::User;
      principal.entity_arn = text_arn;
    } else if (arn->service == "sts" && arn->resource.starts_with("federated-user/")) {
      return federated_user(*arn);
    } else if (arn->service == "sts" && arn->resource.starts_with("assumed-role/")) {
      return assumed_role(*arn);
    } else if (arn->service == "iam" && arn->resource.starts_with("role/")) {
      return session_of_role(*arn, text_arn);
    } else {
      return Failure("principal is no user, role, role session, federated user or root");
    }
    return {};
  }

  // A role itself makes no requests: as SimulatePrincipalPolicy does, any session of it is meant.
  std::expected<void, std::string> session_of_role(const model::ArnParts& arn,
                                                   std::string_view text_arn) {
    const std::string_view name = arn.resource.substr(arn.resource.rfind('/') + 1);
    if (name.empty()) {
      return Failure("a role ARN needs a name");
    }
    Principal& principal = out_.principal;
    principal.kind = PrincipalKind::AssumedRole;
    principal.entity_arn = text_arn;
    principal.session_name = kAnySession;
    principal.arn = out_.texts.emplace_back(concat(
        "arn:", arn.partition, ":sts::", arn.account, ":assumed-role/", name, "/", kAnySession));
    return {};
  }

  static constexpr std::string_view kAnySession = "session";

  // Who issued the session is not in its ARN: "issuer" says it, else the user of the same name.
  std::expected<void, std::string> federated_user(const model::ArnParts& arn) {
    const auto issuer = text("issuer", false);
    if (!issuer) {
      return Failure(issuer.error());
    }
    out_.principal.kind = PrincipalKind::FederatedUser;
    if (!issuer->empty()) {
      out_.principal.entity_arn = *issuer;
      return {};
    }
    const std::string_view name = arn.resource.substr(arn.resource.find('/') + 1);
    out_.principal.entity_arn = out_.texts.emplace_back(
        concat("arn:", arn.partition, ":iam::", arn.account, ":user/", name));
    return {};
  }

  // The session ARN lacks the role's path; aws:PrincipalArn of the context has it.
  std::expected<void, std::string> assumed_role(const model::ArnParts& arn) {
    const std::size_t begin = arn.resource.find('/') + 1;
    const std::size_t slash = arn.resource.find('/', begin);
    if (slash == std::string_view::npos) {
      return Failure("a role session ARN needs a role and a session name");
    }
    out_.principal.kind = PrincipalKind::AssumedRole;
    out_.principal.session_name = arn.resource.substr(slash + 1);
    const std::string_view known = context_text(KeyId::AwsPrincipalArn);
    if (known.find(":role/") != std::string_view::npos) {
      out_.principal.entity_arn = known;
      return {};
    }
    const std::string_view role = arn.resource.substr(begin, slash - begin);
    out_.principal.entity_arn = out_.texts.emplace_back(
        concat("arn:", arn.partition, ":iam::", arn.account, ":role/", role));
    return {};
  }

  std::expected<void, std::string> policies() {
    struct Slot {
      std::string_view name;
      SetKind kind;
      const PolicySet* PolicyInputs::* target;
      bool empty_list_is_none;
    };

    static constexpr auto kSlots = std::to_array<Slot>({
        {"identity_policies", SetKind::Identity, &PolicyInputs::identity, true},
        {"boundary", SetKind::Identity, &PolicyInputs::boundary, false},
        {"session_policy", SetKind::Identity, &PolicyInputs::session, false},
        {"resource_policy", SetKind::Resource, &PolicyInputs::resource, true},
        {"endpoint_policies", SetKind::ResourceGuard, &PolicyInputs::endpoint, true},
    });
    for (const Slot& slot : kSlots) {
      const NodeId node = member(slot.name);
      const bool is_none =
          is_absent(json_, node) ||
          (slot.empty_list_is_none && json_.is(node, JsonKind::Array) && json_[node].count == 0);
      if (is_none) {
        continue;
      }
      auto set = cache_.set_of(json_, node, slot.kind, slot.name);
      if (!set) {
        return Failure(std::move(set).error());
      }
      out_.inputs.*slot.target = set->get();
      out_.owners.push_back(*std::move(set));
    }
    return rails();
  }

  std::expected<void, std::string> rails() {
    struct Slot {
      std::string_view name;
      SetKind kind;
      const GuardRails* PolicyInputs::* target;
    };

    static constexpr auto kSlots = std::to_array<Slot>({
        {"scps", SetKind::Guard, &PolicyInputs::scps},
        {"rcps", SetKind::ResourceGuard, &PolicyInputs::rcps},
        {"scopes", SetKind::Identity, &PolicyInputs::scopes},
    });
    for (const Slot& slot : kSlots) {
      auto rails = cache_.rails_of(json_, member(slot.name), slot.kind, slot.name);
      if (!rails) {
        return Failure(std::move(rails).error());
      }
      out_.inputs.*slot.target = rails->get();
      out_.owners.push_back(*std::move(rails));
    }
    return {};
  }

  PolicyCache& cache_;
  Question& out_;
  const PolicyJson& json_;
};

}  // namespace

std::expected<PolicyMember, std::string> PolicyCache::member_of(const PolicyJson& json,
                                                                NodeId node,
                                                                SetKind kind,
                                                                std::string_view label) {
  // A bare document, or {"name": ..., "document": ..., "pins": {ARN: unique id}}.
  NodeId document_node = node;
  std::string id(label);
  if (const NodeId inner = json.member(node, "document"); inner != kNoNode) {
    const NodeId name = json.member(node, "name");
    if (json.is(name, JsonKind::String)) {
      id = json[name].content;
    }
    document_node = inner;
  }
  const std::string text(json.is(document_node, JsonKind::String) ? json[document_node].content
                                                                  : json.raw(document_node));
  PolicyRef& policy = policies_[text];
  if (policy == nullptr) {
    auto document = Document::parse(text);
    if (!document) {
      const Position at = position_of(text, document.error().offset);
      return Failure(concat(label,
                            ": ",
                            document.error().message,
                            " (line ",
                            std::to_string(at.line),
                            ", column ",
                            std::to_string(at.column),
                            ")"));
    }
    policy = compile(*std::move(document), settings_);
  }
  const bool takes_principals = kind == SetKind::Resource || kind == SetKind::ResourceGuard;
  if (!takes_principals && policy->names_principals) {
    return Failure(concat(label, ": this kind of policy names no principal"));
  }
  if (!takes_principals && policy->lacks_resources) {
    return Failure(concat(label, ": a statement has no Resource"));
  }
  PolicyMember member{.policy = policy, .id = std::move(id), .pins = {}};
  const NodeId pins = json.member(node, "pins");
  for (NodeId name = pins + 1; json.is(pins, JsonKind::Object) && name < json[pins].next;
       name = json[name + 1].next) {
    member.pins.push_back(PrincipalPin{.arn = std::string(json[name].content),
                                       .id = std::string(json[name + 1].content)});
  }
  return member;
}

std::expected<std::vector<PolicyMember>, std::string> PolicyCache::members_of(
    const PolicyJson& json, NodeId node, SetKind kind, std::string_view label) {
  std::vector<PolicyMember> members;
  if (!json.is(node, JsonKind::Array)) {
    auto member = member_of(json, node, kind, label);
    if (!member) {
      return Failure(std::move(member).error());
    }
    members.push_back(*std::move(member));
    return members;
  }
  std::string problem;
  each_element(json, node, [&](NodeId element) {
    if (!problem.empty()) {
      return;
    }
    auto member =
        member_of(json, element, kind, concat(label, "[", std::to_string(members.size()), "]"));
    if (member) {
      members.push_back(*std::move(member));
    } else {
      problem = std::move(member).error();
    }
  });
  if (!problem.empty()) {
    return Failure(std::move(problem));
  }
  return members;
}

std::expected<PolicySetRef, std::string> PolicyCache::set_of(const PolicyJson& json,
                                                             NodeId node,
                                                             SetKind kind,
                                                             std::string_view label) {
  std::string key = cache_key(kind, json.raw(node));
  if (const auto known = sets_.find(key); known != sets_.end()) {
    return known->second;
  }
  auto members = members_of(json, node, kind, label);
  if (!members) {
    return Failure(std::move(members).error());
  }
  PolicySetRef set = PolicySet::make(kind, *std::move(members));
  sets_.emplace(std::move(key), set);
  return set;
}

std::expected<GuardRailsRef, std::string> PolicyCache::rails_of(const PolicyJson& json,
                                                                NodeId node,
                                                                SetKind kind,
                                                                std::string_view label) {
  if (is_absent(json, node)) {
    return nullptr;
  }
  if (!json.is(node, JsonKind::Array)) {
    return Failure(concat(label, " must be a list of levels"));
  }
  if (json[node].count == 0) {
    return nullptr;
  }
  std::string key = cache_key(kind, json.raw(node));
  if (const auto known = rails_.find(key); known != rails_.end()) {
    return known->second;
  }
  std::vector<std::vector<PolicyMember>> levels;
  std::string problem;
  each_element(json, node, [&](NodeId level) {
    if (!problem.empty()) {
      return;
    }
    auto members =
        members_of(json, level, kind, concat(label, "[", std::to_string(levels.size()), "]"));
    if (members) {
      levels.push_back(*std::move(members));
    } else {
      problem = std::move(members).error();
    }
  });
  if (!problem.empty()) {
    return Failure(std::move(problem));
  }
  GuardRailsRef rails = GuardRails::make(kind, std::move(levels));
  rails_.emplace(std::move(key), rails);
  return rails;
}

void PolicyCache::trim() {
  if (policies_.size() + sets_.size() + rails_.size() > kMaxEntries) {
    policies_.clear();
    sets_.clear();
    rails_.clear();
  }
}

std::expected<void, std::string> read_question(std::string_view text,
                                               PolicyCache& cache,
                                               Question& out) {
  auto json = PolicyJson::parse(std::string(text));
  if (!json) {
    return std::unexpected(concat("not JSON: ", json.error().message));
  }
  out.json = *std::move(json);
  return QuestionReader(cache, out).read();
}

}  // namespace signet::policy
