#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "ctl/command_for_test.h"

namespace signet::ctl {
namespace {

constexpr std::string_view kAccount = "123456789012";

class FolderCommandTest : public CommandTest {
 protected:
  // Runs a command on the test's data folder.
  Ran on_data(std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--data", path("data")});
    return signet(std::move(arguments));
  }

  void make_account() {
    ASSERT_EQ(on_data({"init"}).code, kOk);
    ASSERT_EQ(on_data({"account", "create", "--id", std::string(kAccount)}).code, kOk);
  }

  [[nodiscard]] bool has_data() const { return std::filesystem::exists(path("data")); }
};

TEST_F(FolderCommandTest, InitShowsItsCredentialsOnce) {
  const Ran first = on_data({"init"});
  EXPECT_EQ(first.code, kOk);
  EXPECT_NE(first.out.find("shown once"), std::string::npos) << first.out;
  EXPECT_NE(first.out.find("access key  AKIA"), std::string::npos) << first.out;

  const Ran again = on_data({"init"});
  EXPECT_EQ(again.code, kFailure);
  EXPECT_EQ(again.out, "");
  EXPECT_NE(again.err.find("has accounts already; nothing was changed"), std::string::npos);
}

TEST_F(FolderCommandTest, SavedCredentialsAreTheOwnersAndNotPrinted) {
  const std::string saved = path("credentials");
  const Ran ran = on_data({"init", "--save-credentials", saved});
  EXPECT_EQ(ran.code, kOk) << ran.err;
  EXPECT_EQ(ran.out.find("AKIA"), std::string::npos) << ran.out;
  EXPECT_TRUE(text_of(saved).starts_with("[default]\naws_access_key_id = AKIA")) << text_of(saved);
  EXPECT_EQ(std::filesystem::status(saved).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST_F(FolderCommandTest, SavedCredentialsOverwriteNothing) {
  const std::string saved = file("credentials", "mine");
  const Ran ran = on_data({"init", "--save-credentials", saved});
  EXPECT_EQ(ran.code, kFailure);
  EXPECT_NE(ran.err.find("cannot write the credentials file"), std::string::npos) << ran.err;
  EXPECT_EQ(text_of(saved), "mine");
}

TEST_F(FolderCommandTest, AnAccountIsMadeOnce) {
  make_account();
  const Ran again = on_data({"account", "create", "--id", std::string(kAccount)});
  EXPECT_EQ(again.code, kFailure);
  EXPECT_NE(again.err.find(std::string(kAccount)), std::string::npos) << again.err;

  const Ran short_id = on_data({"account", "create", "--id", "12"});
  EXPECT_EQ(short_id.code, kFailure);
  EXPECT_NE(short_id.err.find("id must have twelve digits"), std::string::npos) << short_id.err;
}

TEST_F(FolderCommandTest, NamesThatAwsWouldNotTakeMakeNoAccount) {
  const Ran alias = on_data({"account", "create", "--alias", "Example"});
  EXPECT_EQ(alias.code, kFailure);
  EXPECT_NE(alias.err.find("alias 'Example' must have 3 to 63"), std::string::npos) << alias.err;
  const Ran user = on_data({"account", "create", "--admin", "a b"});
  EXPECT_EQ(user.code, kFailure);
  EXPECT_NE(user.err.find("user name 'a b' is not valid"), std::string::npos) << user.err;
}

// A path that was mistyped is no folder in which everything is well.
TEST_F(FolderCommandTest, CommandsOnAFolderThatIsNotThereFailAndMakeNone) {
  const std::vector<std::vector<std::string>> commands = {
      {"verify"},
      {"keys", "retire"},
      {"sessions", "revoke", "--everyone"},
      {"org", "show", "--account", std::string(kAccount)},
      {"org", "clear", "--account", std::string(kAccount)}};
  for (const std::vector<std::string>& command : commands) {
    const Ran ran = on_data(command);
    EXPECT_EQ(ran.code, kFailure) << command[0];
    EXPECT_EQ(ran.out, "") << command[0];
    EXPECT_NE(ran.err.find("there is no data folder at " + path("data")), std::string::npos)
        << ran.err;
    EXPECT_FALSE(has_data()) << command[0];
  }
}

TEST_F(FolderCommandTest, AnEmptyFolderIsNoDataFolder) {
  std::filesystem::create_directory(path("data"));
  EXPECT_EQ(on_data({"keys", "retire"}).code, kFailure);
  EXPECT_TRUE(std::filesystem::is_empty(path("data")));
}

TEST_F(FolderCommandTest, AWholeFolderIsVerified) {
  make_account();
  const Ran ran = on_data({"verify"});
  EXPECT_EQ(ran.code, kOk);
  EXPECT_EQ(ran.out, "records: as they were stored; objects: 0 verified, 0 damaged\n");
}

TEST_F(FolderCommandTest, SessionsOfThoseWhoDoNotExistCannotEnd) {
  make_account();
  const std::string user = "arn:aws:iam::123456789012:user/nobody";
  const Ran missing = on_data({"sessions", "revoke", "--user", user});
  EXPECT_EQ(missing.code, kFailure);
  EXPECT_EQ(missing.err, "signet: there is no user " + user + "\n");

  const Ran when = on_data({"sessions", "revoke", "--everyone", "--before", "yesterday"});
  EXPECT_EQ(when.code, kFailure);
  EXPECT_NE(when.err.find("got: yesterday"), std::string::npos) << when.err;
}

TEST_F(FolderCommandTest, RevokingSaysHowManyItConcerns) {
  make_account();
  const Ran ran = on_data({"sessions", "revoke", "--account", std::string(kAccount)});
  EXPECT_EQ(ran.code, kOk) << ran.err;
  EXPECT_NE(ran.out.find("have ended"), std::string::npos) << ran.out;
}

TEST_F(FolderCommandTest, AServiceControlPolicyIsStoredShownAndCleared) {
  make_account();
  const std::string scp = file(
      "scp.json",
      R"({"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"s3:*","Resource":"*"}})");
  const std::vector<std::string> account = {"--account", std::string(kAccount)};
  const auto org = [&](std::vector<std::string> command) {
    command.insert(command.begin(), "org");
    command.insert(command.end(), account.begin(), account.end());
    return on_data(std::move(command));
  };

  ASSERT_EQ(org({"set-scp", scp}).code, kOk);
  EXPECT_NE(org({"show"}).out.find("s3:*"), std::string::npos);
  ASSERT_EQ(org({"clear"}).code, kOk);
  EXPECT_EQ(org({"show"}).out.find("s3:*"), std::string::npos);
}

TEST_F(FolderCommandTest, APolicyThatCannotBeReadIsNotStored) {
  make_account();
  const Ran ran =
      on_data({"org", "set-scp", "--account", std::string(kAccount), file("bad.json", "{bad")});
  EXPECT_EQ(ran.code, kFailure);
  EXPECT_NE(ran.err.find(path("bad.json")), std::string::npos) << ran.err;
}

TEST_F(FolderCommandTest, APlaceInAnOrganizationIsStoredAndShown) {
  make_account();
  const Ran set = on_data({"org",
                           "set",
                           "--account",
                           std::string(kAccount),
                           "--organization",
                           "o-abcdefghij",
                           "--path",
                           "o-abcdefghij/r-ab12/",
                           "--management"});
  ASSERT_EQ(set.code, kOk) << set.err;
  EXPECT_EQ(
      on_data({"org", "show", "--account", std::string(kAccount)}).out,
      R"({"organization":{"id":"o-abcdefghij","path":"o-abcdefghij/r-ab12/","management":true},)"
      R"("scps":[],"rcps":[]})"
      "\n");

  const Ran wrong =
      on_data({"org", "set", "--account", std::string(kAccount), "--organization", "mine"});
  EXPECT_EQ(wrong.code, kFailure);
  EXPECT_NE(wrong.err.find("an organization id is o-"), std::string::npos) << wrong.err;
}

TEST_F(FolderCommandTest, PoliciesAreImportedFromAFolderOfThem) {
  make_account();
  std::filesystem::create_directory(path("policies"));
  const Ran none = on_data({"policy", "import", path("policies")});
  EXPECT_EQ(none.code, kFailure);
  EXPECT_EQ(none.out, "") << "nothing was imported";
  EXPECT_EQ(none.err, "signet: no *.json files in " + path("policies") + "\n");

  file(
      "policies/any.json",
      R"({"name":"Reader","path":"/","document":{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:Get*","Resource":"*"}}})");
  const Ran one = on_data({"policy", "import", path("policies")});
  EXPECT_EQ(one.code, kOk) << one.err;
  EXPECT_TRUE(one.out.starts_with("imported 1 policies into ")) << one.out;
  EXPECT_TRUE(std::filesystem::exists(path("data/policies/Reader.json")));

  file("policies/bad.json", R"({"name":"Broken"})");
  const Ran bad = on_data({"policy", "import", path("policies")});
  EXPECT_EQ(bad.code, kFailure);
  EXPECT_NE(bad.err.find("bad.json: needs a \"document\""), std::string::npos) << bad.err;
}

TEST_F(FolderCommandTest, ATrailThatIsNotThereCannotBeVerified) {
  const Ran ran = signet({"audit", "verify", path("nothing.jsonl")});
  EXPECT_EQ(ran.code, kFailure);
  EXPECT_NE(ran.err.find("nothing.jsonl"), std::string::npos) << ran.err;
}

TEST_F(FolderCommandTest, ATrailWhoseLineWasChangedIsFound) {
  make_account();
  ASSERT_EQ(on_data({"keys", "retire"}).code, kOk);
  const std::string trail = path("data/audit.jsonl");
  const std::string whole = text_of(trail);
  ASSERT_NE(whole, "");
  EXPECT_EQ(signet({"audit", "verify", trail}).code, kOk);

  std::string changed = whole;
  const std::size_t at = changed.find("eventName");
  ASSERT_NE(at, std::string::npos);
  changed[at] = 'E';
  file("data/audit.jsonl", changed);
  EXPECT_EQ(signet({"audit", "verify", trail}).code, kFindings);
}

}  // namespace
}  // namespace signet::ctl
