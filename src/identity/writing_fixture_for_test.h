#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "identity/fixture_for_test.h"
#include "identity/invariants.h"

namespace signet::identity {

// Writes through a directory and looks at what came of it. For tests only; what goes wrong here
// collects in problems_, which the test's TearDown() expects to be empty.
class WritingFixture {
 protected:
  // Runs one transaction that must succeed, and looks at all indexes afterwards.
  void write(const std::function<void(Transaction&)>& change) {
    const auto result = run(change);
    problems_ += result ? "" : result.error().cause + "\n";
    snapshot_ = fixture_.directory().current();
    note_defects();
  }

  // Runs one that must be refused and leave no trace. Why it was refused; empty if it was not.
  std::string refusal(const std::function<void(Transaction&)>& change) {
    const auto before = fixture_.records();
    const auto result = run(change);
    problems_ += fixture_.records() == before ? "" : "a refused write left a trace\n";
    note_defects();
    return result ? "" : result.error().cause;
  }

  Fixture fixture_;
  std::shared_ptr<const Snapshot> snapshot_;
  std::string problems_;

 private:
  Result<std::uint64_t> run(const std::function<void(Transaction&)>& change) {
    return fixture_.directory().apply(
        [&change](const Snapshot&, Transaction& transaction) -> Status {
          change(transaction);
          return {};
        });
  }

  void note_defects() {
    for (const std::string& defect : verify_invariants(*fixture_.directory().current())) {
      problems_ += defect + "\n";
    }
  }
};

}  // namespace signet::identity
