#include "crypto/checksum.h"

#include <array>
#include <cstring>
#include <utility>

#include <openssl/evp.h>

#include "base/check.h"
#include "base/strings.h"

namespace signet::crypto {
namespace {

struct AlgorithmRow {
  ChecksumAlgorithm algorithm;
  std::string_view name;
  std::string_view header;
  std::size_t size;
};

constexpr std::array<AlgorithmRow, 5> kAlgorithms{{
    {ChecksumAlgorithm::Crc32, "CRC32", "x-amz-checksum-crc32", 4},
    {ChecksumAlgorithm::Crc32c, "CRC32C", "x-amz-checksum-crc32c", 4},
    {ChecksumAlgorithm::Crc64Nvme, "CRC64NVME", "x-amz-checksum-crc64nvme", 8},
    {ChecksumAlgorithm::Sha1, "SHA1", "x-amz-checksum-sha1", 20},
    {ChecksumAlgorithm::Sha256, "SHA256", "x-amz-checksum-sha256", 32},
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

constexpr SliceTables<std::uint32_t> kCrc32 = make_tables<std::uint32_t>(0xedb88320U);
constexpr SliceTables<std::uint32_t> kCrc32c = make_tables<std::uint32_t>(0x82f63b78U);
constexpr SliceTables<std::uint64_t> kCrc64Nvme = make_tables<std::uint64_t>(0x9a6c9329ac4bc9b5U);

template <class Word>
Word run(const SliceTables<Word>& tables, Word crc, std::string_view bytes) {
  crc = static_cast<Word>(~crc);
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
  return static_cast<Word>(~crc);
}

#if defined(__x86_64__)
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

EVP_MD_CTX* as_context(void* context) {
  return static_cast<EVP_MD_CTX*>(context);
}

const EVP_MD* sha1_algorithm() {
  static const EVP_MD* const md = EVP_MD_fetch(nullptr, "SHA1", nullptr);
  SIGNET_CHECK(md != nullptr);
  return md;
}

std::string big_endian(std::uint64_t value, std::size_t size) {
  std::string text(size, '\0');
  for (std::size_t i = 0; i < size; ++i) {
    text[size - 1 - i] = static_cast<char>(value >> (8 * i));
  }
  return text;
}

}  // namespace

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
  return run(kCrc32, crc, bytes);
}

std::uint32_t crc32c(std::uint32_t crc, std::string_view bytes) {
#if defined(__x86_64__)
  static const bool has_instruction = __builtin_cpu_supports("sse4.2") != 0;
  if (has_instruction) {
    return crc32c_hardware(crc, bytes);
  }
#endif
  return run(kCrc32c, crc, bytes);
}

std::uint64_t crc64nvme(std::uint64_t crc, std::string_view bytes) {
  return run(kCrc64Nvme, crc, bytes);
}

Checksum::Checksum(ChecksumAlgorithm algorithm) : algorithm_(algorithm) {
  if (algorithm == ChecksumAlgorithm::Sha1) {
    sha1_ = EVP_MD_CTX_new();
    SIGNET_CHECK(sha1_ != nullptr &&
                 EVP_DigestInit_ex2(as_context(sha1_), sha1_algorithm(), nullptr) == 1);
  }
}

Checksum::Checksum(Checksum&& other) noexcept
    : algorithm_(other.algorithm_),
      crc_(other.crc_),
      sha256_(other.sha256_),
      sha1_(std::exchange(other.sha1_, nullptr)) {}

Checksum& Checksum::operator=(Checksum&& other) noexcept {
  algorithm_ = other.algorithm_;
  crc_ = other.crc_;
  sha256_ = other.sha256_;
  std::swap(sha1_, other.sha1_);
  return *this;
}

Checksum::~Checksum() {
  EVP_MD_CTX_free(as_context(sha1_));
}

void Checksum::update(std::string_view bytes) {
  switch (algorithm_) {
    case ChecksumAlgorithm::Crc32:
      crc_ = crc32(static_cast<std::uint32_t>(crc_), bytes);
      return;
    case ChecksumAlgorithm::Crc32c:
      crc_ = crc32c(static_cast<std::uint32_t>(crc_), bytes);
      return;
    case ChecksumAlgorithm::Crc64Nvme:
      crc_ = crc64nvme(crc_, bytes);
      return;
    case ChecksumAlgorithm::Sha1:
      SIGNET_CHECK(EVP_DigestUpdate(as_context(sha1_), bytes.data(), bytes.size()) == 1);
      return;
    case ChecksumAlgorithm::Sha256:
      sha256_.update(bytes);
      return;
  }
}

std::string Checksum::finish() {
  if (algorithm_ == ChecksumAlgorithm::Sha1) {
    std::string digest(20, '\0');
    auto* out = reinterpret_cast<unsigned char*>(digest.data());
    SIGNET_CHECK(EVP_DigestFinal_ex(as_context(sha1_), out, nullptr) == 1);
    return digest;
  }
  if (algorithm_ == ChecksumAlgorithm::Sha256) {
    const Sha256Digest digest = sha256_.finish();
    return std::string(as_view(digest));
  }
  return big_endian(crc_, checksum_size(algorithm_));
}

}  // namespace signet::crypto
