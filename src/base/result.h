#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <utility>
#include <vector>

namespace signet {

// A row of facts/errors.tsv. The enumerators are generated (facts/error_codes.h); base only needs
// the type.
enum class ErrorCode : std::uint16_t;

// What a caller is told when a request fails, plus the cause that only the log sees.
struct Error {
  ErrorCode code{};
  // Text of <Message>. Empty means that the answer carries no Message element (IAM's
  // ReportNotPresent).
  std::string message;
  // Extra elements of S3's error document, in order (for instance {"BucketName", "b"}).
  std::vector<std::pair<std::string, std::string>> fields;
  // Why a ServiceFailure happened. Logged, never sent.
  std::string cause;
};

template <class T>
using Result = std::expected<T, Error>;

using Status = std::expected<void, Error>;

[[nodiscard]] inline std::unexpected<Error> fail(ErrorCode code, std::string message) {
  return std::unexpected<Error>(
      Error{.code = code, .message = std::move(message), .fields = {}, .cause = {}});
}

}  // namespace signet

// Evaluates an expression of type Result<T>; yields the value, or returns its error from the
// enclosing function. Do not nest one TRY inside another, nor use it in a coroutine.
#define TRY(...)                                                    \
  ({                                                                \
    auto signet_try_result = (__VA_ARGS__);                         \
    if (!signet_try_result) [[unlikely]] {                          \
      return std::unexpected(std::move(signet_try_result).error()); \
    }                                                               \
    *std::move(signet_try_result);                                  \
  })

// The same for Status (or a Result whose value is not wanted).
#define TRY_STATUS(...)                                             \
  do {                                                              \
    auto signet_try_result = (__VA_ARGS__);                         \
    if (!signet_try_result) [[unlikely]] {                          \
      return std::unexpected(std::move(signet_try_result).error()); \
    }                                                               \
  } while (false)
