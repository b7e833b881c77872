#include <algorithm>
#include <array>
#include <fstream>
#include <functional>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "../races/world.h"
#include "audit/sink.h"
#include "codec/json.h"
#include "organizations/service.h"
#include "signin/api_service.h"
#include "signin/service.h"

namespace signet::doors {
namespace {

using races::Key;
using Headers = std::vector<std::pair<std::string, std::string>>;

// What a client sends, before it is signed.
struct Message {
  std::string service;
  std::string method = "POST";
  std::string target = "/";
  Headers headers{};
  std::string body{};
};

// One call of each protocol that a user with no permission may not make.
struct Door {
  const char* name;
  std::string_view operation;
  Message message;
};

Message form(std::string_view service, std::string body) {
  return {.service = std::string(service),
          .headers = {{"Content-Type", "application/x-www-form-urlencoded"}},
          .body = std::move(body)};
}

// To the operation of Organizations with this name.
Message by_target(std::string_view operation, std::string body = "{}") {
  return {.service = "organizations",
          .headers = {{"Content-Type", "application/x-amz-json-1.1"},
                      {"X-Amz-Target", concat("AWSOrganizationsV20161128.", operation)}},
          .body = std::move(body)};
}

const Door kDoors[] = {
    {"Query", "ListUsers", form("iam", "Action=ListUsers&Version=2010-05-08")},
    {"JsonByTarget", "ListRoots", by_target("ListRoots")},
    {"JsonByPath",
     "ListSessions",
     {.service = "signin",
      .target = "/list-sessions",
      .headers = {{"Content-Type", "application/json"}},
      .body = "{}"}},
    {"RestXml", "ListBuckets", {.service = "s3", .method = "GET"}},
};

// What each of them answers.
using Told = std::array<std::string_view, std::size(kDoors)>;

constexpr Told kUnknownKey = {"403 InvalidClientTokenId",
                              "400 UnrecognizedClientException",
                              "403 UnrecognizedClientException",
                              "403 InvalidAccessKeyId"};

struct Answer {
  int status = 0;
  std::string headers;
  std::string body;

  // "403 AccessDenied", in whatever form the protocol tells the code.
  [[nodiscard]] std::string told() const {
    std::string code = between(body, "<Code>", "</Code>");
    if (const auto json = codec::Json::parse(body); code.empty() && json && json->is_object()) {
      code = json->string_at("__type");
    }
    if (code.empty()) {
      code = between(headers, "x-amzn-ErrorType: ", "\r\n");
    }
    return concat(std::to_string(status), code.empty() ? "" : " ", code);
  }

  static std::string between(std::string_view text, std::string_view from, std::string_view to) {
    const std::size_t at = text.find(from);
    if (at == std::string_view::npos) {
      return {};
    }
    const std::string_view rest = text.substr(at + from.size());
    return std::string(rest.substr(0, rest.find(to)));
  }
};

class Doors : public races::RaceFixture {
 protected:
  static constexpr std::uint64_t kUnsignedMax = 2000;  // bytes of a body

  Doors() {
    auto sink = audit::Sink::open({.path = folder_ + "/audit.jsonl"}, clock_);
    SIGNET_ASSERT(sink.has_value());
    sink_ = *std::move(sink);
    requests_ = std::make_unique<api::RequestHandler>(
        api::Parts{.deps = deps_,
                   .directory = *directory_,
                   .audit = *sink_,
                   .pools = *pools_,
                   .services = {{"iam", &iam_},
                                {"sts", &sts_},
                                {"organizations", &organizations_},
                                {"s3", s3_.get()},
                                {"signin", &signin_api_},
                                {"console", &pages_}},
                   .write_shares = {.account_places = 6, .caller_places = 3},
                   .loops = 1,
                   .unsigned_body_max = kUnsignedMax});
    loop_.handler = requests_.get();
    nobody_ = make_user("nobody", R"({"Effect":"Deny","Action":"sts:Nothing","Resource":"*"})");
    write([](identity::Transaction& transaction) {
      identity::OrgPolicies org;
      org.account = kAccount;
      org.is_management = true;
      org.organization_id = "o-exampleorgid";
      transaction.put(std::move(org));
    });
    forget();
  }

  // What signs a request, and how it is spoiled.
  struct Signature {
    Key key;
    Instant at;
    std::function<void(Headers&)> spoil = [](Headers&) {
    };
  };

