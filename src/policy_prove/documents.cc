#include "policy_prove/documents.h"

#include <algorithm>
#include <utility>

#include "base/strings.h"
#include "policy_language/document.h"
#include "policy_language/policy_json.h"

namespace signet::policy::prove {
namespace {

// Of the caller, where identity policies are asked about; and of resources whose callers come from
// elsewhere.
constexpr std::string_view kAccount = "111122223333";
constexpr std::string_view kOwner = "000000000000";

constexpr std::string_view kAllowAll =
    R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]})";
// A resource whose owner leaves it to identity policies.
constexpr std::string_view kTrustAccount =
    R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"*","Resource":"*"}]})";

std::string list_of(std::span<const NamedDocument> documents) {
  std::string out = "[";
  for (const NamedDocument& document : documents) {
    out += out.size() > 1 ? "," : "";
    out += "{\"name\":";
    append_json_string(out, document.name);
    out += ",\"document\":";
    if (PolicyJson::parse(document.text)) {
      out += compact(document.text);
    } else {
      append_json_string(out, document.text);
    }
    out += '}';
  }
  return out + "]";
}

std::string as_strings(const std::vector<std::string>& texts) {
  std::string out = "[";
  for (const std::string& text : texts) {
    out += out.size() > 1 ? "," : "";
    append_json_string(out, text);
  }
  return texts.empty() ? std::string(R"("*")") : out + "]";
}

// The document with some of its statements alone.
template <class Keep>
std::string with_statements(const Document& document, Keep keep) {
  const PolicyJson& json = document.json();
  std::string out = "{";
  for (NodeId name = 1; name < json[0].next; name = json[name + 1].next) {
    out += out.size() > 1 ? "," : "";
    append_json_string(out, json[name].content);
    out += ':';
    if (json[name].content != "Statement") {
      out += json.raw(name + 1);
      continue;
    }
    std::string statements = "[";
    for (std::size_t s = 0; s < document.statements().size(); ++s) {
      const Span span = document.statements()[s].span;
      if (keep(s)) {
        statements += statements.size() > 1 ? "," : "";
        statements += json.text().substr(span.begin, span.end - span.begin);
      }
    }
    out += statements + "]";
  }
  return out + "}";
}

}  // namespace

std::string compact(std::string_view json) {
  if (!PolicyJson::parse(std::string(json))) {
    return std::string(json);
  }
  std::string out;
  out.reserve(json.size());
  std::size_t begin = 0;  // of what is kept
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (c == '"') {  // to the end of the string
      for (++i; json[i] != '"'; ++i) {
        i += json[i] == '\\' ? 1 : 0;
      }
    } else if (c == ' ' || c == '\n' || c == '\r' || c == '\t') {
      out += json.substr(begin, i - begin);
      begin = i + 1;
    }
  }
  out += json.substr(begin);
  return out;
}

std::string without_request(std::string_view question, std::span<const std::string> kept) {
  const auto json = PolicyJson::parse(std::string(question));
  if (!json || !json->is(0, JsonKind::Object)) {
    return std::string(question);
  }
  // A role's session may bring tags of its own, and the next one has another name.
  const NodeId principal = json->member(0, "principal");
  const bool is_user = json->is(principal, JsonKind::String) &&
                       (*json)[principal].content.find(":user/") != std::string_view::npos;
  const NodeId entity = json->member(json->member(0, "context"), "aws:PrincipalArn");
  const bool is_role = json->is(entity, JsonKind::String) &&
                       (*json)[entity].content.find(":role/") != std::string_view::npos;
  const auto stays = [&](std::string_view key) {
    const std::string name = to_lower(key);
    return (is_user && name.starts_with("aws:principaltag/")) ||
           name.starts_with("aws:principalorg") || name.starts_with("aws:resource") ||
           name.starts_with("iam:resourcetag/") ||
           std::ranges::any_of(
               kept, [&name](const std::string& other) { return equals_ignore_case(name, other); });
  };
  std::string out = "{";
  const auto add = [&](NodeId name, std::string_view value) {
    out += out.size() > 1 ? "," : "";
    append_json_string(out, (*json)[name].content);
    out += ':';
    out += value;
  };
  for (NodeId name = 1; name < (*json)[0].next; name = (*json)[name + 1].next) {
    const std::string_view member = (*json)[name].content;
    if (member != "context") {
      if (member != "action" && member != "resource" && member != "id") {
        add(name, json->raw(member == "principal" && is_role ? entity : name + 1));
      }
      continue;
    }
    std::string context = "{";
    for (NodeId key = name + 2; key < (*json)[name + 1].next; key = (*json)[key + 1].next) {
      if (stays((*json)[key].content)) {
        context += context.size() > 1 ? "," : "";
        append_json_string(context, (*json)[key].content);
        context += concat(":", json->raw(key + 1));
      }
    }
    add(name, context + "}");
  }
  return compact(out + "}");
}

bool is_question(std::string_view text) {
  const auto json = PolicyJson::parse(std::string(text));
  return json && json->is(json->root(), JsonKind::Object) &&
         json->member(json->root(), "Statement") == kNoNode;
}

