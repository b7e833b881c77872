#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string_view>

// The action and the resource of a request with what is derived from them once, when the request is
// made: a decision asks several sets about them.

namespace signet::policy {

// An action as it is asked for, "service:Name". Views the text, which must outlive it. Made from a
// text without ceremony.
class ActionName {
 public:
  ActionName() : ActionName(std::string_view()) {}

  // NOLINTNEXTLINE(google-explicit-constructor): an action is written as its name
  ActionName(std::string_view text);

  template <std::convertible_to<std::string_view> Text>
  // NOLINTNEXTLINE(google-explicit-constructor): the same for literals and strings
  ActionName(const Text& text) : ActionName(std::string_view(text)) {}

  [[nodiscard]] std::string_view text() const { return text_; }

  // NOLINTNEXTLINE(google-explicit-constructor): the way back
  operator std::string_view() const { return text_; }

  // Case-blind; equal for names that differ by ASCII case only.
  [[nodiscard]] std::uint64_t hash() const { return hash_; }

  // The first bytes in lower case, zeros behind a shorter name.
  static constexpr std::size_t kFolded = 32;
  using Folded = std::array<char, kFolded>;

  [[nodiscard]] const Folded& folded() const { return folded_; }

  [[nodiscard]] bool is_of_sts() const { return service_ == Service::Sts; }

  [[nodiscard]] bool is_of_kms() const { return service_ == Service::Kms; }

  // Of a service whose actions have rules of their own.
  [[nodiscard]] bool is_of_special_service() const { return service_ != Service::Other; }

 private:
  enum class Service : std::uint8_t { Other, Sts, Kms };

  std::string_view text_;
  std::uint64_t hash_;
  alignas(16) Folded folded_{};
  Service service_ = Service::Other;
};

// Positions of the first five colons of an ARN.
using Colons = std::array<std::uint32_t, 5>;

// False when there are fewer than five.
[[nodiscard]] bool find_colons(std::string_view text, Colons& colons);

// Part `i` of six.
[[nodiscard]] inline std::string_view part_at(std::string_view text,
                                              const Colons& colons,
                                              std::size_t i) {
  const std::size_t begin = i == 0 ? 0 : colons[i - 1] + std::size_t{1};
  const std::size_t end = i == 5 ? text.size() : colons[i];
  return {text.data() + begin, end - begin};
}

// A text of at most kMost bytes as two words that are equal where the texts are: the bytes, and
// their number in the last byte.
struct ShortText {
  static constexpr std::size_t kMost = 15;
  std::uint64_t low = 0;
  std::uint64_t high = 0;

  // A longer text: equal to no short one, and not comparable with another long one.
  [[nodiscard]] static constexpr ShortText too_long() {
    return {.low = 0, .high = ~std::uint64_t{0}};
  }

  [[nodiscard]] bool is_too_long() const { return high == ~std::uint64_t{0}; }

  bool operator==(const ShortText&) const = default;
};

[[nodiscard]] ShortText short_text(std::string_view text);

// The first eight bytes of a text; zeros behind a shorter one.
[[nodiscard]] std::uint64_t first_bytes(std::string_view text);

// The first five parts of an ARN, to be compared without looking at their texts. A part that does
// not fit is too_long().
struct ArnHead {
  ShortText lead;  // partition and service of an ARN that begins with "arn:"
  ShortText region;
  ShortText account;

  bool operator==(const ArnHead&) const = default;
};

// Partition and service in one; too_long() for partitions that are none of AWS's three.
[[nodiscard]] ShortText short_lead(std::string_view scheme,
                                   std::string_view partition,
                                   std::string_view service);

// A resource as it is asked for: an ARN, or "*". Views the text, which must outlive it. Made from a
// text without ceremony.
class ResourceName {
 public:
  ResourceName() : ResourceName(std::string_view()) {}

  // NOLINTNEXTLINE(google-explicit-constructor): a resource is written as its ARN
  ResourceName(std::string_view text);

  template <std::convertible_to<std::string_view> Text>
  // NOLINTNEXTLINE(google-explicit-constructor): the same for literals and strings
  ResourceName(const Text& text) : ResourceName(std::string_view(text)) {}

  [[nodiscard]] std::string_view text() const { return text_; }

  // NOLINTNEXTLINE(google-explicit-constructor): the way back
  operator std::string_view() const { return text_; }

  // Six parts; otherwise only "*" matches.
  [[nodiscard]] bool is_arn() const { return is_arn_; }

  // Part `i` of six, where is_arn().
  [[nodiscard]] std::string_view part(std::size_t i) const { return part_at(text_, colons_, i); }

  // Where is_arn().
  [[nodiscard]] const ArnHead& head() const { return head_; }

  // "*"
  [[nodiscard]] static const ResourceName& anything();

  [[nodiscard]] bool is_anything() const { return text_.size() == 1 && text_[0] == '*'; }

 private:
  std::string_view text_;
  Colons colons_{};
  bool is_arn_;
  ArnHead head_;
};

}  // namespace signet::policy
