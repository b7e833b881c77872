#include "iam/policy_summary.h"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/strings.h"
#include "facts/quotas.h"
#include "policy_language/document.h"
#include "policy_telling/words.h"

namespace signet::iam {
namespace {

using facts::Language;
using facts::phrase;
using facts::Words;
using policy::Document;
using policy::Statement;

// Room for the sentences that say how much is left out and what boundaries there are, in bytes of
// the longest language.
constexpr std::size_t kLastSentences = 500;

std::string duration_text(std::uint32_t seconds, Language language) {
  constexpr std::uint32_t kMinute = 60;
  constexpr std::uint32_t kHour = 3600;
  const auto counted = [language](std::uint32_t number, Words one, Words many) {
    return phrase(number == 1 ? one : many, language, {{"number", std::to_string(number)}});
  };
  if (seconds % kHour == 0) {
    return counted(seconds / kHour, Words::Hour, Words::Hours);
  }
  return seconds % kMinute == 0 ? counted(seconds / kMinute, Words::Minute, Words::Minutes)
                                : counted(seconds, Words::Second, Words::Seconds);
}

std::string head_text(const identity::DelegationRequest& request, Language language) {
  const std::string who =
      request.requestor_name.empty()
          ? phrase(Words::SummaryUnnamed, language, {{"account", request.account}})
          : phrase(Words::SummaryNamed,
                   language,
                   {{"name", request.requestor_name}, {"account", request.account}});
  const std::string owner =
      request.owner_account.empty()
          ? phrase(Words::SummaryOwnAccount, language)
          : phrase(Words::SummaryAccount, language, {{"account", request.owner_account}});
  return concat(phrase(Words::SummaryAsks,
                       language,
                       {{"who", who},
                        {"owner", owner},
                        {"duration", duration_text(request.session_seconds, language)}}),
                "\n",
                phrase(Words::SummaryActs, language),
                "\n");
}

}  // namespace

std::string delegation_summary(const identity::DelegationRequest& request, Language language) {
  std::string out = head_text(request, language);
  const policy::PolicyRef& compiled = request.policy->policy();
  if (compiled == nullptr) {
    return concat(out, phrase(Words::SummaryUnreadable, language), "\n");
  }
  const Document& document = policy::document_of(*compiled);
  std::size_t left_out = 0;
  for (const Statement& statement : document.statements()) {
    const std::string text = concat("- ", policy::sentence_of(document, statement, language), "\n");
    if (left_out == 0 && out.size() + text.size() + kLastSentences <= facts::kSummaryCharacters) {
      out += text;
    } else {
      left_out += 1;
    }
  }
  if (left_out != 0) {
    out += concat("- ",
                  phrase(Words::SummaryLeftOut, language, {{"number", std::to_string(left_out)}}),
                  "\n");
  }
  if (!request.role_boundaries.empty()) {
    out += concat(phrase(Words::SummaryBoundaries, language), "\n");
  }
  return out;
}

}  // namespace signet::iam
