#pragma once

#include <array>
#include <deque>
#include <expected>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "policy_engine/decide.h"
#include "policy_language/policy_json.h"

// A whole question (caller, request, context, policies) read from one JSON object: what the batch,
// the command line tools and the tests feed to decide(). For this room and the tests.

namespace signet::policy {

// Views into its own members; not movable.
struct Question {
  PolicyJson json;
  std::string id = "null";  // raw JSON
  Request request;
  Principal principal;
  PolicyInputs inputs;
  RequestContext context;
  std::deque<std::string> texts;                    // derived strings
  std::deque<std::vector<std::string_view>> lists;  // values of list keys
  std::array<std::vector<model::Tag>, facts::kTagFamilyCount> tags;
  std::vector<std::shared_ptr<const void>> owners;  // sets in use
};

// Compiled policies and sets by text. Bounded: dropped as a whole when too many texts were seen.
class PolicyCache {
 public:
  static constexpr std::size_t kMaxEntries = 4'096;

  explicit PolicyCache(const Settings& settings) : settings_(settings) {}

  // A set of the policies in a JSON value: one document, a list of documents, each an object or a
  // string with its text; null and absent give null. The error names the policy that cannot be
  // read.
  std::expected<PolicySetRef, std::string> set_of(const PolicyJson& json,
                                                  NodeId node,
                                                  SetKind kind,
                                                  std::string_view label);
  // The same for a list of levels.
  std::expected<GuardRailsRef, std::string> rails_of(const PolicyJson& json,
                                                     NodeId node,
                                                     SetKind kind,
                                                     std::string_view label);

  [[nodiscard]] const Settings& settings() const { return settings_; }

  // Drops everything when full; to be called between questions only.
  void trim();

 private:
  std::expected<std::vector<PolicyMember>, std::string> members_of(const PolicyJson& json,
                                                                   NodeId node,
                                                                   SetKind kind,
                                                                   std::string_view label);
  std::expected<PolicyMember, std::string> member_of(const PolicyJson& json,
                                                     NodeId node,
                                                     SetKind kind,
                                                     std::string_view label);

  Settings settings_;
  std::unordered_map<std::string, PolicyRef> policies_;
  std::unordered_map<std::string, PolicySetRef> sets_;
  std::unordered_map<std::string, GuardRailsRef> rails_;
};

// Fills a question from one JSON object. False with a message when it cannot be decided.
[[nodiscard]] std::expected<void, std::string> read_question(std::string_view text,
                                                             PolicyCache& cache,
                                                             Question& out);

}  // namespace signet::policy
