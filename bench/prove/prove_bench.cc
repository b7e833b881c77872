// Times prove_no_new_access() on identity policies in a running process.
//
//   prove_bench ROUNDS OLD... -- NEW...
//
// Prints the answer and the least processor time of all rounds in microseconds, from the texts of
// the policies to the answer with its request: reading, compiling and proof.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "policy_prove/documents.h"

namespace {

using namespace signet::policy::prove;  // NOLINT(google-build-using-namespace): one file, one room

double now_us() {
  timespec ts{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
  return static_cast<double>(ts.tv_sec) * 1e6 + static_cast<double>(ts.tv_nsec) / 1e3;
}

std::string read_file(const char* path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 5) {
    std::fprintf(stderr, "prove_bench ROUNDS OLD... -- NEW...\n");
    return 2;
  }
  std::vector<NamedDocument> sides[2];
  int side = 0;
  for (int i = 2; i < argc; ++i) {
    if (std::string_view(argv[i]) == "--") {
      side = 1;
    } else {
      sides[side].push_back({.name = argv[i], .text = read_file(argv[i])});
    }
  }
  double least = 1e18;
  ProofResult result = ProofResult::Unknown;
  for (int round = std::atoi(argv[1]); round > 0; --round) {
    const double begin = now_us();
    const auto proof = prove_no_new_access(DocumentKind::Identity, sides[1], sides[0]);
    least = std::min(least, now_us() - begin);
    if (!proof) {
      std::fprintf(stderr, "%s\n", proof.error().c_str());
      return 3;
    }
    result = proof->result;
  }
  const char* name = result == ProofResult::Pass   ? "PASS"
                     : result == ProofResult::Fail ? "FAIL"
                                                   : "UNKNOWN";
  std::printf("%s %.1f\n", name, least);
  return 0;
}
