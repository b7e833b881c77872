#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/secret.h"
#include "codec/form.h"
#include "facts/operations.h"
#include "facts/wire/rules.h"
#include "facts/wire/violations.h"

namespace signet::facts {

// Reads the parameters of one operation into a typed request. Every violated constraint is
// collected and reported by finish() in AWS's words: IAM leaves the offending value out, STS echoes
// it (aws-wire 1.7, 1.9).
// AWS-DIFF: AWS ignores and Signet refuses what could drop something that matters for security: a
// repeated parameter, a list index that is not 1, 2, 3 and so on, a parameter below a known member
// that the operation does not define (decoder_test.cc).
class Decoder {
 public:
  Decoder(const codec::FormParams& form, const OperationRow& operation);
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;
  Decoder(Decoder&&) = delete;
  Decoder& operator=(Decoder&&) = delete;
  ~Decoder() = default;

  void string(const MemberRule& member, const StringRule& rule, std::string& out);
  void string(const MemberRule& member, const StringRule& rule, std::optional<std::string>& out);
  void string(const MemberRule& member, const StringRule& rule, Secret& out);
  void string(const MemberRule& member, const StringRule& rule, std::optional<Secret>& out);
  void integer(const MemberRule& member, const BoundsRule& rule, std::int64_t& out);
  void integer(const MemberRule& member, const BoundsRule& rule, std::optional<std::int64_t>& out);
  void boolean(const MemberRule& member, bool& out);
  void boolean(const MemberRule& member, std::optional<bool>& out);
  void strings(const MemberRule& member,
               const ListRule& list,
               const StringRule& rule,
               std::vector<std::string>& out);

  template <class T>
  void structures(const MemberRule& member,
                  const ListRule& list,
                  std::vector<T>& out,
                  void (*read)(Decoder&, T&)) {
    for (const std::int64_t index : begin_list(member, list)) {
      const Scope scope = enter_element(member, index);
      read(*this, out.emplace_back());
      leave(scope);
    }
  }

  // `Name.entry.1.key`, `Name.entry.1.value` and so on. Keys are read with `rule`; `read` reads the
  // member named "value" (kMapValue).
  template <class T>
  void map(const MemberRule& member,
           const BoundsRule& size,
           const StringRule& rule,
           std::vector<std::pair<std::string, T>>& out,
           void (*read)(Decoder&, T&)) {
    for (const std::int64_t index : begin_list(member, {.size = size}, kEntryStep)) {
      const Scope scope = enter_element(member, index, kEntryStep);
      auto& [key, value] = out.emplace_back();
      string({.wire = "key", .path = "key", .is_required = true}, rule, key);
      read(*this, value);
      leave(scope);
    }
  }

  template <class T>
  void structure(const MemberRule& member, T& out, void (*read)(Decoder&, T&)) {
    if (begin_structure(member)) {
      const Scope scope = enter(member);
      read(*this, out);
      leave(scope);
    }
  }

  template <class T>
  void structure(const MemberRule& member, std::optional<T>& out, void (*read)(Decoder&, T&)) {
    if (begin_structure(member)) {
      const Scope scope = enter(member);
      read(*this, out.emplace());
      leave(scope);
    }
  }

  // The verdict. `members` are the operation's own member names.
  [[nodiscard]] Status finish(std::span<const std::string_view> members);

 private:
  // Sizes of the two prefixes before a nested structure was entered.
  struct Scope {
    std::size_t wire;
    std::size_t path;
  };

  [[nodiscard]] const std::string_view* take(std::string_view wire);
  [[nodiscard]] std::string_view key(std::string_view wire, std::string_view tail = {});
  [[nodiscard]] const std::string_view* take_member(const MemberRule& member);
  // What stands between a member's name and the number of an element.
  static constexpr std::string_view kMemberStep = ".member.";
  static constexpr std::string_view kEntryStep = ".entry.";

  [[nodiscard]] std::vector<std::int64_t> begin_list(const MemberRule& member,
                                                     const ListRule& list,
                                                     std::string_view step = kMemberStep);
  [[nodiscard]] std::vector<std::int64_t> indices(const MemberRule& member, std::string_view step);
  [[nodiscard]] bool begin_structure(const MemberRule& member);
  [[nodiscard]] Scope enter(const MemberRule& member);
  [[nodiscard]] Scope enter_element(const MemberRule& member,
                                    std::int64_t index,
                                    std::string_view step = kMemberStep);
  void leave(Scope scope);

  [[nodiscard]] std::optional<std::int64_t> read_integer(const MemberRule& member,
                                                         const BoundsRule& rule);
  [[nodiscard]] std::optional<bool> read_boolean(const MemberRule& member);
  void missing(const MemberRule& member);

  const codec::FormParams& form_;
  const OperationRow& operation_;
  std::string used_;         // one flag a parameter
  std::string key_;          // scratch for key()
  std::string wire_prefix_;  // "Tags.member.1."
  Violations violations_;
  std::string missing_parameter_;  // first one to be answered with MissingParameter
  std::vector<std::string_view> values_;
};

}  // namespace signet::facts
