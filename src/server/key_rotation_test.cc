#include "server/key_rotation.h"

#include <filesystem>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "crypto/random.h"
#include "identity/data_keys.h"
#include "identity/fixture_for_test.h"
#include "server/master_key.h"
#include "store/memory/memory_store.h"
#include "store/test_folder_for_test.h"

namespace signet::server {
namespace {

namespace fs = std::filesystem;

class KeyRotationTest : public testing::Test {
 protected:
  KeyRotationTest() : store_(store::make_memory_store()) {
    key_ = load_master_key(folder_.path(), MissingKey::Make, random_).value();
    open();
  }

  void open() {
    directory_.reset();
    auto opened = identity::Directory::open(identity::Directory::Deps{
        .store = *store_, .master_key = key_, .random = random_, .catalogue = &catalogue_});
    ASSERT_TRUE(opened) << opened.error().cause;
    directory_ = *std::move(opened);
  }

  [[nodiscard]] std::string path(const std::string& name) const {
    return folder_.path() + "/" + name;
  }

  [[nodiscard]] std::string id_of(const std::string& name) const {
    return identity::master_key_id(read_master_key(path(name)).value());
  }

  [[nodiscard]] std::string id_of_store() { return identity::master_key_id_of(*store_).value(); }

  store::TestFolder folder_;
  crypto::SystemRandom random_;
  identity::SmallCatalogue catalogue_;
  std::unique_ptr<store::Store> store_;
  Secret key_;
  std::unique_ptr<identity::Directory> directory_;
};

TEST_F(KeyRotationTest, TheNewKeyOpensAndTheOldOneStaysUnderItsId) {
  const std::string old_id = id_of("master.key");
  ASSERT_EQ(id_of_store(), old_id);
  ASSERT_TRUE(directory_->apply(
      [](const identity::Snapshot&, identity::Transaction& transaction) -> Status {
        transaction.put(identity::make_account(identity::kAccount));
        transaction.put(identity::make_user("AIDAALICE", "alice"));
        transaction.put(identity::make_key("AKIAFIRST", "AIDAALICE"));
        return {};
      }));

  const auto done = rotate_master_key(folder_.path(), *directory_, random_);

  ASSERT_TRUE(done) << done.error().cause;
  EXPECT_NE(id_of("master.key"), old_id);
  EXPECT_EQ(id_of("master.key"), id_of_store());
  EXPECT_EQ(id_of("master.key." + old_id), old_id);
  EXPECT_FALSE(fs::exists(path("master.key.next")));
  EXPECT_TRUE(directory_->apply([](const identity::Snapshot&,
                                   identity::Transaction& transaction) -> Status {
    transaction.put(identity::make_key("AKIASECOND", "AIDAALICE"));
    return {};
  })) << "writing goes on";
  key_ = read_master_key(path("master.key")).value();
  open();
  const identity::AccessKey* key = directory_->current()->find<identity::AccessKey>("AKIAFIRST");
  ASSERT_NE(key, nullptr);
  EXPECT_TRUE(key->secret->equals("secret-of-AKIAFIRST"));
  EXPECT_NE(directory_->current()->find<identity::AccessKey>("AKIASECOND"), nullptr);
}

TEST_F(KeyRotationTest, ACrashBeforeTheWriteLeavesTheOldKey) {
  const std::string old_id = id_of("master.key");
  ASSERT_TRUE(write_master_key(path("master.key.next"), Secret(std::string(32, 'n'))));

  ASSERT_TRUE(finish_key_rotation(folder_.path(), *store_));

  EXPECT_EQ(id_of("master.key"), old_id);
  EXPECT_FALSE(fs::exists(path("master.key.next")));
}

TEST_F(KeyRotationTest, ACrashAfterTheWriteIsEndedWithTheNewKey) {
  const std::string old_id = id_of("master.key");
  const Secret next(std::string(32, 'n'));
  ASSERT_TRUE(write_master_key(path("master.key.next"), next));
  ASSERT_TRUE(directory_->rewrap(key_, next));

  ASSERT_TRUE(finish_key_rotation(folder_.path(), *store_));
  ASSERT_TRUE(finish_key_rotation(folder_.path(), *store_)) << "once more does nothing";

  EXPECT_EQ(id_of("master.key"), identity::master_key_id(next));
  EXPECT_EQ(id_of("master.key." + old_id), old_id);
  EXPECT_FALSE(fs::exists(path("master.key.next")));
}

TEST_F(KeyRotationTest, AKeyThatIsNotTheStoresChangesNothing) {
  const std::string wrapped = id_of_store();
  ASSERT_TRUE(write_master_key(path("master.key"), Secret(std::string(32, 'x'))));
  EXPECT_FALSE(rotate_master_key(folder_.path(), *directory_, random_));
  EXPECT_EQ(id_of_store(), wrapped);
  EXPECT_FALSE(fs::exists(path("master.key.next")));
}

}  // namespace
}  // namespace signet::server
