#include "policy_telling/batch.h"

#include "base/strings.h"
#include "policy_engine/compiled.h"
#include "policy_telling/explain.h"
#include "policy_telling/offline.h"

namespace signet::policy {

struct BatchEvaluator::State {
  explicit State(const Settings& settings) : cache(settings) {}

  PolicyCache cache;
};

namespace {

// The Sid of a statement, or policy id and position for one that has none.
void append_name(const StatementRef& ref, std::string& out) {
  const PolicyMember& member = ref.set->members()[ref.policy];
  const Document& document = document_of(*member.policy);
  const std::string_view sid = document.sid(document.statements()[ref.statement]);
  if (!sid.empty()) {
    append_json_string(out, sid);
    return;
  }
  append_json_string(out, concat(member.id, "#", std::to_string(ref.statement)));
}

void append_error(std::string_view id, std::string_view message, std::string& out) {
  out.append("{\"id\":").append(id).append(",\"error\":");
  append_json_string(out, message);
  out.push_back('}');
}

}  // namespace

BatchEvaluator::BatchEvaluator(const Settings& settings)
    : state_(std::make_unique<State>(settings)) {}

BatchEvaluator::~BatchEvaluator() = default;

bool BatchEvaluator::evaluate(std::string_view line, std::string& out) {
  state_->cache.trim();
  Question question;
  if (const auto read = read_question(line, state_->cache, question); !read) {
    append_error(question.id, read.error(), out);
    return false;
  }
  const Settings& settings = state_->cache.settings();
  const Decision decision =
      decide(question.request, question.principal, question.context, question.inputs, settings);
  out.append("{\"id\":")
      .append(question.id)
      .append(",\"verdict\":\"")
      .append(name_of(decision.verdict));
  out.append("\",\"reason\":\"").append(name_of(decision.type)).append("\",\"matched\":[");
  bool is_first = true;
  for (const StatementRef& ref : matched_statements(decision,
                                                    question.request,
                                                    question.principal,
                                                    question.context,
                                                    question.inputs,
                                                    settings)) {
    out.append(is_first ? "" : ",");
    is_first = false;
    append_name(ref, out);
  }
  out.append("]}");
  return true;
}

bool BatchEvaluator::explain(std::string_view line, bool as_json, std::string& out) {
  state_->cache.trim();
  Question question;
  if (const auto read = read_question(line, state_->cache, question); !read) {
    append_error(question.id, read.error(), out);
    return false;
  }
  const Trace trace = policy::explain(question.request,
                                      question.principal,
                                      question.context,
                                      question.inputs,
                                      state_->cache.settings());
  out += as_json ? render_json(trace) : render_text(trace);
  return true;
}

}  // namespace signet::policy
