#include "token/deflate.h"

#include <zlib.h>

#include "base/assertion.h"

namespace signet::token {
namespace {

constexpr int kRawDeflate = -15;  // zlib's way to ask for no header, 32 KB window
constexpr int kMemoryLevel = 8;

// A short text is compressed to the same bytes with a window of 4 KB (of which zlib uses 262 bytes
// less) and small tables, which it need not clear at length first.
constexpr std::size_t kShort = 3584;
constexpr int kRawDeflateShort = -12;
constexpr int kMemoryLevelShort = 5;

Bytef* bytes_of(std::string_view text) {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast): zlib's field lacks const, it only reads
  return const_cast<Bytef*>(reinterpret_cast<const Bytef*>(text.data()));
}

}  // namespace

std::string deflate_bytes(std::string_view bytes) {
  z_stream stream{};
  const bool is_short = bytes.size() <= kShort;
  SIGNET_ASSERT(deflateInit2(&stream,
                             Z_BEST_COMPRESSION,
                             Z_DEFLATED,
                             is_short ? kRawDeflateShort : kRawDeflate,
                             is_short ? kMemoryLevelShort : kMemoryLevel,
                             Z_DEFAULT_STRATEGY) == Z_OK);
  std::string out(deflateBound(&stream, bytes.size()), '\0');
  stream.next_in = bytes_of(bytes);
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  SIGNET_ASSERT(::deflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::optional<std::string> inflate_bytes(std::string_view compressed, std::size_t limit) {
  z_stream stream{};
  SIGNET_ASSERT(inflateInit2(&stream, kRawDeflate) == Z_OK);
  std::string out(limit, '\0');
  stream.next_in = bytes_of(compressed);
  stream.avail_in = static_cast<uInt>(compressed.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int result = ::inflate(&stream, Z_FINISH);
  const bool is_whole = result == Z_STREAM_END && stream.avail_in == 0;
  out.resize(stream.total_out);
  inflateEnd(&stream);
  if (!is_whole) {
    return std::nullopt;
  }
  return out;
}

}  // namespace signet::token
