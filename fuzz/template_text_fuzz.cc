// fuzz-deps: iam identity policy_language base
#include "iam/template_text.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/assertion.h"
#include "base/strings.h"
#include "policy_language/policy_json.h"

// The text before the first line feed is a value, what follows a document with placeholders. A
// value that is taken changes no more than strings: the document keeps its structure.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace signet;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t line = input.find('\n');
  if (line == std::string_view::npos) {
    return 0;
  }
  const std::string value(input.substr(0, line));
  const std::string document(input.substr(line + 1));
  static_cast<void>(iam::placeholders_of(document));
  static_cast<void>(iam::fill_text(document, {{.name = "p", .values = {value}}}));
  const auto filled = iam::fill_document(document, {{.name = "p", .values = {value}}});
  if (!filled) {
    return 0;
  }
  const auto before = policy::PolicyJson::parse(document);
  const auto after = policy::PolicyJson::parse(*filled);
  if (!after) {
    SIGNET_ASSERT(!is_utf8(value));
    return 0;
  }
  SIGNET_ASSERT(before && before->size() == after->size());
  for (policy::NodeId id = 0; id < before->size(); ++id) {
    SIGNET_ASSERT((*before)[id].kind == (*after)[id].kind);
    SIGNET_ASSERT((*before)[id].count == (*after)[id].count);
  }
  SIGNET_ASSERT(iam::canonical_document(*filled).has_value());
  return 0;
}
