#pragma once

#include <array>
#include <cstdint>
#include <ctime>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "options.h"
#include "signing.h"

namespace signet::loadgen {

struct Request {
  std::string head;  // with the form, if any
  Op op = Op::Custom;
  bool has_wrong_signature = false;
  bool has_object_body = false;  // the body of RequestMaker::object_body() follows
};

// Makes signed requests of the mix. One per thread.
class RequestMaker {
 public:
  RequestMaker(const Options& options, std::uint64_t seed);

  Request next();
  // A signed call by hand, for setting up.
  Request call(const Credential& credential, Service service, const Draft& draft);

  [[nodiscard]] const std::string& object_body() const { return object_body_; }

 private:
  struct CachedKey {
    std::string day;
    HmacKey key;
  };

  const HmacKey& key_for(bool is_session, std::size_t index, Service service);
  std::string form_of(Op op);

  std::size_t pick(std::size_t count) { return count < 2 ? 0 : random_() % count; }

  bool draw(double share);

  const Options& options_;
  std::mt19937_64 random_;
  std::discrete_distribution<int> mix_;
  std::array<std::vector<std::array<CachedKey, 3>>, 2> keys_;
  std::time_t second_ = 0;
  std::string date_;
  std::uint64_t sequence_ = 0;
  std::string object_body_;
  std::string object_hash_;
};

// The text inside the first element of that name; empty if there is none.
std::string xml_text(const std::string& xml, const std::string& element);

}  // namespace signet::loadgen
