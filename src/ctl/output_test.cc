#include "ctl/output.h"

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "ctl/command_for_test.h"
#include "ctl/exports.h"
#include "facts/outcome_for_test.h"

namespace signet::ctl {
namespace {

constexpr const char* kAccount = "111122223333";

identity::CreatedKey key(std::string user, std::string id, std::string account = kAccount) {
  return {.account = std::move(account),
          .user = std::move(user),
          .access_key_id = id,
          .secret_access_key = Secret("secret of " + id)};
}

class SavedCredentials : public CommandTest {
 protected:
  // What is shown on standard output, and the exit code.
  static std::pair<int, std::string> show(const server::Credentials& made,
                                          const std::string& file) {
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    const int code = show_credentials(made, file);
    static_cast<void>(testing::internal::GetCapturedStderr());
    return {code, testing::internal::GetCapturedStdout()};
  }

  static server::Credentials two_accounts() {
    server::Credentials made{.keys = {}, .user = "admin", .password = Secret("pass word")};
    made.keys.push_back(key("", "AKIAROOT"));
    made.keys.push_back(key("admin", "AKIAADMIN"));
    made.keys.push_back(key("admin", "AKIAOTHER", "444455556666"));
    return made;
  }
};

TEST_F(SavedCredentials, HaveTheFirstUserAsDefaultAndNeverRoot) {
  ASSERT_EQ(outcome(save_credentials(path("credentials"), two_accounts())), "ok");
  EXPECT_EQ(text_of(path("credentials")),
            "[111122223333-root]\naws_access_key_id = AKIAROOT\n"
            "aws_secret_access_key = secret of AKIAROOT\n\n"
            "[default]\naws_access_key_id = AKIAADMIN\n"
            "aws_secret_access_key = secret of AKIAADMIN\n\n"
            "[444455556666-admin]\naws_access_key_id = AKIAOTHER\n"
            "aws_secret_access_key = secret of AKIAOTHER\n\n"
            "# console: account 111122223333, user admin, password pass word\n");
  const auto read = key_variables(path("credentials"));
  ASSERT_EQ(outcome(read), "ok");
  EXPECT_EQ(*read,
            (Variables{{"AWS_ACCESS_KEY_ID", "AKIAADMIN"},
                       {"AWS_SECRET_ACCESS_KEY", "secret of AKIAADMIN"}}));
}

TEST_F(SavedCredentials, AreTheOwnersAloneWhateverTheMaskSays) {
  const mode_t before = ::umask(0);
  ASSERT_EQ(outcome(save_credentials(path("credentials"), two_accounts())), "ok");
  ::umask(before);
  EXPECT_EQ(std::filesystem::status(path("credentials")).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST_F(SavedCredentials, OverwriteNothingAndFollowNoLink) {
  file("mine", "mine");
  std::filesystem::create_symlink(path("mine"), path("link"));
  std::filesystem::create_symlink(path("nowhere"), path("dangling"));
  for (const char* name : {"mine", "link", "dangling", "no-folder/credentials"}) {
    EXPECT_FALSE(save_credentials(path(name), two_accounts())) << name;
  }
  EXPECT_EQ(text_of(path("mine")), "mine");
  EXPECT_FALSE(std::filesystem::exists(path("nowhere")));
}

// They are made and stored by then: nobody would ever see them again.
TEST_F(SavedCredentials, AreShownWhenTheyCannotBeSaved) {
  const auto [code, out] = show(two_accounts(), file("mine", "mine"));
  EXPECT_EQ(code, kFailure);
  for (const char* text : {"AKIAROOT", "AKIAADMIN", "secret of AKIAOTHER", "pass word"}) {
    EXPECT_NE(out.find(text), std::string::npos) << text;
  }
}

TEST_F(SavedCredentials, AreNotShownWhenTheyAreSaved) {
  const auto [code, out] = show(two_accounts(), path("credentials"));
  EXPECT_EQ(code, kOk);
  EXPECT_EQ(out, "credentials written to " + path("credentials") + "\n");
}

TEST_F(SavedCredentials, AFileWithoutKeysOfADefaultProfileIsNone) {
  for (const char* text : {"",
                           "[other]\naws_access_key_id = A\naws_secret_access_key = s\n",
                           "[default]\naws_access_key_id = A\n",
                           "[default]\n[other]\naws_access_key_id = A\naws_secret_access_key = s\n",
                           "[default]\naws_secret_access_key = s\n"}) {
    EXPECT_FALSE(key_variables(file("credentials", text))) << text;
  }
  EXPECT_FALSE(key_variables(path("none")));
}

TEST_F(SavedCredentials, AFileIsReadWhole) {
  const std::string bytes("a\0b\r\nc", 6);
  EXPECT_EQ(read_text(file("bytes", bytes)).value(), bytes);
  EXPECT_FALSE(read_text(path("none")));
}

}  // namespace
}  // namespace signet::ctl
