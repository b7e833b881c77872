#include "sts/origin_identity.h"

#include <algorithm>
#include <string_view>

#include "base/strings.h"
#include "codec/utf8.h"
#include "facts/sts_sentences.h"

namespace signet::sts {
namespace {

// A context key that the session carries; empty: it does not.
std::string_view claim_of(const model::Caller& caller, std::string_view key) {
  return caller.session ? caller.session->claim(key) : std::string_view();
}

bool is_blank(std::string_view text) {
  return text.find_first_not_of(' ') == std::string_view::npos;
}

bool is_arn_like(std::string_view text) {
  return text.size() >= 4 && equals_ignore_case(text.substr(0, 4), "arn:");
}

}  // namespace

Result<std::string> origin_subject(const model::Caller& caller) {
  const std::string_view subject = claim_of(caller, "aws:OriginIdentity/Subject");
  const bool has_source = !claim_of(caller, "aws:OriginIdentity/Issuer").empty() ||
                          !claim_of(caller, "aws:OriginIdentity/FederatedProviderArn").empty();
  if (is_blank(subject) || !has_source) {
    return identity_token_no_origin();
  }
  // AWS-DIFF: AWS refuses control, format and separator characters of all of Unicode; here every
  // character beyond ASCII is refused, which grants less (web_identity_token_test.cc).
  const bool is_plain = std::ranges::all_of(subject, [](char c) { return c >= ' ' && c <= '~'; });
  if (is_arn_like(subject) || subject.starts_with(' ') || subject.ends_with(' ') || !is_plain) {
    return identity_token_origin_unsafe();
  }
  return std::string(subject);
}

}  // namespace signet::sts
