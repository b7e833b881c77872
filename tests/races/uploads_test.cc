// Bytes of uploads are hashed and written by the pool, piece by piece, and by nobody else.
#include <filesystem>
#include <string>

#include <gtest/gtest.h>

#include "world.h"

namespace signet::races {
namespace {

class Uploads : public RaceFixture {
 protected:
  Uploads() { EXPECT_EQ(call(admin_, s3("PUT", "/bucket")), "200"); }

  // Of all files below the object store's folder, its index apart.
  [[nodiscard]] std::uintmax_t stored_bytes() const {
    std::uintmax_t sum = 0;
    for (const char* part : {"/tmp", "/data"}) {
      for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_ + part)) {
        sum += entry.is_regular_file() ? entry.file_size() : 0;
      }
    }
    return sum;
  }
};

TEST_F(Uploads, NoByteIsTakenOnTheLoop) {
  const std::string body(1'000'000, 'x');
  std::unique_ptr<Request> request;
  while_pool_is_busy([&] {
    request = send(admin_, s3("PUT", "/bucket/k", body));
    EXPECT_FALSE(request->is_answered());
    EXPECT_EQ(stored_bytes(), 0U);
  });
  EXPECT_EQ(request->answer(), "200");
  EXPECT_EQ(stored_bytes(), body.size());
}

TEST_F(Uploads, AConnectionThatLeavesInTheMiddleLeavesNothing) {
  std::unique_ptr<Request> request;
  while_pool_is_busy([&] {
    request = begin(admin_, s3("PUT", "/bucket/k", std::string(1'000'000, 'x')));
    request->send_half();
    request->leave();
  });
  EXPECT_EQ(call(admin_, s3("GET", "/bucket/k")), "404 NoSuchKey");
  EXPECT_EQ(stored_bytes(), 0U);
}

TEST_F(Uploads, WhatIsWrongWithAPieceIsAnswered) {
  Message upload = s3("PUT", "/bucket/k", std::string(300'000, 'x'));
  std::string wire = wire_of(admin_, upload);
  wire[wire.size() - 10] = 'y';
  Request request(loop_, std::move(wire));
  request.send_rest();
  EXPECT_EQ(request.answer(), "400 XAmzContentSHA256Mismatch");
  EXPECT_EQ(call(admin_, s3("GET", "/bucket/k")), "404 NoSuchKey");
}

}  // namespace
}  // namespace signet::races
