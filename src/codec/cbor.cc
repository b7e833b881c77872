#include "codec/cbor.h"

#include <limits>
#include <utility>

namespace signet::codec {
namespace {

constexpr int kMaxDepth = 16;
constexpr std::size_t kMaxValues = 1024;
constexpr std::uint64_t kFalse = 20;
constexpr std::uint64_t kNull = 22;

class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}

  [[nodiscard]] std::string_view rest() const { return rest_; }

  std::optional<Cbor> value(int depth) {
    if (depth > kMaxDepth || values_++ == kMaxValues || rest_.empty()) {
      return std::nullopt;
    }
    const auto first = static_cast<std::uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    const auto number = argument(first & 0x1FU);
    if (!number) {
      return std::nullopt;
    }
    switch (first >> 5U) {
      case 0:
        return Cbor{.type = Cbor::Type::Unsigned, .number = *number, .text = {}, .items = {}};
      case 1:
        return Cbor{.type = Cbor::Type::Negative, .number = *number, .text = {}, .items = {}};
      case 2:
        return text(Cbor::Type::Bytes, *number);
      case 3:
        return text(Cbor::Type::Text, *number);
      case 4:
        return list(Cbor::Type::Array, *number, 1, depth);
      case 5:
        return list(Cbor::Type::Map, *number, 2, depth);
      case 7:
        return simple(first & 0x1FU);
      default:
        return std::nullopt;  // tags
    }
  }

 private:
  // RFC 8949 3: the number itself, or how many bytes of it follow.
  std::optional<std::uint64_t> argument(std::uint8_t low) {
    constexpr std::uint8_t kInOneByte = 24;
    constexpr std::uint8_t kInEightBytes = 27;
    if (low < kInOneByte) {
      return low;
    }
    if (low > kInEightBytes) {
      return std::nullopt;
    }
    const std::size_t size = std::size_t{1} << (low - kInOneByte);
    if (rest_.size() < size) {
      return std::nullopt;
    }
    std::uint64_t number = 0;
    for (const char c : rest_.substr(0, size)) {
      number = (number << 8U) | static_cast<std::uint8_t>(c);
    }
    rest_.remove_prefix(size);
    return number;
  }

  std::optional<Cbor> text(Cbor::Type type, std::uint64_t size) {
    if (size > rest_.size()) {
      return std::nullopt;
    }
    Cbor out{.type = type, .number = 0, .text = rest_.substr(0, size), .items = {}};
    rest_.remove_prefix(size);
    return out;
  }

  std::optional<Cbor> list(Cbor::Type type, std::uint64_t count, std::uint64_t each, int depth) {
    if (count > kMaxValues) {
      return std::nullopt;
    }
    Cbor out{.type = type, .number = 0, .text = {}, .items = {}};
    for (std::uint64_t i = 0; i < count * each; ++i) {
      auto item = value(depth + 1);
      if (!item || (type == Cbor::Type::Map && i % 2 == 0 && has_key(out, *item))) {
        return std::nullopt;
      }
      out.items.push_back(*std::move(item));
    }
    return out;
  }

  static bool has_key(const Cbor& map, const Cbor& key) {
    for (std::size_t i = 0; i < map.items.size(); i += 2) {
      const Cbor& known = map.items[i];
      if (known.type == key.type && known.number == key.number && known.text == key.text) {
        return true;
      }
    }
    return false;
  }

  static std::optional<Cbor> simple(std::uint8_t low) {
    if (low < kFalse || low > kNull) {
      return std::nullopt;
    }
    return Cbor{.type = Cbor::Type::Simple, .number = low, .text = {}, .items = {}};
  }

  std::string_view rest_;
  std::size_t values_ = 0;
};

}  // namespace

std::optional<std::int64_t> Cbor::as_int() const {
  constexpr std::uint64_t kMost = std::numeric_limits<std::int64_t>::max();
  if (number > kMost || (type != Type::Unsigned && type != Type::Negative)) {
    return std::nullopt;
  }
  const auto value = static_cast<std::int64_t>(number);
  return type == Type::Unsigned ? value : -1 - value;
}

const Cbor* Cbor::find(std::string_view key) const {
  for (std::size_t i = 0; type == Type::Map && i < items.size(); i += 2) {
    if (items[i].is(Type::Text) && items[i].text == key) {
      return &items[i + 1];
    }
  }
  return nullptr;
}

const Cbor* Cbor::find(std::int64_t key) const {
  for (std::size_t i = 0; type == Type::Map && i < items.size(); i += 2) {
    if (items[i].as_int() == key) {
      return &items[i + 1];
    }
  }
  return nullptr;
}

std::optional<Cbor> parse_cbor(std::string_view bytes, std::size_t* used) {
  Reader reader(bytes);
  auto value = reader.value(0);
  const std::size_t left = reader.rest().size();
  if (!value || (used == nullptr && left != 0)) {
    return std::nullopt;
  }
  if (used != nullptr) {
    *used = bytes.size() - left;
  }
  return value;
}

}  // namespace signet::codec
