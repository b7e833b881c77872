#include "codec/base64.h"

#include <array>
#include <cstddef>
#include <cstring>

#if defined(__x86_64__)
#include <tmmintrin.h>
#endif

#include "base/assertion.h"

namespace signet::codec {
namespace {

constexpr std::string_view kStandard =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kUrl =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::uint8_t kBad = 0xFF;

constexpr std::array<std::uint8_t, 256> reverse(std::string_view alphabet) {
  std::array<std::uint8_t, 256> table{};
  table.fill(kBad);
  for (std::size_t i = 0; i < alphabet.size(); ++i) {
    table[static_cast<std::uint8_t>(alphabet[i])] = static_cast<std::uint8_t>(i);
  }
  return table;
}

constexpr auto kStandardValues = reverse(kStandard);
constexpr auto kUrlValues = reverse(kUrl);

std::uint32_t byte_at(std::string_view s, std::size_t i) {
  return static_cast<std::uint8_t>(s[i]);
}

#if defined(__x86_64__)
// Session tokens travel with every request, so the standard alphabet has a vector path: 12 bytes to
// 16 characters a turn, by the method of Mula and Lemire ("Faster Base64 Encoding and Decoding
// Using AVX2 Instructions", 2018) on 128-bit registers.
bool has_vector_path() {
  static const bool value = __builtin_cpu_supports("ssse3") != 0;
  return value;
}

// Encodes while 16 bytes can be read; answers how many bytes it took (a multiple of 12).
__attribute__((target("ssse3"))) std::size_t encode_vector(const char* in,
                                                           std::size_t size,
                                                           char* out) {
  const __m128i spread = _mm_set_epi8(10, 11, 9, 10, 7, 8, 6, 7, 4, 5, 3, 4, 1, 2, 0, 1);
  // What to add to an index, chosen by its range: A-Z is 13, a-z is 0, digits are 1-10, '+' and
  // '/'.
  const __m128i offsets =
      _mm_setr_epi8(71, -4, -4, -4, -4, -4, -4, -4, -4, -4, -4, -19, -16, 65, 0, 0);
  std::size_t done = 0;
  for (; done + 16 <= size; done += 12) {
    __m128i v;
    std::memcpy(&v, in + done, 16);
    v = _mm_shuffle_epi8(v, spread);
    const __m128i high =
        _mm_mulhi_epu16(_mm_and_si128(v, _mm_set1_epi32(0x0fc0fc00)), _mm_set1_epi32(0x04000040));
    const __m128i low =
        _mm_mullo_epi16(_mm_and_si128(v, _mm_set1_epi32(0x003f03f0)), _mm_set1_epi32(0x01000010));
    const __m128i index = _mm_or_si128(high, low);
    __m128i range = _mm_subs_epu8(index, _mm_set1_epi8(51));
    const __m128i is_upper = _mm_cmpgt_epi8(_mm_set1_epi8(26), index);
    range = _mm_or_si128(range, _mm_and_si128(is_upper, _mm_set1_epi8(13)));
    v = _mm_add_epi8(_mm_shuffle_epi8(offsets, range), index);
    std::memcpy(out + done / 3 * 4, &v, 16);
  }
  return done;
}

// Decodes runs of 16 good characters while 16 bytes may be written for 12; answers how many
// characters it took. Stops before a run with a bad character.
__attribute__((target("ssse3"))) std::size_t decode_vector(const char* in,
                                                           std::size_t size,
                                                           char* out) {
  const __m128i low_classes = _mm_setr_epi8(0x15,
                                            0x11,
                                            0x11,
                                            0x11,
                                            0x11,
                                            0x11,
                                            0x11,
                                            0x11,
                                            0x11,
                                            0x11,
                                            0x13,
                                            0x1a,
                                            0x1b,
                                            0x1b,
                                            0x1b,
                                            0x1a);
  const __m128i high_classes = _mm_setr_epi8(0x10,
                                             0x10,
                                             0x01,
                                             0x02,
                                             0x04,
                                             0x08,
                                             0x04,
                                             0x08,
                                             0x10,
                                             0x10,
                                             0x10,
                                             0x10,
                                             0x10,
                                             0x10,
                                             0x10,
                                             0x10);
  const __m128i rolls = _mm_setr_epi8(0, 16, 19, 4, -65, -65, -71, -71, 0, 0, 0, 0, 0, 0, 0, 0);
  const __m128i gather = _mm_setr_epi8(2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1);
  const __m128i slash = _mm_set1_epi8(0x2f);
  std::size_t done = 0;
  for (; done + 24 <= size; done += 16) {
    __m128i v;
    std::memcpy(&v, in + done, 16);
    const __m128i high = _mm_and_si128(_mm_srli_epi32(v, 4), slash);
    const __m128i low = _mm_and_si128(v, slash);
    const __m128i clash =
        _mm_and_si128(_mm_shuffle_epi8(high_classes, high), _mm_shuffle_epi8(low_classes, low));
    if (_mm_movemask_epi8(_mm_cmpgt_epi8(clash, _mm_setzero_si128())) != 0) {
      break;
    }
    const __m128i roll = _mm_shuffle_epi8(rolls, _mm_add_epi8(_mm_cmpeq_epi8(v, slash), high));
    v = _mm_add_epi8(v, roll);
    v = _mm_maddubs_epi16(v, _mm_set1_epi32(0x01400140));
    v = _mm_madd_epi16(v, _mm_set1_epi32(0x00011000));
    v = _mm_shuffle_epi8(v, gather);
    std::memcpy(out + done / 4 * 3, &v, 16);
  }
  return done;
}
#else
bool has_vector_path() {
  return false;
}

std::size_t encode_vector(const char*, std::size_t, char*) {
  return 0;
}

std::size_t decode_vector(const char*, std::size_t, char*) {
  return 0;
}
#endif

void encode(std::string& out, std::string_view bytes, std::string_view alphabet, bool pad) {
  const std::size_t rest = bytes.size() % 3;
  const std::size_t tail = rest == 0 ? 0 : (pad ? 4 : rest + 1);
  const std::size_t start = out.size();
  out.resize(start + bytes.size() / 3 * 4 + tail);
  char* to = out.data() + start;
  std::size_t i = 0;
  if (alphabet.data() == kStandard.data() && has_vector_path()) {
    i = encode_vector(bytes.data(), bytes.size(), to);
    to += i / 3 * 4;
  }
  for (; i + 3 <= bytes.size(); i += 3) {
    const std::uint32_t v =
        byte_at(bytes, i) << 16U | byte_at(bytes, i + 1) << 8U | byte_at(bytes, i + 2);
    *to++ = alphabet[v >> 18U];
    *to++ = alphabet[v >> 12U & 63U];
    *to++ = alphabet[v >> 6U & 63U];
    *to++ = alphabet[v & 63U];
  }
  if (rest == 0) {
    return;
  }
  const std::uint32_t v = byte_at(bytes, i) << 16U | (rest == 2 ? byte_at(bytes, i + 1) << 8U : 0U);
  *to++ = alphabet[v >> 18U];
  *to++ = alphabet[v >> 12U & 63U];
  if (rest == 2) {
    *to++ = alphabet[v >> 6U & 63U];
  }
  if (pad) {
    std::memset(to, '=', 3 - rest);
  }
}

// Bytes that `size` characters without padding stand for, if they stand for any.
constexpr std::size_t decoded_size(std::size_t size) {
  const std::size_t rest = size % 4;
  return size / 4 * 3 + (rest == 0 ? 0 : rest - 1);
}

// `text` has no padding any more; `to` has room for decoded_size() bytes.
bool decode(std::string_view text, const std::array<std::uint8_t, 256>& values, char* to) {
  const std::size_t rest = text.size() % 4;
  if (rest == 1) {
    return false;
  }
  std::size_t i = 0;
  if (&values == &kStandardValues && has_vector_path()) {
    i = decode_vector(text.data(), text.size(), to);
    to += i / 4 * 3;
  }
  std::uint32_t seen = 0;  // all values or-ed: a bad one sets bits above the sixth
  for (; i + 4 <= text.size(); i += 4) {
    const std::uint32_t a = values[byte_at(text, i)];
    const std::uint32_t b = values[byte_at(text, i + 1)];
    const std::uint32_t c = values[byte_at(text, i + 2)];
    const std::uint32_t d = values[byte_at(text, i + 3)];
    seen |= a | b | c | d;
    *to++ = static_cast<char>(a << 2U | b >> 4U);
    *to++ = static_cast<char>(b << 4U | c >> 2U);
    *to++ = static_cast<char>(c << 6U | d);
  }
  if (rest != 0) {
    const std::uint32_t a = values[byte_at(text, i)];
    const std::uint32_t b = values[byte_at(text, i + 1)];
    const std::uint32_t c = rest == 3 ? values[byte_at(text, i + 2)] : 0;
    seen |= a | b | c;
    *to++ = static_cast<char>(a << 2U | b >> 4U);
    if (rest == 3) {
      *to++ = static_cast<char>(b << 4U | c >> 2U);
    }
    const std::uint32_t unused = rest == 3 ? c & 3U : b & 15U;
    if (unused != 0) {
      return false;
    }
  }
  return seen <= 63;
}

std::optional<std::string> decode(std::string_view text,
                                  const std::array<std::uint8_t, 256>& values) {
  std::optional<std::string> out(std::in_place, decoded_size(text.size()), '\0');
  if (!decode(text, values, out->data())) {
    out.reset();
  }
  return out;
}

// `text` without its padding; nothing if its length is none of padded base64.
std::optional<std::string_view> without_padding(std::string_view text) {
  if (text.size() % 4 != 0) {
    return std::nullopt;
  }
  for (int i = 0; i < 2 && text.ends_with('='); ++i) {
    text.remove_suffix(1);
  }
  return text;
}

}  // namespace

void append_base64(std::string& out, std::string_view bytes) {
  encode(out, bytes, kStandard, true);
}

std::string encode_base64(std::string_view bytes) {
  std::string out;
  encode(out, bytes, kStandard, true);
  return out;
}

std::string encode_base64url(std::string_view bytes) {
  std::string out;
  encode(out, bytes, kUrl, false);
  return out;
}

std::optional<std::string> decode_base64(std::string_view text) {
  const std::optional<std::string_view> bare = without_padding(text);
  return bare ? decode(*bare, kStandardValues) : std::nullopt;
}

std::optional<std::size_t> decode_base64_to(std::string_view text, std::span<char> out) {
  SIGNET_ASSERT(out.size() >= text.size() / 4 * 3);
  const std::optional<std::string_view> bare = without_padding(text);
  if (!bare || !decode(*bare, kStandardValues, out.data())) {
    return std::nullopt;
  }
  return decoded_size(bare->size());
}

std::optional<std::string> decode_base64url(std::string_view text) {
  return decode(text, kUrlValues);
}

}  // namespace signet::codec
