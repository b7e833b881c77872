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
struct World {
  std::vector<std::string> identity;
  std::vector<std::string> boundary;
  std::vector<std::string> session;
  std::vector<std::string> resource;
  std::vector<std::string> endpoint;
  std::vector<std::vector<std::string>> scps;
  std::vector<std::vector<std::string>> rcps;
  bool has_boundary = false;
  bool has_session = false;
  std::vector<std::string> actions;  // patterns that occur
  std::vector<std::string> resources;
  std::vector<std::string> keys;
  std::vector<std::string> operands;
};

[[nodiscard]] World make_world(Random& random);

// One request against a world: the batch's JSON members id to context, without the policies.
[[nodiscard]] std::string make_request(const World& world, Random& random);

// The whole question as one JSON object.
[[nodiscard]] std::string question_of(const World& world, const std::string& request);

}  // namespace signet::ref
