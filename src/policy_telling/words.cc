#include "policy_telling/words.h"

#include <cstdint>
#include <string_view>

#include "base/strings.h"

namespace signet::policy {
namespace {

using facts::Language;
using facts::phrase;
using facts::Words;

// The texts of a string or of a list, with commas.
std::string list_text(const PolicyJson& json, NodeId id) {
  std::string out;
  each_text(json, id, [&](std::string_view text) {
    out += out.empty() ? "" : ", ";
    out += text;
  });
  return out;
}

// "StringEquals aws:RequestedRegion eu-west-1; Bool ..." : operators, keys and values as written.
std::string condition_text(const PolicyJson& json, NodeId condition) {
  std::string out;
  NodeId op = condition + 1;
  for (std::uint32_t i = 0; i < json[condition].count; ++i) {
    const NodeId keys = op + 1;
    NodeId key = keys + 1;
    for (std::uint32_t k = 0; k < json[keys].count; ++k) {
      out += out.empty() ? "" : "; ";
      out += concat(json[op].content, " ", json[key].content, " ", list_text(json, key + 1));
      key = json[key + 1].next;
    }
    op = json[keys].next;
  }
  return out;
}

// "everybody", or "AWS arn:..., Service x.amazonaws.com".
std::string principal_text(const PolicyJson& json, NodeId principal, const std::string& everybody) {
  if (!json.is(principal, JsonKind::Object)) {
    return everybody;
  }
  std::string out;
  NodeId type = principal + 1;
  for (std::uint32_t i = 0; i < json[principal].count; ++i) {
    const std::string who = list_text(json, type + 1);
    out += out.empty() ? "" : ", ";
    out += who == "*" ? everybody : concat(json[type].content, " ", who);
    type = json[type + 1].next;
  }
  return out;
}

std::string subject_of(const Document& document, const Statement& statement, Language language) {
  if (!statement.has_principal()) {
    return phrase(Words::It, language);
  }
  const std::string everybody = phrase(Words::Everybody, language);
  const std::string who = principal_text(document.json(), statement.principal, everybody);
  if (statement.is_not_principal) {
    return phrase(Words::EverybodyExcept, language, {{"names", who}});
  }
  return who == everybody ? phrase(Words::EverybodyFirst, language) : who;
}

// How one part of a statement is told: all there is, all but some, or some.
struct Wording {
  Words all;
  Words all_except;
  Words named;
};

std::string things(
    const PolicyJson& json, NodeId id, bool is_not, const Wording& wording, Language language) {
  const std::string names = list_text(json, id);
  if (is_not) {
    return phrase(wording.all_except, language, {{"names", names}});
  }
  return names == "*" ? phrase(wording.all, language)
                      : phrase(wording.named, language, {{"names", names}});
}

}  // namespace

std::string sentence_of(const Document& document, const Statement& statement, Language language) {
  const PolicyJson& json = document.json();
  const bool is_allow = statement.effect == Effect::Allow;
  const Wording actions =
      is_allow ? Wording{Words::ActionsEvery, Words::ActionsEveryExcept, Words::ActionsNamed}
               : Wording{Words::ActionsAny, Words::ActionsAnyExcept, Words::ActionsNamed};
  const Wording resources =
      is_allow ? Wording{Words::ResourcesEvery, Words::ResourcesEveryExcept, Words::ResourcesNamed}
               : Wording{Words::ResourcesAny, Words::ResourcesAnyExcept, Words::ResourcesNamed};
  std::string where;
  if (statement.resource != kNoNode) {
    where = phrase(
        Words::On,
        language,
        {{"resources",
          things(json, statement.resource, statement.is_not_resource, resources, language)}});
  }
  std::string when;
  if (statement.condition != kNoNode) {
    when = phrase(is_allow ? Words::IfAllowed : Words::IfDenied,
                  language,
                  {{"conditions", condition_text(json, statement.condition)}});
  }
  return phrase(
      is_allow ? Words::May : Words::MayNever,
      language,
      {{"who", subject_of(document, statement, language)},
       {"actions", things(json, statement.action, statement.is_not_action, actions, language)},
       {"where", where},
       {"when", when}});
}

}  // namespace signet::policy
