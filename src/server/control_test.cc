#include "server/control.h"

#include <array>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <string>

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "codec/json.h"
#include "identity/fixture_for_test.h"
#include "objects/removal.h"
#include "s3/invocation.h"
#include "server/control_socket.h"
#include "server/directory_trail.h"
#include "store/test_folder_for_test.h"
#include "token/session_token.h"

namespace signet::server {
namespace {

using identity::kAccount;
using identity::kOtherAccount;

constexpr Instant kNow = Instant::from_seconds(1'790'000'000);

class ControlTest : public testing::Test {
 protected:
  ControlTest() {
    const auto made = fixture_.directory().apply(
        [](const identity::Snapshot&, identity::Transaction& transaction) -> Status {
          transaction.put(identity::make_account(kAccount));
          transaction.put(identity::make_account(kOtherAccount));
          transaction.put(identity::make_user("AIDAALICE", "alice"));
          transaction.put(identity::make_user("AIDABOB", "bob"));
          transaction.put(identity::make_role("AROAREADER", "reader"));
          identity::Role other = identity::make_role("AROAOTHER", "reader");
          other.account = kOtherAccount;
          transaction.put(other);
          return {};
        });
    EXPECT_TRUE(made) << made.error().cause;
    EXPECT_TRUE(rings_.refresh(fixture_.directory(), random_, kNow));
    auto sink = audit::Sink::open({.path = folder_.path() + "/audit.jsonl"}, clock_);
    EXPECT_TRUE(sink) << sink.error().cause;
    audit_ = std::move(sink).value_or(nullptr);
    control_.emplace(Control::Deps{.directory = fixture_.directory(),
                                   .rings = rings_,
                                   .audit = *audit_,
                                   .random = random_,
                                   .clock = clock_,
                                   .store = fixture_.store(),
                                   .data_folder = folder_.path(),
                                   .open_objects = [this] { return open_objects(); },
                                   .stage_backup = {}});
    EXPECT_TRUE(fixture_.directory().attach(trail_.emplace(*audit_)));
  }

  std::string ask(std::string_view request) { return control_->answer(request, "uid 7"); }

  std::string revoke(std::string_view whose, std::string_view name) {
    std::string request = R"({"command":"sessions revoke","whose":")";
    request += whose;
    request += R"(","name":")";
    request += name;
    return ask(request + R"("})");
  }

  // Who has sessions that ended: a letter each for alice, bob, the roles here and there, and the
  // roots here and there.
  std::string ended() {
    const auto snapshot = fixture_.directory().current();
    std::string text;
    const auto note = [&text](char letter, Instant valid_after) {
      if (valid_after > kNow) {
        text += letter;
      }
    };
    note('a', snapshot->find<identity::User>(kAccount, "alice")->sessions_valid_after);
    note('b', snapshot->find<identity::User>(kAccount, "bob")->sessions_valid_after);
    note('r', snapshot->find<identity::Role>(kAccount, "reader")->sessions_valid_after);
    note('R', snapshot->find<identity::Role>(kOtherAccount, "reader")->sessions_valid_after);
    note('x', snapshot->find<identity::Account>(kAccount)->root_sessions_valid_after);
    note('X', snapshot->find<identity::Account>(kOtherAccount)->root_sessions_valid_after);
    return text;
  }

  [[nodiscard]] std::string trail() const {
    std::ifstream file(folder_.path() + "/audit.jsonl");
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  }

  Result<objects::ObjectStore*> open_objects() {
    if (!objects_) {
      objects_ = TRY(objects::ObjectStore::open({.folder = folder_.path() + "/objects"}, random_));
    }
    return objects_.get();
  }

