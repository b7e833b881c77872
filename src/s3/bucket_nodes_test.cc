// Buckets of a cluster name the nodes that hold objects of them.
#include "s3/bucket_nodes.h"

#include <gtest/gtest.h>

#include "objects/removal.h"
#include "s3/service_fixture_for_test.h"

namespace signet::s3 {
namespace {

class BucketNodesTest : public S3ServiceTest {
 protected:
  void SetUp() override {
    S3ServiceTest::SetUp();
    here_.emplace(*directory_, "here");
    there_.emplace(*directory_, "there");
    service_ = std::make_unique<S3Service>(
        *objects_, S3Service::Options{.domains = {}, .upstreams = nullptr, .nodes = &*here_});
    make_bucket();
  }

  const identity::Bucket& bucket() {
    snapshot_ = directory_->current();
    return *snapshot_->find<identity::Bucket>("bkt");
  }

  std::vector<std::string> nodes() {
    std::vector<std::string> out;
    for (const std::string_view node : nodes_of(bucket())) {
      out.emplace_back(node);
    }
    return out;
  }

  // As the server does once a deletion was refused.
  void open_again() {
    objects::Removal removal(*objects_, [](std::string_view) { return true; });
    EXPECT_TRUE(removal.step());
  }

  Answer remove_bucket() { return as("admin", {.method = "DELETE", .target = "/bkt"}); }

  std::optional<BucketNodes> here_;
  std::optional<BucketNodes> there_;
  std::shared_ptr<const identity::Snapshot> snapshot_;
};

using Names = std::vector<std::string>;

TEST_F(BucketNodesTest, ABucketNamesTheNodeThatStoresInIt) {
  EXPECT_EQ(nodes(), Names());
  put("/bkt/one", "1");
  EXPECT_EQ(nodes(), Names{"here"});
  const std::uint64_t revision = directory_->revision();
  put("/bkt/two", "2");
  EXPECT_EQ(directory_->revision(), revision) << "one write for a bucket";
}

TEST_F(BucketNodesTest, CopiesAndPartsNameItAsWell) {
  put("/bkt/one", "1");
  ASSERT_TRUE(here_->remove(store_id(bucket())));
  EXPECT_EQ(nodes(), Names());
  ASSERT_EQ(
      as("admin",
         {.method = "PUT", .target = "/bkt/copy", .headers = {{"x-amz-copy-source", "/bkt/one"}}})
          .status,
      200);
  EXPECT_EQ(nodes(), Names{"here"});
}

TEST_F(BucketNodesTest, ABucketThatNamesAnotherNodeIsNotEmpty) {
  put("/bkt/one", "1");
  ASSERT_TRUE(there_->add(store_id(bucket())));
  EXPECT_EQ(remove_bucket().code, "BucketNotEmpty");
  ASSERT_EQ(as("admin", {.method = "DELETE", .target = "/bkt/one"}).status, 204);

  EXPECT_EQ(remove_bucket().code, "BucketNotEmpty") << "empty here, not there";

  EXPECT_EQ(nodes(), Names{"there"}) << "this one is out";
  open_again();
  put("/bkt/again", "1");
  EXPECT_EQ(nodes(), (Names{"there", "here"}));
  ASSERT_EQ(as("admin", {.method = "DELETE", .target = "/bkt/again"}).status, 204);
  ASSERT_TRUE(there_->remove(store_id(bucket())));
  EXPECT_EQ(remove_bucket().status, 204);
}

TEST_F(BucketNodesTest, WhatIsGoneOrMadeAgainIsNotNamed) {
  const std::string id = store_id(bucket());
  ASSERT_EQ(remove_bucket().status, 204);
  EXPECT_EQ(there_->add(id).error().code, ErrorCode::NoSuchBucket);
  EXPECT_TRUE(there_->remove(id));
  make_bucket();

  EXPECT_EQ(there_->add(id).error().code, ErrorCode::NoSuchBucket) << "another bucket of the name";
  EXPECT_EQ(nodes(), Names());
}

TEST_F(BucketNodesTest, AStartNamesTheNodeWhereObjectsLieAlready) {
  make_bucket("other");
  put("/bkt/one", "1");
  ASSERT_TRUE(here_->remove(store_id(bucket())));

  ASSERT_TRUE(here_->add_all(*objects_));

  EXPECT_EQ(nodes(), Names{"here"});
  EXPECT_TRUE(nodes_of(*snapshot_->find<identity::Bucket>("other")).empty());
}

TEST_F(BucketNodesTest, ANodeThatIsLostIsForgotten) {
  put("/bkt/one", "1");
  make_bucket("other");
  ASSERT_TRUE(there_->add(store_id(bucket())));
  ASSERT_TRUE(there_->add(store_id(*snapshot_->find<identity::Bucket>("bkt"))));

  EXPECT_EQ(forget_node(*directory_, "there").value_or(0), 1u);

  EXPECT_EQ(nodes(), Names{"here"});
  EXPECT_EQ(forget_node(*directory_, "there").value_or(1), 0u);
}

// A folder that came back from a cluster, with what was said there.
TEST_F(BucketNodesTest, OutsideOfAClusterNamesDoNotCount) {
  ASSERT_TRUE(there_->add(store_id(bucket())));
  service_ = std::make_unique<S3Service>(*objects_, S3Service::Options{});
  EXPECT_EQ(remove_bucket().status, 204);
}

}  // namespace
}  // namespace signet::s3