std::string question_of(DocumentKind kind, std::span<const NamedDocument> documents) {
  const std::string list = list_of(documents);
  if (kind == DocumentKind::Trust || kind == DocumentKind::Resource) {
    return concat("{\"identity_policies\":[",
                  kAllowAll,
                  "],\"session_policy\":[",
                  kAllowAll,
                  "],\"resource_policy\":",
                  list,
                  ",\"resource_account\":\"",
                  kOwner,
                  "\"}");
  }
  std::string out = concat("{\"identity_policies\":",
                           kind == DocumentKind::Identity ? list : concat("[", kAllowAll, "]"),
                           ",\"resource_policy\":",
                           kTrustAccount,
                           ",\"resource_account\":\"",
                           kAccount,
                           "\"");
  // Federated users can do nothing without one.
  out += concat(",\"session_policy\":",
                kind == DocumentKind::Session ? list : concat("[", kAllowAll, "]"));
  if (kind == DocumentKind::Boundary) {
    out += concat(",\"boundary\":", list);
  } else if (kind == DocumentKind::Scp || kind == DocumentKind::Rcp) {
    out += concat(kind == DocumentKind::Scp ? ",\"scps\":[" : ",\"rcps\":[", list, "]");
  }
  return out + "}";
}

Callers callers_of(DocumentKind kind) {
  const bool is_of_resource = kind == DocumentKind::Trust || kind == DocumentKind::Resource;
  return is_of_resource ? Callers::Everybody : Callers::Identities;
}

std::string within_of(DocumentKind kind) {
  return kind == DocumentKind::Trust || kind == DocumentKind::Resource
             ? within_of(kind, NamedAccess{})
             : std::string();
}

std::expected<Proof, std::string> prove_no_new_access(DocumentKind kind,
                                                      std::span<const NamedDocument> now,
                                                      std::span<const NamedDocument> before,
                                                      std::uint64_t budget) {
  return find_new_access({.now = question_of(kind, now),
                          .before = question_of(kind, before),
                          .within = within_of(kind),
                          .callers = callers_of(kind),
                          .budget = budget});
}

std::string within_of(DocumentKind kind, const NamedAccess& access) {
  std::vector<std::string> resources = access.resources;
  if (resources.empty()) {
    resources.emplace_back("*");
  }
  // A resource's policy guards what has an ARN: roles, or whatever it names.
  for (std::string& resource : resources) {
    if (resource == "*" && kind == DocumentKind::Trust) {
      resource = concat("arn:aws*:iam::", kOwner, ":role/?*");
    } else if (resource == "*" && kind == DocumentKind::Resource) {
      resource = "arn:aws*:*:*:*:*";
    }
  }
  return concat(R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":)",
                as_strings(access.actions),
                ",\"Resource\":",
                as_strings(resources),
                access.condition.empty() ? "" : ",\"Condition\":",
                access.condition,
                "}]}");
}

std::expected<Proof, std::string> prove_access_not_granted(DocumentKind kind,
                                                           std::span<const NamedDocument> documents,
                                                           const NamedAccess& access,
                                                           std::uint64_t budget) {
  return find_new_access({.now = question_of(kind, documents),
                          .before = {},
                          .within = within_of(kind, access),
                          .callers = callers_of(kind),
                          .budget = budget});
}

std::expected<Proof, std::string> prove_no_public_access(DocumentKind kind,
                                                         std::span<const NamedDocument> documents,
                                                         std::uint64_t budget) {
  return find_new_access({.now = question_of(kind, documents),
                          .before = {},
                          .within = within_of(kind),
                          .callers = Callers::Strangers,
                          .budget = budget});
}

std::vector<std::uint32_t> find_granting(const NamedDocument& named,
                                         const ProveDocument& prove,
                                         std::uint64_t budget) {
  std::vector<std::uint32_t> found;
  const auto document = Document::parse(named.text);
  if (!document) {
    return found;
  }
  const auto statements = (*document)->statements();
  for (std::size_t s = 0; s < statements.size(); ++s) {
    if (statements[s].effect == Effect::Deny) {
      continue;
    }
    const NamedDocument alone{.name = named.name,
                              .text = with_statements(**document, [&](std::size_t other) {
                                return other == s || statements[other].effect == Effect::Deny;
                              })};
    const auto proof = prove(alone, budget / statements.size());
    if (!proof || proof->result != ProofResult::Pass) {
      found.push_back(static_cast<std::uint32_t>(s));
    }
  }
  return found;
}

std::expected<std::vector<RedundantStatement>, std::string> find_redundant(
    DocumentKind kind, std::span<const NamedDocument> documents) {
  std::vector<RedundantStatement> found;
  for (std::size_t d = 0; d < documents.size(); ++d) {
    const auto document = Document::parse(documents[d].text);
    if (!document) {
      return std::unexpected(concat(documents[d].name, ": ", document.error().message));
    }
    for (std::size_t s = 0; s < (*document)->statements().size(); ++s) {
      const Statement& statement = (*document)->statements()[s];
      std::vector<NamedDocument> rest(documents.begin(), documents.end());
      if ((*document)->statements().size() > 1) {
        rest[d].text = with_statements(**document, [s](std::size_t other) { return other != s; });
      } else {
        rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(d));
      }
      // An Allow can only give and a Deny can only take.
      const bool gives = statement.effect == Effect::Allow;
      const auto proof = gives ? prove_no_new_access(kind, documents, rest)
                               : prove_no_new_access(kind, rest, documents);
      if (!proof) {
        return std::unexpected(proof.error());
      }
      if (proof->result != ProofResult::Fail) {
        found.push_back({.document = documents[d].name,
                         .statement = static_cast<std::uint32_t>(s),
                         .sid = std::string((*document)->sid(statement)),
                         .result = proof->result});
      }
    }
  }
  return found;
}

}  // namespace signet::policy::prove
