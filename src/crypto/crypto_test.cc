#include <set>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/secret_access.h"
#include "crypto/aead.h"
#include "crypto/checksum.h"
#include "crypto/constant_time.h"
#include "crypto/hmac.h"
#include "crypto/key_wrap.h"
#include "crypto/md5.h"
#include "crypto/password_hash.h"
#include "crypto/random.h"
#include "crypto/sha256.h"
#include "crypto/uuid.h"

namespace signet::crypto {
namespace {

std::string hex(std::string_view bytes) {
  std::string text;
  for (const char c : bytes) {
    text += "0123456789abcdef"[static_cast<unsigned char>(c) >> 4];
    text += "0123456789abcdef"[static_cast<unsigned char>(c) & 15];
  }
  return text;
}

std::string unhex(std::string_view text) {
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(std::string(text.substr(i, 2)), nullptr, 16));
  }
  return bytes;
}

// FIPS 180-4 examples.
TEST(Sha256, AgreesWithThePublishedExamples) {
  EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256_hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

TEST(Sha256, TakesItsInputInAnyPieces) {
  const std::string text(1000, 'x');
  for (const std::size_t size :
       {std::size_t{1}, std::size_t{63}, std::size_t{64}, std::size_t{65}, std::size_t{999}}) {
    Sha256 hash;
    for (std::size_t at = 0; at < text.size(); at += size) {
      hash.update(std::string_view(text).substr(at, size));
    }

    EXPECT_EQ(hash.finish(), sha256(text)) << size;
  }
}

// RFC 4231 4.2, 4.3, 4.7.
TEST(HmacKey, AgreesWithRfc4231) {
  EXPECT_EQ(hex(as_view(HmacKey(std::string(20, '\x0b')).mac("Hi There"))),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(hex(as_view(HmacKey("Jefe").mac("what do ya want for nothing?"))),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(hex(as_view(HmacKey(std::string(131, '\xaa'))
                            .mac("Test Using Larger Than Block-Size Key - Hash Key First"))),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(HmacKey, MacOfPiecesIsMacOfTheirConcatenation) {
  const HmacKey key("key");

  EXPECT_EQ(key.mac({"ab", "", "cde"}), key.mac("abcde"));
  EXPECT_NE(key.mac({"ab", "cd"}), key.mac("abcde"));
}

TEST(HmacKey, DerivesDifferentKeysForDifferentLabels) {
  const HmacKey key("key");

  EXPECT_NE(key.derive("a"), key.derive("b"));
  EXPECT_EQ(key.derive("a"), HmacKey("key").derive("a"));
  EXPECT_NE(key.derive("a"), HmacKey("yek").derive("a"));
}

// RFC 2202 3, cases 1, 2, 6.
TEST(HmacSha1, AgreesWithRfc2202) {
  EXPECT_EQ(hex(as_view(hmac_sha1(std::string(20, '\x0b'), "Hi There"))),
            "b617318655057264e28bc0b6fb378c8ef146be00");
  EXPECT_EQ(hex(as_view(hmac_sha1("Jefe", "what do ya want for nothing?"))),
            "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
  EXPECT_EQ(hex(as_view(hmac_sha1(std::string(80, '\xaa'),
                                  "Test Using Larger Than Block-Size Key - Hash Key First"))),
            "aa4ae5e15272d00e95705637ce8a3b55ed402112");
}

TEST(ConstantTime, ComparesBytesAndLengths) {
  EXPECT_TRUE(equal_constant_time("", ""));
  EXPECT_TRUE(equal_constant_time("abc", "abc"));
  EXPECT_FALSE(equal_constant_time("abc", "abd"));
  EXPECT_FALSE(equal_constant_time("abc", "ab"));
  EXPECT_FALSE(equal_constant_time("abc", ""));
}

// RFC 1321 A.5.
TEST(Md5, AgreesWithRfc1321AndStartsAnew) {
  Md5 hash;
  hash.update("message ");
  hash.update("digest");

  EXPECT_EQ(hex(as_view(hash.finish())), "f96b697d7cb7938d525a2f31aaf161d0");
  EXPECT_EQ(hex(as_view(hash.finish())), "d41d8cd98f00b204e9800998ecf8427e");
  Md5 moved = std::move(hash);
  moved.update("abc");
  EXPECT_EQ(hex(as_view(moved.finish())), "900150983cd24fb0d6963f7d28e17f72");
}

// Check values of the CRC catalogue (input "123456789").
TEST(Checksum, AgreesWithTheCatalogueOfCrcs) {
  EXPECT_EQ(crc32(0, "123456789"), 0xcbf43926U);
  EXPECT_EQ(crc32c(0, "123456789"), 0xe3069283U);
  EXPECT_EQ(crc64nvme(0, "123456789"), 0xae8b14860a799888U);
}

// Pieces below 128 bytes go through tables alone.
TEST(Checksum, IsTheSameAtOnceAndInSmallPieces) {
  std::string text;
  std::uint32_t state = 1;
  for (int i = 0; i < 700; ++i) {
    state = state * 1664525 + 1013904223;
    text += static_cast<char>(state >> 24);
  }
  for (std::size_t size = 0; size <= 600; ++size) {
    const std::string_view all = std::string_view(text).substr(size % 17, size);
    std::uint32_t crc_32 = 77;
    std::uint32_t crc_32c = 77;
    std::uint64_t crc_64 = 77;
    for (std::size_t at = 0; at < size; at += 50) {
      crc_32 = crc32(crc_32, all.substr(at, 50));
      crc_32c = crc32c(crc_32c, all.substr(at, 50));
      crc_64 = crc64nvme(crc_64, all.substr(at, 50));
    }
    ASSERT_EQ(crc32(77, all), crc_32) << size;
    ASSERT_EQ(crc32c(77, all), crc_32c) << size;
    ASSERT_EQ(crc64nvme(77, all), crc_64) << size;
  }
}

TEST(Checksum, OfTwoTextsComesFromTheirs) {
  std::string text;
  for (int i = 0; i < 3000; ++i) {
    text += static_cast<char>(i * 31 + i / 7);
  }
  const auto of = [](ChecksumAlgorithm algorithm, std::string_view bytes) {
    Checksum checksum(algorithm);
    checksum.update(bytes);
    return checksum.finish();
  };
  for (const ChecksumAlgorithm algorithm : checksum_algorithms()) {
    const bool is_crc = algorithm == ChecksumAlgorithm::Crc32 ||
                        algorithm == ChecksumAlgorithm::Crc32c ||
                        algorithm == ChecksumAlgorithm::Crc64Nvme;
    for (const std::size_t split : {0UL, 1UL, 2UL, 999UL, 2047UL, 3000UL}) {
      const std::string first = of(algorithm, text.substr(0, split));
      const std::string second = of(algorithm, text.substr(split));
      const auto joined = joined_checksum(algorithm, first, second, text.size() - split);
      EXPECT_EQ(joined.has_value(), is_crc) << checksum_name(algorithm);
      EXPECT_EQ(joined.value_or(of(algorithm, text)), of(algorithm, text))
          << checksum_name(algorithm) << " at " << split;
      EXPECT_FALSE(joined_checksum(algorithm, first.substr(1), second, 1));
      EXPECT_FALSE(joined_checksum(algorithm, first, second + "x", 1));
    }
  }
}

TEST(Checksum, TakesItsInputInAnyPieces) {
  std::string text;
  for (int i = 0; i < 1000; ++i) {
    text += static_cast<char>(i * 7);
  }
  for (const ChecksumAlgorithm algorithm : checksum_algorithms()) {
    Checksum whole(algorithm);
    whole.update(text);
    const std::string expected = whole.finish();
    EXPECT_EQ(expected.size(), checksum_size(algorithm));
    for (std::size_t split = 0; split < 40; ++split) {
      Checksum pieces(algorithm);
      pieces.update(std::string_view(text).substr(0, split));
      pieces.update(std::string_view(text).substr(split));

      EXPECT_EQ(pieces.finish(), expected) << checksum_name(algorithm) << " at " << split;
    }
  }
}

// SHA-512: FIPS 180-4's example; MD5: RFC 1321; XXH: what xxhsum 0.8.1 prints.
TEST(Checksum, AgreesWithPublishedDigests) {
  struct Vector {
    ChecksumAlgorithm algorithm;
    std::string text;
    std::string hex;
  };

  const std::vector<Vector> vectors{
      {ChecksumAlgorithm::Sha512,
       "abc",
       "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
       "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"},
      {ChecksumAlgorithm::Md5, "abc", "900150983cd24fb0d6963f7d28e17f72"},
      {ChecksumAlgorithm::Xxhash64, "", "ef46db3751d8e999"},
      {ChecksumAlgorithm::Xxhash64, "abc", "44bc2cf5ad770999"},
      {ChecksumAlgorithm::Xxhash3, "", "2d06800538d394c2"},
      {ChecksumAlgorithm::Xxhash3, "abc", "78af5f94892f3950"},
      {ChecksumAlgorithm::Xxhash128, "", "99aa06d3014798d86001c324468d497f"},
      {ChecksumAlgorithm::Xxhash128, "abc", "06b05ab6733a618578af5f94892f3950"}};
  for (const Vector& vector : vectors) {
    Checksum checksum(vector.algorithm);
    checksum.update(vector.text);
    const std::string raw = checksum.finish();
    EXPECT_EQ(hex(raw), vector.hex) << checksum_name(vector.algorithm);
  }
}

TEST(Checksum, KnowsItsNames) {
  EXPECT_EQ(checksum_of_header("X-Amz-Checksum-CRC64NVME"), ChecksumAlgorithm::Crc64Nvme);
  EXPECT_EQ(checksum_of_name("crc32c"), ChecksumAlgorithm::Crc32c);
  EXPECT_EQ(checksum_of_header("x-amz-checksum-type"), std::nullopt);
  EXPECT_EQ(checksum_of_name("xxhash3"), ChecksumAlgorithm::Xxhash3);
  EXPECT_EQ(checksum_of_header("x-amz-checksum-sha512"), ChecksumAlgorithm::Sha512);
  EXPECT_EQ(checksum_of_name("MD4"), std::nullopt);
}

// NIST GCM test vectors, AES-256 cases 13, 14 and 16.
TEST(AeadKey, AgreesWithThePublishedVectors) {
  std::string out;
  AeadKey(std::string(32, '\0')).seal(std::string(12, '\0'), "", "", out);
  EXPECT_EQ(hex(out), "530f8afbc74536b9a963b4f1c4cb738b");
  out.clear();
  AeadKey(std::string(32, '\0')).seal(std::string(12, '\0'), "", std::string(16, '\0'), out);
  EXPECT_EQ(hex(out), "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919");
  out.clear();
  AeadKey(unhex("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308"))
      .seal(unhex("cafebabefacedbaddecaf888"),
            unhex("feedfacedeadbeeffeedfacedeadbeefabaddad2"),
            unhex("d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c9595680953"
                  "2fcf0e2449a6b525"
                  "b16aedf5aa0de657ba637b39"),
            out);
  EXPECT_EQ(hex(out),
            "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b"
            "1056828838c5f61e6393"
            "ba7a0abcc9f66276fc6ece0f4e1768cddf8853bb2d551b");
}

TEST(AeadKey, OpensWhatItSealedAndNothingElse) {
  const AeadKey key(std::string(32, 'k'));
  const AeadKey other(std::string(32, 'o'));
  const std::string nonce(12, 'n');
  std::string sealed;
  key.seal(nonce, "aad", "secret text", sealed);

  std::string opened = "kept";
  ASSERT_TRUE(key.open(nonce, "aad", sealed, opened));
  EXPECT_EQ(opened, "keptsecret text");
  opened = "kept";
  EXPECT_FALSE(other.open(nonce, "aad", sealed, opened));
  EXPECT_FALSE(key.open(nonce, "aaD", sealed, opened));
  EXPECT_FALSE(key.open(nonce, "", sealed, opened));
  EXPECT_FALSE(key.open(std::string(12, 'm'), "aad", sealed, opened));
  EXPECT_FALSE(key.open(nonce, "aad", std::string_view(sealed).substr(1), opened));
  for (std::size_t i = 0; i < sealed.size() * 8; ++i) {
    std::string changed = sealed;
    changed[i / 8] = static_cast<char>(changed[i / 8] ^ (1 << (i % 8)));
    EXPECT_FALSE(key.open(nonce, "aad", changed, opened)) << "bit " << i;
  }
  for (std::size_t size = 0; size < sealed.size(); ++size) {
    EXPECT_FALSE(key.open(nonce, "aad", std::string_view(sealed).substr(0, size), opened))
        << "size " << size;
  }
  EXPECT_EQ(opened, "kept");
}

TEST(AeadKey, ManyKeysShareAThreadsContextsWithoutMixing) {
  std::vector<AeadKey> keys;
  for (char c = 'a'; c <= 'z'; ++c) {
    keys.emplace_back(std::string(32, c));
  }
  const std::string nonce(12, 'n');
  std::vector<std::string> sealed(keys.size());
  for (std::size_t i = 0; i < keys.size(); ++i) {
    keys[i].seal(nonce, "", "text", sealed[i]);
  }

  for (int round = 0; round < 2; ++round) {
    for (std::size_t i = 0; i < keys.size(); ++i) {
      std::string opened;
      EXPECT_TRUE(keys[i].open(nonce, "", sealed[i], opened));
      EXPECT_FALSE(keys[i].open(nonce, "", sealed[(i + 1) % keys.size()], opened));
    }
  }
}

TEST(AeadKey, WorksFromManyThreads) {
  const AeadKey key(std::string(32, 'k'));
  std::string sealed;
  key.seal(std::string(12, 'n'), "", "text", sealed);
  std::vector<std::thread> threads;
  std::atomic<int> opened_count = 0;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 200; ++round) {
        std::string opened;
        opened_count +=
            key.open(std::string(12, 'n'), "", sealed, opened) && opened == "text" ? 1 : 0;
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }

  EXPECT_EQ(opened_count, 800);
}

TEST(SystemRandom, NeverDealsTheSameBytesTwice) {
  SystemRandom random;
  std::set<std::string> seen;
  for (int i = 0; i < 2000; ++i) {
    EXPECT_TRUE(seen.insert(random_bytes(random, 12)).second);
  }
  EXPECT_EQ(random_bytes(random, 0), "");
  EXPECT_EQ(random_bytes(random, 10000).size(), 10000U);
}

TEST(SystemRandom, ChildAfterForkDealsOtherBytes) {
  SystemRandom random;
  (void)random_bytes(random, 16);  // the pool is filled before the fork
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    const std::string bytes = random_bytes(random, 16);
    _exit(write(ends[1], bytes.data(), bytes.size()) == 16 ? 0 : 1);
  }
  const std::string ours = random_bytes(random, 16);
  std::string theirs(16, '\0');
  ASSERT_EQ(read(ends[0], theirs.data(), theirs.size()), 16);
  int status = 1;
  waitpid(child, &status, 0);
  close(ends[0]);
  close(ends[1]);

  EXPECT_EQ(status, 0);
  EXPECT_NE(ours, theirs);
}

TEST(RandomBelow, IsInRangeAndUnbiased) {
  SystemRandom random;
  std::array<int, 62> count{};
  for (int i = 0; i < 62000; ++i) {
    ++count.at(random_below(random, 62));
  }

  for (const int c : count) {
    EXPECT_NEAR(c, 1000, 200);  // more than six standard deviations
  }
  EXPECT_EQ(random_below(random, 1), 0);
}

TEST(Uuid, HasTheRandomVersionAndVariant) {
  SystemRandom random;
  std::set<std::string> seen;
  for (int i = 0; i < 200; ++i) {
    const std::string uuid = uuid_v4(random);

    ASSERT_EQ(uuid.size(), 36U);
    EXPECT_EQ(uuid[8], '-');
    EXPECT_EQ(uuid[13], '-');
    EXPECT_EQ(uuid[18], '-');
    EXPECT_EQ(uuid[23], '-');
    EXPECT_EQ(uuid[14], '4');
    EXPECT_NE(std::string_view("89ab").find(uuid[19]), std::string_view::npos);
    EXPECT_TRUE(seen.insert(uuid).second);
  }
}

constexpr PasswordCost kCheap{.memory_kib = 64, .passes = 1, .lanes = 1};

TEST(PasswordHash, VerifiesThePasswordAndNoOther) {
  SystemRandom random;
  const std::string phc = hash_password("correct horse", random, kCheap).value();

  EXPECT_TRUE(phc.starts_with("$argon2id$v=19$m=64,t=1,p=1$")) << phc;
  EXPECT_TRUE(verify_password(phc, "correct horse"));
  EXPECT_FALSE(verify_password(phc, "correct horsf"));
  EXPECT_FALSE(verify_password(phc, "correct hors"));
  EXPECT_FALSE(verify_password(phc, ""));
  EXPECT_NE(phc, hash_password("correct horse", random, kCheap).value());
}

// The reference implementation's test.c, version 0x13, argon2id.
TEST(PasswordHash, VerifiesAHashMadeElsewhere) {
  const std::string phc =
      "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";

  EXPECT_TRUE(verify_password(phc, "password"));
  EXPECT_FALSE(verify_password(phc, "passwore"));
}

TEST(PasswordHash, RefusesWhatIsNotAHashOfOurs) {
  for (const std::string_view phc : {"",
                                     "$argon2id$",
                                     "$argon2i$v=19$m=64,t=1,p=1$c29tZXNhbHQ$ZGVhZGJlZWY",
                                     "$argon2id$v=19$m=99999999,t=1,p=1$c29tZXNhbHQ$ZGVhZGJlZWY",
                                     "$argon2id$v=19$m=64,t=9999,p=1$c29tZXNhbHQ$ZGVhZGJlZWY",
                                     "$argon2id$v=19$m=,t=1,p=1$c29tZXNhbHQ$ZGVhZGJlZWY",
                                     "$argon2id$v=19$m=-4,t=1,p=1$c29tZXNhbHQ$ZGVhZGJlZWY"}) {
    EXPECT_FALSE(verify_password(phc, "")) << phc;
    EXPECT_TRUE(needs_rehash(phc)) << phc;
  }
}

TEST(PasswordHash, AsksForAnotherHashWhenTheCostChanged) {
  SystemRandom random;
  const std::string phc = hash_password("p", random, kCheap).value();

  EXPECT_FALSE(needs_rehash(phc, kCheap));
  EXPECT_TRUE(needs_rehash(phc));
}

TEST(KeyWrap, UnwrapsUnderTheSameMasterOnly) {
  SystemRandom random;
  const NamedKey master = make_named_key(7, random);
  const NamedKey data = make_named_key(42, random);
  const std::string wrapped = wrap_key(master, data, random);

  const std::optional<NamedKey> unwrapped = unwrap_key(master, wrapped);
  ASSERT_TRUE(unwrapped.has_value());
  EXPECT_EQ(unwrapped->id, 42U);
  EXPECT_TRUE(unwrapped->bytes.equals(data.bytes.reveal(secret_access())));
  EXPECT_EQ(wrapping_key_id(wrapped), 7U);
  EXPECT_FALSE(unwrap_key(make_named_key(7, random), wrapped).has_value());
  EXPECT_FALSE(unwrap_key(make_named_key(8, random), wrapped).has_value());
  for (std::size_t i = 0; i < wrapped.size(); ++i) {
    std::string changed = wrapped;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_FALSE(unwrap_key(master, changed).has_value()) << "byte " << i;
    EXPECT_FALSE(unwrap_key(master, std::string_view(wrapped).substr(0, i)).has_value())
        << "size " << i;
  }
}

TEST(SecretBox, OpensUnderOlderKeysAndItsContextOnly) {
  SystemRandom random;
  std::vector<NamedKey> keys;
  keys.push_back(make_named_key(1, random));
  const SecretBox before(keys);
  const std::string old = before.seal("access-key/A", "secret", random);
  keys.push_back(make_named_key(2, random));
  const SecretBox after(keys);
  const std::string fresh = after.seal("access-key/A", "secret", random);

  EXPECT_EQ(after.open("access-key/A", old)->reveal(secret_access()), "secret");
  EXPECT_EQ(after.open("access-key/A", fresh)->reveal(secret_access()), "secret");
  EXPECT_TRUE(after.is_outdated(old));
  EXPECT_FALSE(after.is_outdated(fresh));
  EXPECT_FALSE(before.open("access-key/A", fresh).has_value());
  EXPECT_FALSE(after.open("access-key/B", old).has_value());
  for (std::size_t i = 0; i < fresh.size(); ++i) {
    std::string changed = fresh;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_FALSE(after.open("access-key/A", changed).has_value()) << "byte " << i;
    EXPECT_FALSE(after.open("access-key/A", std::string_view(fresh).substr(0, i)).has_value())
        << "size " << i;
  }
}

}  // namespace
}  // namespace signet::crypto
