#include "crypto/checksum.h"

#include <array>
#include <bit>
#include <cstring>
#include <utility>

#if defined(__x86_64__)
#include <wmmintrin.h>
#endif

#include <openssl/evp.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/assertion.h"
#include "base/strings.h"
#include "crypto/sha256.h"

namespace signet::crypto {

class Checksum::Hash {
 public:
  Hash() = default;
  Hash(const Hash&) = delete;
  Hash& operator=(const Hash&) = delete;
  Hash(Hash&&) = delete;
  Hash& operator=(Hash&&) = delete;
  virtual ~Hash() = default;

  virtual void update(std::string_view bytes) = 0;
  [[nodiscard]] virtual std::string finish() = 0;
};

namespace {

struct AlgorithmRow {
  ChecksumAlgorithm algorithm;
  std::string_view name;
  std::string_view header;
  std::size_t size;
};

constexpr std::array<AlgorithmRow, 10> kAlgorithms{{
    {ChecksumAlgorithm::Crc32, "CRC32", "x-amz-checksum-crc32", 4},
    {ChecksumAlgorithm::Crc32c, "CRC32C", "x-amz-checksum-crc32c", 4},
    {ChecksumAlgorithm::Crc64Nvme, "CRC64NVME", "x-amz-checksum-crc64nvme", 8},
    {ChecksumAlgorithm::Sha1, "SHA1", "x-amz-checksum-sha1", 20},
    {ChecksumAlgorithm::Sha256, "SHA256", "x-amz-checksum-sha256", 32},
    {ChecksumAlgorithm::Sha512, "SHA512", "x-amz-checksum-sha512", 64},
    {ChecksumAlgorithm::Md5, "MD5", "x-amz-checksum-md5", 16},
    {ChecksumAlgorithm::Xxhash64, "XXHASH64", "x-amz-checksum-xxhash64", 8},
    {ChecksumAlgorithm::Xxhash3, "XXHASH3", "x-amz-checksum-xxhash3", 8},
    {ChecksumAlgorithm::Xxhash128, "XXHASH128", "x-amz-checksum-xxhash128", 16},
}};

const AlgorithmRow& row_of(ChecksumAlgorithm algorithm) {
  return kAlgorithms[static_cast<std::size_t>(algorithm) - 1];
}

// Slicing-by-8: table[k][b] is the effect of byte b followed by k zero bytes, so that eight bytes
// cost eight independent look-ups instead of a chain of eight.
template <class Word>
using SliceTables = std::array<std::array<Word, 256>, 8>;

template <class Word>
constexpr SliceTables<Word> make_tables(Word reflected_polynomial) {
  SliceTables<Word> tables{};
  for (unsigned byte = 0; byte < 256; ++byte) {
    Word crc = byte;
    for (int bit = 0; bit < 8; ++bit) {
      crc = (crc >> 1) ^ ((crc & 1) != 0 ? reflected_polynomial : Word{0});
    }
    tables[0][byte] = crc;
  }
  for (unsigned byte = 0; byte < 256; ++byte) {
    for (unsigned k = 1; k < 8; ++k) {
      const Word previous = tables[k - 1][byte];
      tables[k][byte] = (previous >> 8) ^ tables[0][previous & 0xff];
    }
  }
  return tables;
}

constexpr std::uint32_t kCrc32Polynomial = 0xedb88320U;
constexpr std::uint32_t kCrc32cPolynomial = 0x82f63b78U;
constexpr std::uint64_t kCrc64NvmePolynomial = 0x9a6c9329ac4bc9b5U;

constexpr SliceTables<std::uint32_t> kCrc32 = make_tables(kCrc32Polynomial);
constexpr SliceTables<std::uint32_t> kCrc32c = make_tables(kCrc32cPolynomial);
constexpr SliceTables<std::uint64_t> kCrc64Nvme = make_tables(kCrc64NvmePolynomial);

// The product of two polynomials modulo the CRC's, all reflected: the highest bit is x^0.
template <class Word>
Word times(Word polynomial, Word a, Word b) {
  constexpr Word kOne = Word{1} << (8 * sizeof(Word) - 1);
  Word product = 0;
  for (Word bit = kOne; bit != 0; bit >>= 1) {
    product ^= (a & bit) != 0 ? b : Word{0};
    b = (b >> 1) ^ ((b & 1) != 0 ? polynomial : Word{0});
  }
  return product;
}

// What a CRC becomes when so many zero bytes follow (apart from its complements), and the other is
// added: the first text moved up, plus the second.
template <class Word>
Word join(Word polynomial, Word first, Word second, std::uint64_t second_size) {
  constexpr Word kOne = Word{1} << (8 * sizeof(Word) - 1);
  Word power = kOne >> 8;  // x^8: one byte; squared each time
  for (std::uint64_t left = second_size; left != 0; left >>= 1) {
    if ((left & 1) != 0) {
      first = times(polynomial, first, power);
    }
    power = times(polynomial, power, power);
  }
  return first ^ second;
}

// Without the complements at either end.
template <class Word>
Word run_by_tables(const SliceTables<Word>& tables, Word crc, std::string_view bytes) {
  const char* at = bytes.data();
  std::size_t left = bytes.size();
  for (; left >= 8; left -= 8, at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, 8);  // little-endian: the only order we build for
    word ^= crc;
    Word next = 0;
    for (unsigned i = 0; i < 8; ++i) {
      next ^= tables[7 - i][(word >> (8 * i)) & 0xff];
    }
    crc = next;
  }
  for (; left > 0; --left, ++at) {
    crc = (crc >> 8) ^ tables[0][(crc ^ static_cast<std::uint8_t>(*at)) & 0xff];
  }
  return crc;
}

#if defined(__x86_64__)
constexpr std::size_t kFoldedBytes = 64;

// x^n modulo the polynomial, in the upper bits of 64.
template <class Word>
constexpr std::int64_t power_of_x(Word polynomial, unsigned n) {
  Word power = Word{1} << (8 * sizeof(Word) - 1);
  for (; n > 0; --n) {
    power = (power >> 1) ^ ((power & 1) != 0 ? polynomial : Word{0});
  }
  return std::bit_cast<std::int64_t>(std::uint64_t{power} << (64 - 8 * sizeof(Word)));
}

// By carry-less multiplication (Gopal and others, "Fast CRC Computation for Generic Polynomials
// Using PCLMULQDQ Instruction", Intel 2009): 64 bytes are multiplied by x^512 modulo the
// polynomial and added to the next 64, until those that are left have the same CRC as all. The
// product of two reflected halves is one bit short, hence one power less. The first half of a
// block, which is its low one, has the higher powers.
template <class Word, Word kPolynomial>
__attribute__((target("pclmul"))) Word fold(const SliceTables<Word>& tables,
                                            Word crc,
                                            std::string_view bytes) {
  constexpr unsigned kBits = 8 * kFoldedBytes;
  constexpr std::int64_t kLow = power_of_x(kPolynomial, kBits + 63);
  constexpr std::int64_t kHigh = power_of_x(kPolynomial, kBits - 1);
  const __m128i by = _mm_set_epi64x(kHigh, kLow);
  __m128i sum[4];
  std::memcpy(&sum, bytes.data(), kFoldedBytes);
  sum[0] ^= _mm_set_epi64x(0, std::bit_cast<std::int64_t>(std::uint64_t{crc}));
  bytes.remove_prefix(kFoldedBytes);
  for (; bytes.size() >= kFoldedBytes; bytes.remove_prefix(kFoldedBytes)) {
    __m128i next[4];
    std::memcpy(&next, bytes.data(), kFoldedBytes);
    for (std::size_t i = 0; i < std::size(sum); ++i) {
      sum[i] =
          _mm_clmulepi64_si128(sum[i], by, 0x00) ^ _mm_clmulepi64_si128(sum[i], by, 0x11) ^ next[i];
    }
  }
  std::array<char, kFoldedBytes> rest;
  std::memcpy(rest.data(), &sum, kFoldedBytes);
  crc = run_by_tables(tables, Word{0}, std::string_view(rest.data(), rest.size()));
  return run_by_tables(tables, crc, bytes);
}

__attribute__((target("sse4.2"))) std::uint32_t crc32c_hardware(std::uint32_t crc,
                                                                std::string_view bytes) {
  std::uint64_t state = ~crc;
  const char* at = bytes.data();
  std::size_t left = bytes.size();
  for (; left >= 8; left -= 8, at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, 8);
    state = __builtin_ia32_crc32di(state, word);
  }
  auto low = static_cast<std::uint32_t>(state);
  for (; left > 0; --left, ++at) {
    low = __builtin_ia32_crc32qi(low, static_cast<std::uint8_t>(*at));
  }
  return ~low;
}
#endif