  store::TestFolder folder_;
  identity::CountingRandom random_;
  ManualClock clock_{kNow};
  std::unique_ptr<audit::Sink> audit_;
  std::optional<DirectoryTrail> trail_;  // of the directory
  identity::Fixture fixture_;
  std::unique_ptr<objects::ObjectStore> objects_;
  authn::KeyRings rings_;
  std::optional<Control> control_;
};

TEST_F(ControlTest, EndsTheSessionsOfAUser) {
  EXPECT_EQ(revoke("user", "arn:aws:iam::111122223333:user/alice").substr(0, 8), R"({"done":)");
  EXPECT_EQ(ended(), "a");
}

TEST_F(ControlTest, EndsTheSessionsOfARole) {
  EXPECT_EQ(revoke("role", "arn:aws:iam::444455556666:role/reader").substr(0, 8), R"({"done":)");
  EXPECT_EQ(ended(), "R");
}

TEST_F(ControlTest, EndsTheSessionsOfARootUser) {
  EXPECT_EQ(revoke("root", kAccount).substr(0, 8), R"({"done":)");
  EXPECT_EQ(ended(), "x");
}

TEST_F(ControlTest, EndsTheSessionsOfAnAccount) {
  EXPECT_NE(revoke("account", kAccount).find("(4 principals)"), std::string::npos);
  EXPECT_EQ(ended(), "abrx");
}

TEST_F(ControlTest, EndsTheSessionsOfEveryone) {
  EXPECT_NE(ask(R"({"command":"sessions revoke","whose":"everyone"})").find("(6 principals)"),
            std::string::npos);
  EXPECT_EQ(ended(), "abrRxX");
}

TEST_F(ControlTest, ATimeThatPassedIsTakenAndNeverMovesTheMomentBack) {
  const auto valid_after = [this] {
    return fixture_.directory()
        .current()
        ->find<identity::Account>(kAccount)
        ->root_sessions_valid_after;
  };
  const auto before = [this](std::string_view time) {
    std::string request = R"({"command":"sessions revoke","whose":"root","name":"111122223333",)";
    request += R"("before":")";
    request += time;
    return ask(request + R"("})");
  };
  EXPECT_EQ(before("2026-09-01T00:00:00Z").substr(0, 8), R"({"done":)");
  EXPECT_EQ(valid_after(), Instant::from_seconds(1'788'220'800));
  EXPECT_EQ(before("2026-08-01T00:00:00Z").substr(0, 8), R"({"done":)");
  EXPECT_EQ(valid_after(), Instant::from_seconds(1'788'220'800));

  for (const char* time : {"2027-01-01T00:00:00Z", "yesterday", "1788220800"}) {
    EXPECT_NE(before(time).find("expected a time that has passed"), std::string::npos) << time;
  }
  EXPECT_EQ(valid_after(), Instant::from_seconds(1'788'220'800));
}

TEST_F(ControlTest, WhatIsNotUnderstoodChangesNothingAndLeavesNoRecord) {
  for (
      const char* request :
      {"",
       "sessions revoke",
       "{}",
       R"({"command":"shutdown"})",
       R"({"command":"sessions revoke"})",
       R"({"command":"sessions revoke","whose":"nobody"})",
       R"({"command":"sessions revoke","whose":"user"})",
       R"({"command":"sessions revoke","whose":"user","name":"alice"})",
       R"({"command":"sessions revoke","whose":"user","name":"arn:aws:iam::111122223333:user/Z"})",
       R"({"command":"sessions revoke","whose":"role","name":"arn:aws:iam::111122223333:user/alice"})",
       R"({"command":"sessions revoke","whose":"root","name":"999999999999"})",
       R"({"command":"sessions revoke","whose":"account","name":""})"}) {
    EXPECT_EQ(ask(request).substr(0, 9), R"({"error":)") << request;
  }
  EXPECT_EQ(ended(), "");
  EXPECT_EQ(trail(), "");
}

TEST_F(ControlTest, EachCommandIsInTheTrailWhenItIsAnswered) {
  revoke("user", "arn:aws:iam::111122223333:user/alice");

  EXPECT_NE(trail().find(R"("eventName":"RevokeSessions")"), std::string::npos) << trail();
  EXPECT_NE(trail().find("uid 7: sessions issued before"), std::string::npos);
  EXPECT_NE(trail().find("user/alice"), std::string::npos);
  EXPECT_NE(trail().find(R"("readOnly":false)"), std::string::npos);
}

TEST_F(ControlTest, NamesTheAccountsAndChangesNothing) {
  const std::string answer = ask(R"({"command":"account list"})");
  EXPECT_TRUE(answer.starts_with(
      R"({"done":"111122223333 444455556666","accounts":[{"id":"111122223333",)"))
      << answer;
  EXPECT_NE(answer.find(R"("users":2,"roles":1,"buckets":0,"inOrganization":false)"),
            std::string::npos);

  EXPECT_EQ(ended(), "");
  EXPECT_NE(trail().find(R"("eventName":"ListAccounts")"), std::string::npos) << trail();
  EXPECT_NE(trail().find(R"("readOnly":true)"), std::string::npos);
}

TEST_F(ControlTest, RetiredKeysOpenNothingAnyMore) {
  model::Session session;
  session.access_key_id = "ASIA";
  const auto seal = [&] {
    return token::seal_session(rings_.current(), session, Secret("s"), kNow, random_);
  };
  const auto before = seal();
  const auto opens = [this](const std::optional<std::string>& text) {
    return text && token::open_session(rings_.current(), *text, kNow).has_value();
  };
  ASSERT_TRUE(opens(before));

  EXPECT_EQ(ask(R"({"command":"keys retire"})").substr(0, 8), R"({"done":)");

  EXPECT_FALSE(opens(before));
  EXPECT_TRUE(opens(seal()));
  EXPECT_EQ(fixture_.directory().current()->sealing_keys().size(), 1U);
  EXPECT_NE(trail().find("RetireSealingKeys"), std::string::npos);
  authn::KeyRings restarted;
  ASSERT_TRUE(restarted.refresh(fixture_.directory(), random_, kNow));
  EXPECT_FALSE(token::open_session(restarted.current(), *before, kNow).has_value());
}

TEST_F(ControlTest, ListsUsersAndRolesOfAllAccounts) {
  const auto json = codec::Json::parse(ask(R"({"command":"policy principals"})"));
  ASSERT_TRUE(json.has_value());
  const std::string all(json->string_at("done"));
  EXPECT_NE(all.find("arn:aws:iam::111122223333:user/alice\n"), std::string::npos) << all;
  EXPECT_NE(all.find(":role/reader\n"), std::string::npos) << all;
  EXPECT_NE(trail().find("the users and roles of the folder"), std::string::npos);
}

TEST_F(ControlTest, FillsInWhatAQuestionLeavesOut) {
  const auto changed = fixture_.directory().apply(
      [](const identity::Snapshot& snapshot, identity::Transaction& transaction) -> Status {
        identity::User alice = *snapshot.find<identity::User>("AIDAALICE");
        alice.tags = {{"team", "x"}};
        transaction.put(std::move(alice));
        return {};
      });
  ASSERT_TRUE(changed);

  const std::string answer = ask(
      R"({"command":"policy question","principal":"alice","action":"sts:AssumeRole","resource":)"
      R"("arn:aws:iam::444455556666:role/reader","context":{"sts:ExternalId":"x","aws:TagKeys":["a"]}})");
  const auto json = codec::Json::parse(answer);
  ASSERT_TRUE(json.has_value());
  const auto question = codec::Json::parse(json->string_at("done"));
  ASSERT_TRUE(question.has_value()) << answer;

  EXPECT_EQ(question->string_at("principal"), "arn:aws:iam::111122223333:user/alice");
  EXPECT_EQ(question->string_at("principal_id"), "AIDAALICE");
  EXPECT_EQ(question->string_at("resource_account"), kOtherAccount);
  const codec::Json* context = question->find("context");
  ASSERT_NE(context, nullptr);
  EXPECT_EQ(context->string_at("aws:PrincipalTag/team"), "x");
  EXPECT_EQ(context->string_at("aws:username"), "alice");
  EXPECT_EQ(context->string_at("sts:ExternalId"), "x");
  EXPECT_EQ(context->find("aws:TagKeys")->items().size(), 1U);
  EXPECT_EQ(context->find("aws:SourceIp"), nullptr) << "no request has an address here";
  const codec::Json* trust = question->find("resource_policy");
  ASSERT_NE(trust, nullptr);
  EXPECT_EQ(trust->items()[0].string_at("name"), "trust policy of role reader");
  EXPECT_NE(trail().find("ExplainPolicy"), std::string::npos);
}

TEST_F(ControlTest, ARecordedContextIsTheWholeOfIt) {
  const std::string answer = ask(
      R"({"command":"policy question","principal":"alice","action":"iam:ListUsers","resource":"*",)"
      R"("is_whole_context":true,"context":{"aws:username":"then"}})");
  EXPECT_NE(answer.find(R"(\"context\":{\"aws:username\":\"then\"},)"), std::string::npos)
      << answer;
}

TEST_F(ControlTest, ASessionHasThePolicyThatItWasIssuedWith) {
  const std::string answer = ask(
      R"({"command":"policy question","principal":"arn:aws:sts::111122223333:assumed-role/reader/s",)"
      R"("action":"iam:ListUsers","resource":"*","session":{"policy":"{\"Version\":\"2012-10-17\"}",)"
      R"("policy_arns":[],"has_policy":true}})");
  EXPECT_NE(answer.find("session_policy"), std::string::npos) << answer;
  EXPECT_NE(answer.find("assumed-role/reader/s"), std::string::npos) << answer;
}

TEST_F(ControlTest, SaysWhoseQuestionCannotBeAnswered) {
  const auto problem = [this](std::string_view principal, std::string_view resource) {
    std::string request = R"({"command":"policy question","action":"sts:AssumeRole","principal":")";
    request += principal;
    request += R"(","resource":")";
    request += resource;
    return ask(request + R"("})");
  };
  EXPECT_NE(problem("carol", "*").find("no account here has a user or role called carol"),
            std::string::npos);
  EXPECT_NE(problem("reader", "*").find("is not the name of one alone; write which: arn:"),
            std::string::npos);
  EXPECT_NE(problem("arn:aws:iam::111122223333:user/carol", "*").find("there is no user"),
            std::string::npos);
  EXPECT_NE(problem("arn:aws:iam::999988887777:root", "*").find("there is no account"),
            std::string::npos);
  EXPECT_NE(problem("alice", "arn:aws:iam::111122223333:role/Reader").find("there is no role"),
            std::string::npos);
}

class ControlSocketTest : public testing::Test {
 protected:
  std::unique_ptr<ControlSocket> listen() {
    auto socket = ControlSocket::listen(folder_, [](std::string_view line, std::string_view who) {
      return std::string(who) + " asked " + std::string(line);
    });
    EXPECT_TRUE(socket) << socket.error().cause;
    return std::move(socket).value_or(nullptr);
  }

  store::TestFolder root_;
  std::string folder_ = root_.path();
};

TEST_F(ControlSocketTest, AnswersALineOfTheOwnUser) {
  const auto socket = listen();
  for (int i = 0; i < 3; ++i) {
    const auto answer = ask_server(folder_, "hello");
    ASSERT_TRUE(answer) << answer.error().cause;
    EXPECT_EQ(*answer, "uid " + std::to_string(geteuid()) + " asked hello");
  }
  struct stat info{};
  ASSERT_EQ(stat((folder_ + "/control.sock").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0600U);
}

TEST_F(ControlSocketTest, NobodyIsThereBeforeAndAfter) {
  EXPECT_EQ(ask_server(folder_, "x").value_or("answered"), std::nullopt);
  EXPECT_EQ(ask_server(folder_ + "/none", "x").value_or("answered"), std::nullopt);
  listen().reset();
  EXPECT_EQ(ask_server(folder_, "x").value_or("answered"), std::nullopt);
  EXPECT_NE(stat((folder_ + "/control.sock").c_str(), std::array<struct stat, 1>().data()), 0);
}

TEST_F(ControlSocketTest, TakesThePlaceOfASocketThatAKilledServerLeft) {
  std::ofstream(folder_ + "/control.sock") << "x";
  const auto socket = listen();

  EXPECT_TRUE(ask_server(folder_, "x").value_or(std::nullopt).has_value());
}

TEST_F(ControlSocketTest, AFolderMayHaveALongerPathThanASocketsAddress) {
  for (int i = 0; i < 4; ++i) {
    folder_ += "/" + std::string(60, 'd');
    ASSERT_EQ(mkdir(folder_.c_str(), 0700), 0);
  }
  const auto socket = listen();

  EXPECT_TRUE(ask_server(folder_, "x").value_or(std::nullopt).has_value());
}

TEST_F(ControlSocketTest, ALineThatIsTooLongIsNotAnswered) {
  const auto socket = listen();

  const auto answer = ask_server(folder_, std::string(1'100'000, 'x'));

  EXPECT_FALSE(answer.has_value());
  EXPECT_TRUE(ask_server(folder_, "still there").value_or(std::nullopt).has_value());
}

TEST_F(ControlSocketTest, AnotherUserGetsNoAnswer) {
  if (geteuid() != 0) {
    GTEST_SKIP() << "needs the right to become another user";
  }
  const auto socket = listen();
  ASSERT_EQ(chmod(folder_.c_str(), 0777), 0);
  ASSERT_EQ(chmod((folder_ + "/control.sock").c_str(), 0777), 0);
  const pid_t child = fork();
  if (child == 0) {
    const bool is_other = setuid(65534) == 0;
    const auto answer = ask_server(folder_, "x");
    _exit(is_other && !answer ? 0 : 1);
  }
  int status = 1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace signet::server
