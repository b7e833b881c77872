#pragma once

#include <cstdint>
#include <string>
#include <vector>

// Random questions for the differential test: policies first, then requests made of the policies'
// own fragments, so that near misses and hits are the rule.

namespace signet::ref {

// splitmix64.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next();

  std::uint64_t below(std::uint64_t n) { return next() % n; }

  bool percent(unsigned p) { return below(100) < p; }

  template <class T>
  const T& pick(const std::vector<T>& items) {
    return items[below(items.size())];
  }

 private:
  std::uint64_t state_;
};

// Texts of JSON documents and levels, and the fragments they are made of.
struct GeneratedPolicies {
  std::vector<std::string> identity;
  std::vector<std::string> boundary;
  std::vector<std::string> session;
  std::vector<std::string> resource;
  std::vector<std::string> endpoint;
  std::vector<std::vector<std::string>> scps;
  std::vector<std::vector<std::string>> rcps;
  std::vector<std::vector<std::string>> scopes;  // one document each
  bool has_boundary = false;
  bool has_session = false;
  std::vector<std::string> actions;  // patterns that occur
  std::vector<std::string> resources;
  std::vector<std::string> operands;
  std::uint32_t keys = 0;  // one bit for each context key that occurs
};

// One request. Texts stand as they do between the quotes of a JSON string.
struct Request {
  struct Entry {
    std::string name;
    bool is_list = false;
    std::vector<std::string> values;
  };

  std::string action;
  std::string resource;
  std::string principal;         // empty: anonymous
  std::string resource_account;  // this and the next two: empty when not given
  std::string principal_id;
  std::string canonical_user_id;
  bool wildcard_only = false;
  bool creates_resource = false;
  std::vector<Entry> context;
};

[[nodiscard]] GeneratedPolicies make_world(Random& random);

// A text that the pattern fits, often: something for each wildcard and variable.
[[nodiscard]] std::string literal_of(const std::string& pattern, Random& random);

// One request against a world.
[[nodiscard]] Request make_request(const GeneratedPolicies& world, Random& random);

// The request as the batch's JSON members id to context, without the policies.
[[nodiscard]] std::string json_of(const Request& request);

// The whole question as one JSON object; `request` as json_of() writes it.
[[nodiscard]] std::string question_of(const GeneratedPolicies& world, const std::string& request);

}  // namespace signet::ref
