// fuzz-deps: audit
// Input: the text of an audit file. Whatever the lines are, they are read or refused; a line whose
// tail can be read can be chained again to the same bytes but for its digest; what the checker
// accepts is a gapless sequence.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "audit/chain.h"
#include "audit/verify.h"
#include "base/assertion.h"

namespace {

using namespace signet;         // NOLINT(google-build-using-namespace): a program of one file
using namespace signet::audit;  // NOLINT(google-build-using-namespace): a program of one file

void chain_again(std::string_view line, const ChainTail& tail) {
  SIGNET_ASSERT(line.starts_with(tail.covered));
  const std::size_t at = tail.covered.rfind(",\"sequence\":");
  SIGNET_ASSERT(at != std::string_view::npos);
  ChainPoint point{
      .sequence = tail.point.sequence - 1,
      .digest = tail.previous.empty() ? std::string(64, '0') : std::string(tail.previous)};
  std::string again;
  append_chained(
      again, std::string(tail.covered.substr(0, at)) + "}", point, !tail.previous.empty());
  const auto read = read_chain_tail(std::string_view(again).substr(0, again.size() - 1));
  SIGNET_ASSERT(read && read->covered == tail.covered && read->point.digest == point.digest);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  static_cast<void>(read_head(text));
  ChainChecker checker;
  checker.begin_file("f");
  std::uint64_t taken = 0;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    if (const auto tail = read_chain_tail(line); tail) {
      chain_again(line, *tail);
    }
    taken += checker.take(line) ? 1 : 0;
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  const Verdict& verdict = checker.verdict();
  SIGNET_ASSERT(verdict.records == taken);
  SIGNET_ASSERT(taken == 0 || verdict.end.sequence - verdict.first_sequence + 1 == taken);
  return 0;
}