template <class Word, Word kPolynomial>
Word run(const SliceTables<Word>& tables, Word crc, std::string_view bytes) {
  crc = static_cast<Word>(~crc);
#if defined(__x86_64__)
  static const bool can_fold = __builtin_cpu_supports("pclmul") != 0;
  if (can_fold && bytes.size() >= 2 * kFoldedBytes) {
    return static_cast<Word>(~fold<Word, kPolynomial>(tables, crc, bytes));
  }
#endif
  return static_cast<Word>(~run_by_tables(tables, crc, bytes));
}

std::string big_endian(std::uint64_t value, std::size_t size) {
  std::string text(size, '\0');
  for (std::size_t i = 0; i < size; ++i) {
    text[size - 1 - i] = static_cast<char>(value >> (8 * i));
  }
  return text;
}

std::uint64_t read_big_endian(std::string_view text) {
  std::uint64_t value = 0;
  for (const char c : text) {
    value = value << 8 | static_cast<std::uint8_t>(c);
  }
  return value;
}

template <class Word, Word (*kUpdate)(Word, std::string_view)>
class CrcHash final : public Checksum::Hash {
 public:
  void update(std::string_view bytes) override { crc_ = kUpdate(crc_, bytes); }

  std::string finish() override { return big_endian(crc_, sizeof(Word)); }

