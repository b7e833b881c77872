// fuzz-deps: s3
// A browser's form in pieces, the policy in it, texts of metadata, and documents of typed requests.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/instant.h"
#include "facts/s3_wire.h"
#include "s3/encoded_words.h"
#include "s3/form_reader.h"
#include "s3/post_policy.h"

namespace {

// The pieces are cut by the first byte: what is read must not depend on it.
void read_form(std::string_view text) {
  const std::size_t size = text.empty() ? 1 : static_cast<unsigned char>(text.front()) + 1U;
  signet::s3::FormReader reader("XX");
  std::optional<signet::s3::FormFile> file;
  std::size_t bytes = 0;
  for (std::size_t at = std::min<std::size_t>(1, text.size()); at < text.size(); at += size) {
    std::string_view piece = text.substr(at, size);
    if (!file) {
      const auto is_whole = reader.take(piece);
      if (!is_whole) {
        return;
      }
      if (*is_whole) {
        file.emplace(reader.delimiter());
      }
    }
    bytes += file ? file->take(piece).size() : 0;
  }
  if (bytes > text.size()) {
    std::abort();
  }
  if (const auto policy = reader.find("policy")) {
    if (const auto parsed = signet::s3::PostPolicy::parse(*policy)) {
      static_cast<void>(parsed->check(reader.fields(), signet::Instant::from_seconds(0)));
    }
  }
}

// What is shown of metadata can stand in a header, whatever was sent.
void read_metadata(std::string_view text) {
  const std::string shown = signet::s3::shown_metadata(signet::s3::stored_metadata(text));
  const bool is_header =
      std::ranges::all_of(shown, [](char c) { return c == '\t' || (c >= ' ' && c <= '~'); });
  if (!is_header || signet::s3::latin1_or_spaces(text).size() > text.size()) {
    std::abort();
  }
}

template <class Request>
void read_document(std::string_view text) {
  const auto nothing = [](std::string_view) {
    return std::optional<std::string_view>();
  };
  Request request;
  static_cast<void>(decode(
      signet::facts::S3Input{
          .bucket = "b", .key = "k", .header = nothing, .param = nothing, .body = text},
      request));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  read_form(text);
  read_metadata(text);
  static_cast<void>(signet::s3::form_boundary(text));
  static_cast<void>(signet::s3::PostPolicy::parse(text));
  read_document<signet::s3::shapes::PutObjectTaggingRequest>(text);
  read_document<signet::s3::shapes::PutBucketAclRequest>(text);
  return 0;
}