  Answer send(const Message& message, const Headers& headers) {
    std::string text = concat(message.method, " ", message.target, " HTTP/1.1\r\n");
    for (const auto& [name, value] : headers) {
      text += concat(name, ": ", value, "\r\n");
    }
    return send(concat(
        text, "Content-Length: ", std::to_string(message.body.size()), "\r\n\r\n", message.body));
  }

  Answer send(std::string bytes) {
    http::FakeTransport wire(loop_);
    wire.connection.start(http::Peer{.address = "192.0.2.7"});
    std::string rest = wire.feed(std::move(bytes));
    const auto is_answered = [&wire] {
      return wire.sent.find("\r\n\r\n") != std::string::npos;
    };
    loop_.run_until([&] {
      rest = wire.feed(std::move(rest));
      return is_answered();
    });
    Answer answer = answer_of(wire.sent);
    wire.connection.close();
    return answer;
  }

  // Nothing of it where nothing was sent.
  static Answer answer_of(const std::string& sent) {
    const std::size_t end = sent.find("\r\n\r\n");
    return end == std::string::npos ? Answer()
                                    : Answer{.status = std::stoi(sent.substr(9, 3)),
                                             .headers = sent.substr(0, end + 2),
                                             .body = sent.substr(end + 4)};
  }

  Answer unsigned_call(const Message& message) {
    Headers headers = message.headers;
    headers.emplace_back("Host", "localhost");
    return send(message, headers);
  }

  Answer signed_call(const Message& message, const Signature& signature) {
    std::vector<std::pair<std::string_view, std::string_view>> given = {{"Host", "localhost"}};
    given.insert(given.end(), message.headers.begin(), message.headers.end());
    const bool is_s3 = message.service == "s3";
    sigv4::SignedRequest made = sigv4::sign({.method = message.method,
                                             .target = message.target,
                                             .headers = std::move(given),
                                             .body = message.body,
                                             .access_key = signature.key.id,
                                             .secret_key = signature.key.secret,
                                             .session_token = signature.key.token,
                                             .service = message.service,
                                             .timestamp = signature.at,
                                             .normalize = !is_s3,
                                             .sign_body = is_s3});
    signature.spoil(made.headers);
    return send(message, made.headers);
  }

  Answer call(const Message& message, const Key& key) {
    return signed_call(message, {.key = key, .at = clock_.now()});
  }

  // The lines of both trails since forget().
  std::vector<codec::Json> records() {
    sink_->flush();
    std::vector<codec::Json> all;
    const std::string path = sink_->path();
    for (const std::string& file : {path, audit::unauthenticated_path(path)}) {
      std::ifstream in(file, std::ios::binary);
      for (std::string line; std::getline(in, line);) {
        EXPECT_EQ(line.find(nobody_.secret), std::string::npos) << line;
        EXPECT_EQ(line.find(admin_.secret), std::string::npos) << line;
        if (auto json = codec::Json::parse(line); json && json->find("eventName") != nullptr) {
          all.push_back(*std::move(json));
        }
      }
    }
    all.erase(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(std::min(seen_, all.size())));
    return all;
  }

  void forget() {
    seen_ = 0;
    seen_ = records().size();
  }

  // One record of the last call, and what it says.
  void expect_record(std::string_view event, bool is_error, const std::string& of) {
    const auto all = records();
    ASSERT_EQ(all.size(), 1U) << of;
    EXPECT_EQ(all[0].string_at("eventName"), event) << of;
    const bool tells_error =
        !all[0].string_at("errorCode").empty() || !all[0].string_at("errorMessage").empty();
    EXPECT_EQ(tells_error, is_error) << of;
    EXPECT_EQ(all[0].string_at("sourceIPAddress"), "192.0.2.7") << of;
    forget();
  }

