#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <unistd.h>

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
  make_account();
  const Ran alias = on_data({"account", "create", "--alias", "Example"});
  EXPECT_EQ(alias.code, kFailure);
  EXPECT_NE(alias.err.find("alias 'Example' must have 3 to 63"), std::string::npos) << alias.err;
  const Ran user = on_data({"account", "create", "--admin", "a b"});
  EXPECT_EQ(user.code, kFailure);
  EXPECT_NE(user.err.find("user name 'a b' is not valid"), std::string::npos) << user.err;
}

// A path that was mistyped is no folder in which everything is well.
TEST_F(FolderCommandTest, CommandsOnAFolderThatIsNotThereFailAndMakeNone) {
  const std::string policies = path("policies");
  std::filesystem::create_directory(policies);
  file("policies/any.json", R"({"name":"Any"})");
  const std::vector<std::vector<std::string>> commands = {
      {"verify"},
      {"keys", "retire"},
      {"sessions", "revoke", "--everyone"},
      {"org", "show", "--account", std::string(kAccount)},
      {"org", "clear", "--account", std::string(kAccount)},
      {"org", "set-scp", "--account", std::string(kAccount), "FullAWSAccess"},
      {"account", "list"},
      {"account", "create", "--id", std::string(kAccount)},
      {"account", "recover", "--id", std::string(kAccount)},
      {"account", "delete", "--id", std::string(kAccount)},
      {"account", "quota", "--id", std::string(kAccount)},
      {"policy", "import", policies}};
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
  EXPECT_TRUE(one.out.starts_with("imported 1 policy into ")) << one.out;
  EXPECT_TRUE(std::filesystem::exists(path("data/policies/Reader.json")));

  file("policies/bad.json", R"({"name":"Broken"})");
  const Ran bad = on_data({"policy", "import", path("policies")});
  EXPECT_EQ(bad.code, kFailure);
  EXPECT_NE(bad.err.find("bad.json: needs a \"document\""), std::string::npos) << bad.err;
}

TEST_F(FolderCommandTest, AnImportIsAllOrNothing) {
  make_account();
  const auto policy = [](std::string_view name, std::string_view action) {
    return R"({"name":")" + std::string(name) +
           R"(","document":{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":")" +
           std::string(action) + R"(","Resource":"*"}}})";
  };
  std::filesystem::create_directory(path("policies"));
  file("policies/a.json", policy("Reader", "s3:Get*"));
  ASSERT_EQ(on_data({"policy", "import", path("policies")}).code, kOk);

  file("policies/a.json", policy("Writer", "s3:Put*"));
  for (const std::string& bad :
       {std::string("{"), policy("Writer", "s3:List*"), policy("", "s3:*")}) {
    file("policies/z.json", bad);
    EXPECT_EQ(on_data({"policy", "import", path("policies")}).code, kFailure) << bad;
    EXPECT_FALSE(std::filesystem::exists(path("data/policies/Writer.json"))) << bad;
  }
  std::filesystem::create_directory(path("data/policies.new"));  // of an import that was killed
  file("policies/z.json", policy("Reader", "s3:List*"));
  ASSERT_EQ(on_data({"policy", "import", path("policies")}).code, kOk);
  EXPECT_NE(text_of(path("data/policies/Reader.json")).find("s3:List*"), std::string::npos);
  EXPECT_NE(text_of(path("data/policies/Writer.json")).find("s3:Put*"), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(path("data/policies.new")));
  EXPECT_NE(text_of(path("data/audit.jsonl")).find("ImportPolicies"), std::string::npos);
}

TEST_F(FolderCommandTest, ALostAccountIsRecoveredAndTheRecordSaysByWhom) {
  make_account();
  const Ran first = on_data({"account", "recover", "--id", std::string(kAccount)});
  ASSERT_EQ(first.code, kOk) << first.err;
  EXPECT_NE(first.out.find("made access key AKIA"), std::string::npos) << first.out;
  EXPECT_NE(first.out.find("its console password is as it was"), std::string::npos) << first.out;
  EXPECT_NE(first.out.find("secret key"), std::string::npos) << first.out;

  const Ran full = on_data({"account", "recover", "--id", std::string(kAccount)});
  EXPECT_EQ(full.code, kFailure);
  EXPECT_NE(full.err.find("has 2 access keys already"), std::string::npos) << full.err;

  const std::string saved = path("rescue");
  const Ran other = on_data({"account",
                             "recover",
                             "--id",
                             std::string(kAccount),
                             "--user",
                             "rescue",
                             "--save-credentials",
                             saved});
  ASSERT_EQ(other.code, kOk) << other.err;
  EXPECT_NE(other.out.find("made the user"), std::string::npos) << other.out;
  EXPECT_EQ(other.out.find("secret key"), std::string::npos) << other.out;
  EXPECT_TRUE(text_of(saved).starts_with("[default]\naws_access_key_id = AKIA")) << text_of(saved);
  EXPECT_NE(text_of(saved).find("user rescue, password "), std::string::npos) << text_of(saved);

  const Ran taken = on_data({"account",
                             "recover",
                             "--id",
                             std::string(kAccount),
                             "--user",
                             "third",
                             "--save-credentials",
                             saved});
  EXPECT_EQ(taken.code, kFailure);
  EXPECT_NE(taken.err.find("nothing was changed"), std::string::npos) << taken.err;
  const std::string trail = text_of(path("data/audit.jsonl"));
  EXPECT_NE(trail.find(R"("eventName":"RecoverAccount")"), std::string::npos) << trail;
  EXPECT_NE(trail.find("uid " + std::to_string(getuid()) + " on the stopped folder: account " +
                       std::string(kAccount)),
            std::string::npos)
      << trail;
  EXPECT_EQ(trail.find("third"), std::string::npos) << trail;
}