 private:
  Word crc_ = 0;
};

class Sha256Hash final : public Checksum::Hash {
 public:
  void update(std::string_view bytes) override { sha256_.update(bytes); }

  std::string finish() override {
    const Sha256Digest digest = sha256_.finish();
    return std::string(as_view(digest));
  }

 private:
  Sha256 sha256_;
};

// A digest of OpenSSL's that is not worth a direct path.
class EvpHash final : public Checksum::Hash {
 public:
  explicit EvpHash(const EVP_MD* algorithm) : context_(EVP_MD_CTX_new()) {
    SIGNET_ASSERT(context_ != nullptr && algorithm != nullptr &&
                  EVP_DigestInit_ex2(context_.get(), algorithm, nullptr) == 1);
  }

  void update(std::string_view bytes) override {
    SIGNET_ASSERT(EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) == 1);
  }

  std::string finish() override {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    SIGNET_ASSERT(EVP_DigestFinal_ex(context_.get(), digest.data(), &size) == 1);
    return std::string(digest.begin(), digest.begin() + size);
  }

 private:
  struct Free {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  };

  std::unique_ptr<EVP_MD_CTX, Free> context_;
};

class Xxhash64Hash final : public Checksum::Hash {
 public:
  Xxhash64Hash() { SIGNET_ASSERT(XXH64_reset(&state_, 0) == XXH_OK); }

  void update(std::string_view bytes) override {
    SIGNET_ASSERT(XXH64_update(&state_, bytes.data(), bytes.size()) == XXH_OK);
  }

  std::string finish() override { return big_endian(XXH64_digest(&state_), sizeof(XXH64_hash_t)); }

 private:
  XXH64_state_t state_{};
};

// XXH3 with 64 or 128 bits; both take their input alike.
template <bool kIsWide>
class Xxhash3Hash final : public Checksum::Hash {
 public:
  Xxhash3Hash() {
    XXH3_INITSTATE(&state_);
    SIGNET_ASSERT((kIsWide ? XXH3_128bits_reset(&state_) : XXH3_64bits_reset(&state_)) == XXH_OK);
  }

  void update(std::string_view bytes) override {
    SIGNET_ASSERT((kIsWide ? XXH3_128bits_update(&state_, bytes.data(), bytes.size())
                           : XXH3_64bits_update(&state_, bytes.data(), bytes.size())) == XXH_OK);
  }

  std::string finish() override {
    if constexpr (kIsWide) {
      const XXH128_hash_t digest = XXH3_128bits_digest(&state_);
      return big_endian(digest.high64, 8) + big_endian(digest.low64, 8);
    } else {
      return big_endian(XXH3_64bits_digest(&state_), 8);
    }
  }

 private:
  XXH3_state_t state_{};
};

const EVP_MD* fetched(const char* name) {
  return EVP_MD_fetch(nullptr, name, nullptr);
}

