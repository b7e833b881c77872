#include "identity/record.h"

#include <algorithm>
#include <array>
#include <optional>
#include <tuple>
#include <utility>

#include "base/strings.h"
#include "facts/errors.h"
#include "identity/record_archive.h"

namespace signet::identity {
namespace {

std::unexpected<Error> damaged(std::string_view key, std::string_view why) {
  return std::unexpected(facts::service_failure(concat("record ", key, ": ", why)));
}

template <class T>
Result<AnyRecord> read_as(RecordReader& reader, std::string_view key) {
  T entity;
  Kind<T>::fields(reader, entity);
  reader.close();
  if (!reader.failure().empty()) {
    return damaged(key, reader.failure());
  }
  if constexpr (requires { Kind<T>::adopt_key(entity, key); }) {
    Kind<T>::adopt_key(entity, key);
  }
  if (record_key(entity) != key) {
    return damaged(key, "the content belongs under another key");
  }
  return AnyRecord(std::move(entity));
}

template <class... T>
consteval bool are_numbers_distinct(Types<T...>) {
  std::array numbers = {Kind<T>::kRecord...};
  std::ranges::sort(numbers);
  return std::ranges::adjacent_find(numbers) == numbers.end();
}

static_assert(are_numbers_distinct(Kinds()), "two kinds with one number of record");

template <class... T>
Result<AnyRecord> read_any(Types<T...>,
                           std::uint8_t number,
                           RecordReader& reader,
                           std::string_view key) {
  std::optional<Result<AnyRecord>> read;
  (void)((number == Kind<T>::kRecord && (read.emplace(read_as<T>(reader, key)), true)) || ...);
  return read ? *std::move(read) : damaged(key, concat("unknown kind ", std::to_string(number)));
}

}  // namespace

template <class T>
std::string encode_record(const T& entity, const crypto::SecretBox& box, Random& random) {
  const std::string key = record_key(entity);
  RecordWriter writer(key, box, random);
  writer.frame(Kind<T>::kRecord);
  Kind<T>::fields(writer, entity);
  return writer.take();
}

namespace detail {

template <class T>
struct RecordFunctions {
  static constexpr std::tuple kFunctions = {&encode_record<T>};
};

}  // namespace detail

template struct Instances<detail::RecordFunctions, Kinds>;

Result<AnyRecord> decode_record(std::string_view key,
                                std::string_view value,
                                const crypto::SecretBox& box,
                                DocumentPool& documents) {
  RecordReader reader(key, box, documents);
  const std::optional<std::uint8_t> kind = reader.open(value);
  if (!kind) {
    return damaged(key, reader.failure());
  }
  return read_any(Kinds(), *kind, reader, key);
}

}  // namespace signet::identity