  std::unique_ptr<audit::Sink> sink_;
  organizations::OrganizationsService organizations_;
  signin::SigninApi signin_api_;
  signin::SigninService pages_{rings_};
  Key nobody_;
  std::size_t seen_ = 0;
};

void change_signature(Headers& headers) {
  for (auto& [name, value] : headers) {
    if (name == "Authorization" || name == "authorization") {
      value.back() = value.back() == '0' ? '1' : '0';
    }
  }
}

void replace_authorization(Headers& headers, std::string_view with) {
  for (auto& [name, value] : headers) {
    if (name == "Authorization" || name == "authorization") {
      value = with;
    }
  }
}

TEST_F(Doors, LetInWhoMay) {
  for (const Door& door : kDoors) {
    const Answer answer = call(door.message, admin_);
    EXPECT_EQ(answer.told(), "200") << door.name << answer.body;
    expect_record(door.operation, false, door.name);
  }
}

TEST_F(Doors, RefuseWhoMayNotAndSayWho) {
  const Told wanted = {"403 AccessDenied",
                       "400 AccessDeniedException",
                       "403 AccessDeniedException",
                       "403 AccessDenied"};
  for (std::size_t i = 0; i < std::size(kDoors); ++i) {
    const Answer answer = call(kDoors[i].message, nobody_);
    EXPECT_EQ(answer.told(), wanted.at(i)) << kDoors[i].name << answer.body;
    EXPECT_NE(answer.body.find("user/nobody"), std::string::npos) << answer.body;
    expect_record(kDoors[i].operation, true, kDoors[i].name);
  }
}

TEST_F(Doors, KnowNobodyByASignatureThatIsNotTheirs) {
  const Instant now = clock_.now();
  const Key unknown{.id = "AKIANOSUCHKEY0000000", .secret = "secret"};
  const Key wrong{.id = admin_.id, .secret = "another"};
  const Key forged{.id = "ASIANOSUCHKEY0000000", .secret = "secret", .token = "no token of ours"};
  const auto words = [](std::string_view text) {
    return [text = std::string(text)](Headers& headers) {
      replace_authorization(headers, text);
    };
  };

  struct Fault {
    const char* name;
    Signature signature;
    Told told;
  };

  const Told wrong_signature = {"403 SignatureDoesNotMatch",
                                "400 InvalidSignatureException",
                                "403 InvalidSignatureException",
                                "403 SignatureDoesNotMatch"};
  Told wrong_time = wrong_signature;
  wrong_time.back() = "403 RequestTimeTooSkewed";
  Told forged_token = kUnknownKey;
  forged_token.back() = "400 InvalidToken";
  const Fault faults[] = {
      {"unknown key", {.key = unknown, .at = now}, kUnknownKey},
      {"wrong secret", {.key = wrong, .at = now}, wrong_signature},
      {"changed signature", {.key = admin_, .at = now, .spoil = change_signature}, wrong_signature},
      {"forged token", {.key = forged, .at = now}, forged_token},
      {"old", {.key = admin_, .at = now.plus_seconds(-901)}, wrong_time},
      {"to come", {.key = admin_, .at = now.plus_seconds(901)}, wrong_time},
      {"no fields",
       {.key = admin_, .at = now, .spoil = words("AWS4-HMAC-SHA256")},
       {"400 IncompleteSignature",
        "400 IncompleteSignatureException",
        "400 AuthorizationHeaderMalformed",  // a path alone is taken for S3's
        "400 AuthorizationHeaderMalformed"}}};
  for (const Fault& fault : faults) {
    for (std::size_t i = 0; i < std::size(kDoors); ++i) {
      const std::string of = concat(fault.name, " at ", kDoors[i].name);
      const Answer answer = signed_call(kDoors[i].message, fault.signature);
      EXPECT_EQ(answer.told(), fault.told.at(i)) << of << answer.body;
      ASSERT_EQ(records().size(), 1U) << of;
      forget();
    }
  }
}

TEST_F(Doors, LetNobodyInUnsigned) {
  const Told wanted = {"403 MissingAuthenticationToken",
                       "400 MissingAuthenticationTokenException",
                       "412 PreconditionFailed",  // a path alone is taken for S3's
                       "403 AccessDenied"};
  for (std::size_t i = 0; i < std::size(kDoors); ++i) {
    const Answer answer = unsigned_call(kDoors[i].message);
    EXPECT_EQ(answer.told(), wanted[i]) << kDoors[i].name << answer.body;
    ASSERT_EQ(records().size(), 1U) << kDoors[i].name;
    forget();
  }
}

// A key that is switched off, or whose user is gone, is nobody's from that moment on.
TEST_F(Doors, AKeyIsGoodAsLongAsItIsThere) {
  const auto each = [this](std::string_view what) {
    for (std::size_t i = 0; i < std::size(kDoors); ++i) {
      EXPECT_EQ(call(kDoors[i].message, nobody_).told(), kUnknownKey.at(i))
          << what << kDoors[i].name;
    }
  };
  write([this](identity::Transaction& transaction) {
    identity::AccessKey key = *transaction.view().find<identity::AccessKey>(nobody_.id);
    key.status = identity::KeyStatus::Inactive;
    transaction.put(std::move(key));
  });
  each("inactive at ");
  write([this](identity::Transaction& transaction) {
    transaction.erase<identity::AccessKey>(nobody_.id);
  });
  each("gone at ");
}

TEST_F(Doors, TellOfAnOperationThatThereIsNotOnlyWhoSigned) {
  const std::pair<Message, std::string_view> unknown[] = {
      {form("iam", "Action=FlyToTheMoon&Version=2010-05-08"), "400 InvalidAction"},
      {by_target("FlyToTheMoon"), "400 UnknownOperationException"},
      {by_target("CreateAccount"), "501 NotImplemented"},
      {{.service = "signin", .target = "/fly-to-the-moon"}, "404 UnknownOperationException"}};
  for (const auto& [message, wanted] : unknown) {
    EXPECT_EQ(call(message, nobody_).told(), wanted) << message.body << message.target;
    ASSERT_EQ(records().size(), 1U);
    forget();
    EXPECT_NE(unsigned_call(message).told(), wanted) << message.body << message.target;
    ASSERT_EQ(records().size(), 1U);
    forget();
  }
}

TEST_F(Doors, RefuseWhatTheyCannotRead) {
  const std::pair<Message, std::string_view> malformed[] = {
      {form("iam", "Action=ListUsers&Version=2010-05-08&MaxItems=x"), "400 ValidationError"},
      {form("iam", "Action=ListUsers&Version=2010-05-08&MaxItems=1&MaxItems=2"),
       "400 ValidationError"},
      {form("iam", "Action=ListUsers&Version=%zz"), "400 ValidationError"},
      {by_target("ListRoots", "{"), "400 SerializationException"},
      {by_target("ListRoots", R"({"MaxResults":"many"})"), "400 SerializationException"},
      {{.service = "s3", .method = "GET", .target = "/%zz"}, "400 InvalidURI"}};
  for (const auto& [message, wanted] : malformed) {
    EXPECT_EQ(call(message, admin_).told(), wanted) << message.body << message.target;
    ASSERT_EQ(records().size(), 1U) << message.body;
    forget();
  }
}

// What the head tells already is answered while the body is still to come. A form may bring an
// assertion, which is longer.
TEST_F(Doors, WaitForNoLongBodyOfStrangers) {
  const Message page{.service = "console",
                     .target = "/_console/signin",
                     .headers = {{"Content-Type", "application/x-www-form-urlencoded"}}};

  struct Case {
    const Message& message;
    std::uint64_t length;
    std::string_view told;
  };

  const Case cases[] = {
      {kDoors[0].message, 1'000'000, "403 MissingAuthenticationToken"},
      {kDoors[1].message, kUnsignedMax + 1, "400 MissingAuthenticationTokenException"},
      {page, kUnsignedMax + 1, "413 ContentTooLarge"}};
  for (const auto& [message, length, told] : cases) {
    std::string head =
        concat(message.method, " ", message.target, " HTTP/1.1\r\nHost: localhost\r\n");
    for (const auto& [name, value] : message.headers) {
      head += concat(name, ": ", value, "\r\n");
    }
    http::FakeTransport wire(loop_);
    wire.connection.start(http::Peer{.address = "192.0.2.7"});
    static_cast<void>(
        wire.feed(concat(head, "Content-Length: ", std::to_string(length), "\r\n\r\n")));
    EXPECT_EQ(answer_of(wire.sent).told(), told) << wire.sent;
    wire.connection.close();
    ASSERT_EQ(records().size(), 1U) << told;
    forget();
  }
}

TEST_F(Doors, WhatIsNoRequestLeavesARecordToo) {
  EXPECT_EQ(send("GET / HTTP/1.1\r\n bad: header\r\n\r\n").status, 400);
  expect_record("MalformedRequest", true, "bytes");
}

TEST_F(Doors, PagesAreRecordedWhetherTheyLetInOrNot) {
  const Message link{.service = "console",
                     .method = "GET",
                     .target = "/federation?Action=login&SigninToken=none&Destination=%2F"};
  EXPECT_EQ(unsigned_call(link).status, 400);
  expect_record("ConsoleLogin", true, "login");
  const Message front{.service = "console", .method = "GET", .target = "/_console/"};
  EXPECT_EQ(unsigned_call(front).status, 401);
  ASSERT_EQ(records().size(), 1U);
}

}  // namespace
}  // namespace signet::doors