std::unique_ptr<Checksum::Hash> make_hash(ChecksumAlgorithm algorithm) {
  static const EVP_MD* const md5 = fetched("MD5");
  static const EVP_MD* const sha1 = fetched("SHA1");
  static const EVP_MD* const sha512 = fetched("SHA512");
  switch (algorithm) {
    case ChecksumAlgorithm::Crc32:
      return std::make_unique<CrcHash<std::uint32_t, crc32>>();
    case ChecksumAlgorithm::Crc32c:
      return std::make_unique<CrcHash<std::uint32_t, crc32c>>();
    case ChecksumAlgorithm::Crc64Nvme:
      return std::make_unique<CrcHash<std::uint64_t, crc64nvme>>();
    case ChecksumAlgorithm::Sha1:
      return std::make_unique<EvpHash>(sha1);
    case ChecksumAlgorithm::Sha256:
      return std::make_unique<Sha256Hash>();
    case ChecksumAlgorithm::Sha512:
      return std::make_unique<EvpHash>(sha512);
    case ChecksumAlgorithm::Md5:
      return std::make_unique<EvpHash>(md5);
    case ChecksumAlgorithm::Xxhash64:
      return std::make_unique<Xxhash64Hash>();
    case ChecksumAlgorithm::Xxhash3:
      return std::make_unique<Xxhash3Hash<false>>();
    case ChecksumAlgorithm::Xxhash128:
      return std::make_unique<Xxhash3Hash<true>>();
  }
  SIGNET_ASSERT(false);
}

}  // namespace

std::span<const ChecksumAlgorithm> checksum_algorithms() {
  static constexpr auto kAll = [] {
    std::array<ChecksumAlgorithm, kAlgorithms.size()> all{};
    for (std::size_t i = 0; i < all.size(); ++i) {
      all[i] = kAlgorithms[i].algorithm;
    }
    return all;
  }();
  return kAll;
}

std::string_view checksum_name(ChecksumAlgorithm algorithm) {
  return row_of(algorithm).name;
}

std::string_view checksum_header(ChecksumAlgorithm algorithm) {
  return row_of(algorithm).header;
}

std::size_t checksum_size(ChecksumAlgorithm algorithm) {
  return row_of(algorithm).size;
}

std::optional<ChecksumAlgorithm> checksum_of_name(std::string_view name) {
  for (const AlgorithmRow& row : kAlgorithms) {
    if (equals_ignore_case(row.name, name)) {
      return row.algorithm;
    }
  }
  return std::nullopt;
}

std::optional<ChecksumAlgorithm> checksum_of_header(std::string_view header) {
  for (const AlgorithmRow& row : kAlgorithms) {
    if (equals_ignore_case(row.header, header)) {
      return row.algorithm;
    }
  }
  return std::nullopt;
}

std::uint32_t crc32(std::uint32_t crc, std::string_view bytes) {
  return run<std::uint32_t, kCrc32Polynomial>(kCrc32, crc, bytes);
}

std::uint32_t crc32c(std::uint32_t crc, std::string_view bytes) {
#if defined(__x86_64__)
  static const bool has_instruction = __builtin_cpu_supports("sse4.2") != 0;
  if (has_instruction) {
    return crc32c_hardware(crc, bytes);
  }
#endif
  return run<std::uint32_t, kCrc32cPolynomial>(kCrc32c, crc, bytes);
}

std::uint64_t crc64nvme(std::uint64_t crc, std::string_view bytes) {
  return run<std::uint64_t, kCrc64NvmePolynomial>(kCrc64Nvme, crc, bytes);
}

std::optional<std::string> joined_checksum(ChecksumAlgorithm algorithm,
                                           std::string_view first,
                                           std::string_view second,
                                           std::uint64_t second_size) {
  const std::size_t size = checksum_size(algorithm);
  if (first.size() != size || second.size() != size) {
    return std::nullopt;
  }
  const std::uint64_t a = read_big_endian(first);
  const std::uint64_t b = read_big_endian(second);
  const auto low = [](std::uint64_t value) {
    return static_cast<std::uint32_t>(value);
  };
  switch (algorithm) {
    case ChecksumAlgorithm::Crc32:
      return big_endian(join(kCrc32Polynomial, low(a), low(b), second_size), size);
    case ChecksumAlgorithm::Crc32c:
      return big_endian(join(kCrc32cPolynomial, low(a), low(b), second_size), size);
    case ChecksumAlgorithm::Crc64Nvme:
      return big_endian(join(kCrc64NvmePolynomial, a, b, second_size), size);
    default:
      return std::nullopt;
  }
}

Checksum::Checksum(ChecksumAlgorithm algorithm)
    : algorithm_(algorithm), hash_(make_hash(algorithm)) {}

Checksum::Checksum(Checksum&& other) noexcept = default;
Checksum& Checksum::operator=(Checksum&& other) noexcept = default;
Checksum::~Checksum() = default;

void Checksum::update(std::string_view bytes) {
  hash_->update(bytes);
}

std::string Checksum::finish() {
  return hash_->finish();
}

}  // namespace signet::crypto