TEST_F(FolderCommandTest, AnAccountIsDeletedButNotTheLastOne) {
  ASSERT_EQ(on_data({"init"}).code, kOk);
  ASSERT_EQ(on_data({"account", "create", "--id", std::string(kAccount)}).code, kOk);
  const Ran gone = on_data({"account", "delete", "--id", std::string(kAccount)});
  EXPECT_EQ(gone.code, kOk) << gone.err;
  EXPECT_NE(gone.out.find("was deleted with 1 user, 0 roles and 0 buckets"), std::string::npos)
      << gone.out;
  EXPECT_EQ(on_data({"account", "delete", "--id", std::string(kAccount)}).code, kFailure);

  const Ran list = on_data({"account", "list", "--output", "json"});
  const std::string last = list.out.substr(list.out.find(R"("id":")") + 6, 12);
  const Ran refused = on_data({"account", "delete", "--id", last});
  EXPECT_EQ(refused.code, kFailure);
  EXPECT_NE(refused.err.find("is the only one here"), std::string::npos) << refused.err;
  EXPECT_NE(text_of(path("data/audit.jsonl")).find("DeleteAccount"), std::string::npos);
}

TEST_F(FolderCommandTest, QuotasAreShownSetAndTakenBack) {
  make_account();
  const auto quota = [this](std::vector<std::string> more) {
    std::vector<std::string> command = {"account", "quota", "--id", std::string(kAccount)};
    command.insert(command.end(), more.begin(), more.end());
    return on_data(std::move(command));
  };
  EXPECT_NE(quota({}).out.find("AccessKeysPerUser=2 (default)\n"), std::string::npos);
  EXPECT_NE(quota({"AccessKeysPerUser=3", "UsersPerAccount=1"}).out.find("AccessKeysPerUser=3\n"),
            std::string::npos);
  EXPECT_NE(quota({"AccessKeysPerUser=default"}).out.find("AccessKeysPerUser=2 (default)\n"),
            std::string::npos);
  EXPECT_NE(quota({}).out.find("UsersPerAccount=1"), std::string::npos);
  for (const char* wrong : {"Users=1",
                            "UsersPerAccount",
                            "UsersPerAccount=-1",
                            "UsersPerAccount=x",
                            "UsersPerAccount=1000001"}) {
    EXPECT_EQ(quota({"AccessKeysPerUser=9", wrong}).code, kFailure) << wrong;
  }
  EXPECT_EQ(quota({}).out.find("AccessKeysPerUser=9"), std::string::npos) << "all or none";
}

TEST_F(FolderCommandTest, FullAccessIsGivenByName) {
  make_account();
  const std::string deny = file(
      "deny.json",
      R"({"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"s3:*","Resource":"*"}})");
  const Ran warned = on_data({"org", "set-scp", "--account", std::string(kAccount), deny});
  EXPECT_NE(warned.err.find("FullAWSAccess," + deny), std::string::npos) << warned.err;
  const Ran set = on_data({"org",
                           "set-scp",
                           "--account",
                           std::string(kAccount),
                           "FullAWSAccess",
                           "FullAWSAccess," + deny});
  EXPECT_EQ(set.code, kOk) << set.err;
  EXPECT_EQ(set.err, "");
  EXPECT_NE(set.out.find("2 levels of service control policies"), std::string::npos) << set.out;
  const Ran rcp =
      on_data({"org", "set-rcp", "--account", std::string(kAccount), "RCPFullAWSAccess"});
  EXPECT_EQ(rcp.code, kOk) << rcp.err;
  const std::string shown = on_data({"org", "show", "--account", std::string(kAccount)}).out;
  EXPECT_NE(shown.find(R"("name":"FullAWSAccess")"), std::string::npos) << shown;
  EXPECT_NE(shown.find(R"("name":"RCPFullAWSAccess")"), std::string::npos) << shown;
  for (const char* wrong :
       {"RCPFullAWSAccess", "FullAccess", "FullAWSAccess,", "FullAWSAccess,none.json"}) {
    EXPECT_EQ(on_data({"org", "set-scp", "--account", std::string(kAccount), wrong}).code, kFailure)
        << wrong;
  }
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
