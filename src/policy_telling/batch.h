#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "policy_language/settings.h"

namespace signet::policy {

// `signet policy eval --batch`: one JSON object a line in, one decision a line out, through the
// very decide() the server uses. docs/reference/policy-batch.md describes the fields. Policies and
// sets are compiled once per distinct text and kept, bounded. Not thread-safe; one per thread.
class BatchEvaluator {
 public:
  explicit BatchEvaluator(const Settings& settings = kDefaultSettings);
  ~BatchEvaluator();
  BatchEvaluator(const BatchEvaluator&) = delete;
  BatchEvaluator& operator=(const BatchEvaluator&) = delete;

  // Decides one line and appends the answer, without line end, to `out`. False when the line could
  // not be decided; `out` then got {"id": ..., "error": "..."}.
  bool evaluate(std::string_view line, std::string& out);

  // The full trace of one line instead: as text for people, or as JSON (explain.h).
  bool explain(std::string_view line, bool as_json, std::string& out);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace signet::policy
