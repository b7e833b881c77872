#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "facts/wire/rules.h"

namespace signet::facts {

// What a request violates of its operation's constraints, in AWS's words (aws-wire 1.7, 1.9).
class Violations {
 public:
  // `echoes`: whether the offending values are told; IAM leaves them out, all others tell them.
  explicit Violations(bool echoes) : echoes_(echoes) {}

  // One clause; `value` is nothing where the member is missing.
  void add(std::string_view path,
           std::optional<std::string_view> value,
           std::string_view constraint);

  // The clauses of a text, or the member's own sentence.
  void check_string(const MemberRule& member, const StringRule& rule, std::string_view value);

  // Those of a whole number; `text` is what was sent.
  void check_integer(const MemberRule& member,
                     const BoundsRule& rule,
                     std::int64_t value,
                     std::string_view text);

  // Those of the length of a list, a map or bytes.
  void check_size(const MemberRule& member, const BoundsRule& rule, std::size_t size);

  // The one clause that stands for any fault of a list's texts.
  void check_items(const MemberRule& member,
                   const ListRule& list,
                   const StringRule& rule,
                   std::span<const std::string_view> values);

  void missing(const MemberRule& member) {
    add(member.path, std::nullopt, "Member must not be null");
  }

  // What the paths of the members begin with: "tags.1.member.".
  [[nodiscard]] std::string& prefix() { return prefix_; }

  // ValidationError with all of them, or with the first sentence.
  [[nodiscard]] Status finish() const;

 private:
  bool echoes_;
  std::string prefix_;
  std::string clauses_;
  std::size_t count_ = 0;
  std::string sentence_;  // first hand-written one
};

}  // namespace signet::facts
