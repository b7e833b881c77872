#include "s3/service.h"

#include <filesystem>

#include <gtest/gtest.h>

#include "authn/key_rings.h"
#include "authn/mfa_gate.h"
#include "codec/base64.h"
#include "codec/form.h"
#include "codec/uri.h"
#include "codec/xml_reader.h"
#include "crypto/md5.h"
#include "crypto/random.h"
#include "crypto/sha256.h"
#include "facts/errors.h"
#include "identity/directory.h"
#include "store/memory/memory_store.h"

namespace signet::s3 {
namespace {

namespace fs = std::filesystem;

constexpr const char* kOwner = "111111111111";
constexpr const char* kOther = "222222222222";

class NoCatalogue final : public identity::PolicyCatalogue {
 public:
  [[nodiscard]] const identity::ManagedPolicy* find(std::string_view) const override {
    return nullptr;
  }

  [[nodiscard]] std::span<const identity::ManagedPolicy* const> all() const override { return {}; }
};

struct Call {
  std::string method = "GET";
  std::string target = "/";  // path and query as on the wire
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string host = "localhost";
  std::string region = "us-east-1";
};

struct Answer {
  int status = 0;
  std::string body;
  std::string code;  // of an error document
  http::Response response;
};

// Everything behind the pipeline, driven in the pipeline's order.
class S3ServiceTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "signet-service-XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
    objects_ =
        ObjectStore::open({.folder = folder_.string(), .is_durable = false}, random_).value();
    service_ = std::make_unique<S3Service>(*objects_, S3Service::Options{});
    directory_ =
        identity::Directory::open(
            {.store = *store_, .master_key = key_, .random = random_, .catalogue = &catalogue_})
            .value();
    const auto made = directory_->apply([this](const identity::Snapshot&,
                                               identity::Transaction& transaction) -> Status {
      for (const char* id : {kOwner, kOther}) {
        identity::Account account;
        account.id = id;
        account.canonical_user_id = std::string(52, 'c') + id;
        transaction.put_account(std::move(account));
      }
      transaction.put_user(
          user(kOwner, "admin", R"({"Effect":"Allow","Action":"s3:*","Resource":"*"})"));
      transaction.put_user(user(kOwner, "nobody", ""));
      transaction.put_user(
          user(kOwner, "reader", R"({"Effect":"Allow","Action":"s3:GetObject","Resource":"*"})"));
      transaction.put_user(user(kOwner,
                                "narrow",
                                R"({"Effect":"Allow","Action":"s3:ListBucket","Resource":"*",)"
                                R"("Condition":{"StringEquals":{"s3:prefix":["","home/"]}}})"));
      transaction.put_user(
          user(kOwner,
               "deleter",
               R"({"Effect":"Allow","Action":"s3:DeleteObject","Resource":"arn:aws:s3:::*/ok*"})"));
      transaction.put_user(
          user(kOther, "admin", R"({"Effect":"Allow","Action":"s3:*","Resource":"*"})"));
      return {};
    });
    ASSERT_TRUE(made.has_value()) << made.error().cause;
  }

  void TearDown() override {
    service_.reset();
    objects_.reset();
    fs::remove_all(folder_);
  }

  static identity::User user(const std::string& account,
                             const std::string& name,
                             const std::string& statement) {
    identity::User out;
    out.account = account;
    out.id = "AIDA" + std::string(name == "admin" ? "A" : "N") + account + name;
    out.name = name;
    if (!statement.empty()) {
      out.inline_policies.push_back(
          {.name = "p",
           .document = identity::make_document(R"({"Version":"2012-10-17","Statement":)" +
                                               statement + "}")});
    }
    return out;
  }

  static model::Caller caller(const std::string& account, const std::string& name) {
    model::Caller out;
    if (name == "anonymous") {
      return out;
    }
    out.account = account;
    if (name == "root") {
      out.kind = model::CallerKind::Root;
      out.arn = "arn:aws:iam::" + account + ":root";
      out.principal_id = account;
    } else {
      out.kind = model::CallerKind::User;
      out.arn = "arn:aws:iam::" + account + ":user/" + name;
      out.principal_id = user(account, name, "").id;
      out.name = name;
    }
    out.principal_arn = out.arn;
    out.user_id = out.principal_id;
    return out;
  }

  Answer as(const std::string& name, const Call& call, const std::string& account = kOwner) {
    const model::Caller who = caller(account, name);
    std::vector<http::HeaderView> fields;
    for (const auto& [field, value] : call.headers) {
      fields.push_back({field, value});
    }
    http::RequestHead head;
    head.method = call.method;
    head.target = call.target;
    head.headers = fields;
    api::RestRequest request{.method = call.method,
                             .host = call.host,
                             .raw_path = head.path(),
                             .path = codec::percent_decode(head.path()).value(),
                             .head = &head,
                             .content_length = static_cast<std::int64_t>(call.body.size())};
    const auto query = codec::FormParams::parse(head.query()).value();
    for (const codec::FormParam& param : query.all()) {
      request.query.emplace_back(param.name, param.value);
    }
    http::Response response;
    if (const Status status = drive(request, who, call, response); !status) {
      response = service_->error(status.error(), "REQ", head.path(), call.method == "HEAD");
    }
    Answer answer{
        .status = response.status, .body = response.body, .response = std::move(response)};
    if (answer.response.file) {
      FileReader reader(answer.response.file->fd.get(),
                        answer.response.file->offset,
                        answer.response.file->length);
      for (auto piece = reader.next(); piece && !piece->empty(); piece = reader.next()) {
        answer.body += *piece;
      }
    }
    if (const auto root = codec::read_xml(answer.body); root && root->name == "Error") {
      answer.code = root->text_of("Code").value_or("");
    }
    return answer;
  }

  Status drive(const api::RestRequest& request,
               const model::Caller& who,
               const Call& call,
               http::Response& response) {
    const auto invocation = TRY(service_->match(request));
    const authz::RequestInfo info{
        .request_id = "REQ", .source_ip = "127.0.0.1", .region = call.region, .now = clock_.now()};
    if (invocation->body_use() == api::BodyUse::Buffer) {
      TRY_STATUS(invocation->body(call.body));
    }
    const auto snapshot = directory_->current();
    const authz::AuthzContext context{.snapshot = *snapshot, .caller = who, .request = info};
    const authz::CheckList checks = TRY(
        invocation->checks({.snapshot = *snapshot, .caller = who, .request = info, .deps = deps_}));
    const authz::Authorized proof = TRY(authorizer_.authorize(context, checks));
    if (invocation->effect() == api::Effect::Write) {
      const auto written =
          directory_->apply([&](const identity::Snapshot& now, identity::Transaction& transaction) {
            api::HandlerContext handler{.snapshot = now,
                                        .transaction = &transaction,
                                        .caller = who,
                                        .request = info,
                                        .deps = deps_};
            return invocation->handle(proof, handler);
          });
      if (!written) {
        return std::unexpected(written.error());
      }
    } else {
      api::HandlerContext handler{.snapshot = *snapshot,
                                  .transaction = nullptr,
                                  .caller = who,
                                  .request = info,
                                  .deps = deps_,
                                  .authorizer = &authorizer_};
      if (invocation->body_use() == api::BodyUse::Stream) {
        auto sink = TRY(invocation->open_sink(proof, handler));
        TRY_STATUS(sink->write(call.body));
        invocation->take_sink(std::move(sink));
      }
      TRY_STATUS(invocation->handle(proof, handler));
    }
    response = invocation->answer().response;
    return {};
  }

  void make_bucket(const std::string& name = "bkt") {
    ASSERT_EQ(as("admin", {.method = "PUT", .target = "/" + name}).status, 200);
  }

  void put(const std::string& path, const std::string& body) {
    ASSERT_EQ(as("admin", {.method = "PUT", .target = path, .body = body}).status, 200);
  }

  void set_policy(const std::string& statement) {
    const Answer answer = as("admin",
                             {.method = "PUT",
                              .target = "/bkt?policy",
                              .body = R"({"Version":"2012-10-17","Statement":)" + statement + "}"});
    ASSERT_EQ(answer.status, 204) << answer.body;
  }

  static codec::XmlElement xml(const Answer& answer) {
    return codec::read_xml(answer.body).value_or(codec::XmlElement{});
  }

  fs::path folder_;
  crypto::SystemRandom random_;
  ManualClock clock_{Instant::from_seconds(1'771'321'482)};
  NoCatalogue catalogue_;
  authn::KeyRings rings_;
  authn::MfaGate mfa_;
  api::Deps deps_{
      .clock = clock_, .random = random_, .rings = rings_, .mfa = mfa_, .catalogue = catalogue_};
  Secret key_{std::string(32, 'k')};
  std::unique_ptr<store::Store> store_ = store::make_memory_store();
  std::unique_ptr<identity::Directory> directory_;
  std::unique_ptr<ObjectStore> objects_;
  std::unique_ptr<S3Service> service_;
  authz::Authorizer authorizer_;
};

TEST_F(S3ServiceTest, BucketsLiveAndDie) {
  const Answer made = as("admin", {.method = "PUT", .target = "/bkt"});
  EXPECT_EQ(made.status, 200);
  EXPECT_EQ(made.response.headers.find("location"), "/bkt");
  EXPECT_EQ(as("admin", {.method = "PUT", .target = "/bkt"}).status, 200);  // us-east-1
  EXPECT_EQ(as("admin", {.method = "PUT", .target = "/bkt"}, kOther).code, "BucketAlreadyExists");

  const Answer head = as("admin", {.method = "HEAD", .target = "/bkt"});
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.response.headers.find("x-amz-bucket-region"), "us-east-1");
  EXPECT_EQ(xml(as("admin", {.target = "/bkt?location"})).text, "");

  put("/bkt/k", "x");
  EXPECT_EQ(as("admin", {.method = "DELETE", .target = "/bkt"}).code, "BucketNotEmpty");
  EXPECT_EQ(as("admin", {.method = "DELETE", .target = "/bkt/k"}).status, 204);
  EXPECT_EQ(as("admin", {.method = "DELETE", .target = "/bkt"}).status, 204);
  EXPECT_EQ(as("admin", {.method = "HEAD", .target = "/bkt"}).status, 404);
  EXPECT_EQ(as("admin", {.method = "DELETE", .target = "/bkt"}).code, "NoSuchBucket");
  // At the same instant again: the object store must not think it is still closed.
  make_bucket();
  put("/bkt/k", "x");
}

TEST_F(S3ServiceTest, RegionsComeFromTheConstraint) {
  const std::string ireland =
      "<CreateBucketConfiguration><LocationConstraint>eu-west-1</LocationConstraint></"
      "CreateBucketConfiguration>";
  EXPECT_EQ(as("admin", {.method = "PUT", .target = "/bkt", .body = ireland, .region = "eu-west-1"})
                .status,
            200);
  EXPECT_EQ(xml(as("admin", {.target = "/bkt?location"})).text, "eu-west-1");
  EXPECT_EQ(as("admin", {.method = "PUT", .target = "/bkt", .body = ireland}).code,
            "BucketAlreadyOwnedByYou");
  EXPECT_EQ(as("admin", {.method = "PUT", .target = "/bkt2", .region = "eu-west-1"}).code,
            "IllegalLocationConstraintException");
  EXPECT_EQ(
      as("admin", {.method = "PUT", .target = "/bkt2", .body = ireland, .region = "us-west-2"})
          .code,
      "IllegalLocationConstraintException");
  for (const char* bad : {"us-east-1", "moon", "eu-west-", "-1"}) {
    const std::string body = std::string("<CreateBucketConfiguration><LocationConstraint>") + bad +
                             "</LocationConstraint></CreateBucketConfiguration>";
    EXPECT_EQ(as("admin", {.method = "PUT", .target = "/bkt2", .body = body}).code,
              "InvalidLocationConstraint")
        << bad;
  }
  EXPECT_EQ(as("admin", {.method = "PUT", .target = "/192.168.1.1"}).code, "InvalidBucketName");
  EXPECT_EQ(as("admin", {.method = "PUT", .target = "/bkt2", .body = "<x"}).code, "MalformedXML");
}

TEST_F(S3ServiceTest, ListBucketsPagesAndFilters) {
  for (const char* name : {"aaa", "abc", "bbb"}) {
    make_bucket(name);
  }
  ASSERT_EQ(as("admin", {.method = "PUT", .target = "/other"}, kOther).status, 200);

  const auto names = [&](const std::string& target) {
    std::string out;
    const codec::XmlElement root = xml(as("admin", {.target = target}));
    for (const codec::XmlElement& bucket : root.find("Buckets")->children) {
      out += std::string(*bucket.text_of("Name")) + " ";
    }
    return out;
  };
  EXPECT_EQ(names("/"), "aaa abc bbb ");
  EXPECT_EQ(names("/?prefix=a"), "aaa abc ");
  EXPECT_EQ(names("/?max-buckets=2"), "aaa abc ");
  const std::string token(
      *xml(as("admin", {.target = "/?max-buckets=2"})).text_of("ContinuationToken"));
  EXPECT_EQ(names("/?max-buckets=2&continuation-token=" + token), "bbb ");
  EXPECT_EQ(as("admin", {.target = "/?max-buckets=0"}).code, "InvalidArgument");
  EXPECT_EQ(as("nobody", {.target = "/"}).code, "AccessDenied");
  EXPECT_EQ(as("anonymous", {.target = "/"}).code, "AccessDenied");
  EXPECT_NE(as("admin", {.target = "/"})
                .body.find("<CreationDate>2026-02-17T09:44:42.000Z</CreationDate>"),
            std::string::npos);
}

TEST_F(S3ServiceTest, ObjectsComeBackAsTheyWent) {
  make_bucket();
  const Answer put_answer = as("admin",
                               {.method = "PUT",
                                .target = "/bkt/a%20b/..//%C3%A9",
                                .body = "hello",
                                .headers = {{"Content-Type", "text/html"}, {"x-amz-meta-k", "v"}}});
  ASSERT_EQ(put_answer.status, 200) << put_answer.body;
  EXPECT_EQ(put_answer.response.headers.find("etag"), "\"5d41402abc4b2a76b9719d911017c592\"");

  const Answer got = as("admin", {.target = "/bkt/a%20b/..//%C3%A9"});
  EXPECT_EQ(got.status, 200);
  EXPECT_EQ(got.body, "hello");
  EXPECT_EQ(got.response.headers.find("content-type"), "text/html");
  EXPECT_EQ(got.response.headers.find("x-amz-meta-k"), "v");
  EXPECT_EQ(got.response.headers.find("last-modified"), "Tue, 17 Feb 2026 09:44:42 GMT");
  EXPECT_EQ(got.response.headers.find("content-security-policy"), "sandbox; default-src 'none'");
  EXPECT_EQ(got.response.headers.find("x-content-type-options"), "nosniff");
  EXPECT_EQ(got.response.headers.find("x-amz-request-id"), "REQ");
  EXPECT_FALSE(got.response.headers.find("x-amz-checksum-crc64nvme").has_value());

  const Answer head = as("admin",
                         {.method = "HEAD",
                          .target = "/bkt/a%20b/..//%C3%A9",
                          .headers = {{"x-amz-checksum-mode", "ENABLED"}}});
  EXPECT_EQ(head.response.content_length, 5U);
  EXPECT_TRUE(head.response.headers.find("x-amz-checksum-crc64nvme").has_value());
  EXPECT_EQ(as("admin", {.target = "/b%C3%A9", .host = "bkt.localhost"}).code, "NoSuchKey");
  EXPECT_EQ(as("admin", {.target = "/a%20b/..//%C3%A9", .host = "bkt.localhost"}).body, "hello");
  EXPECT_EQ(as("admin", {.target = "/bkt/a%20b/%C3%A9"}).code, "NoSuchKey");
}

TEST_F(S3ServiceTest, RangesAndConditions) {
  make_bucket();
  put("/bkt/k", "0123456789");
  const std::string etag = "\"781e5e245d69b566979b86e28d23f2c7\"";

  const Answer part = as("admin", {.target = "/bkt/k", .headers = {{"Range", "bytes=2-4"}}});
  EXPECT_EQ(part.status, 206);
  EXPECT_EQ(part.body, "234");
  EXPECT_EQ(part.response.headers.find("content-range"), "bytes 2-4/10");
  EXPECT_EQ(as("admin", {.target = "/bkt/k", .headers = {{"Range", "bytes=20-"}}}).code,
            "InvalidRange");
  EXPECT_EQ(as("admin", {.target = "/bkt/k", .headers = {{"Range", "bytes=0-1,3-4"}}}).status, 200);
  EXPECT_EQ(
      as("admin", {.target = "/bkt/k", .headers = {{"Range", "bytes=2-4"}, {"If-Range", "\"x\""}}})
          .status,
      200);
  EXPECT_EQ(as("admin", {.target = "/bkt/k", .headers = {{"If-None-Match", etag}}}).status, 304);
  EXPECT_EQ(as("admin", {.target = "/bkt/k", .headers = {{"If-None-Match", etag}}}).body, "");
  EXPECT_EQ(as("admin", {.target = "/bkt/k", .headers = {{"If-Match", "\"x\""}}}).code,
            "PreconditionFailed");
  EXPECT_EQ(as("admin", {.target = "/bkt/k?partNumber=1"}).status, 206);
  EXPECT_EQ(as("admin", {.target = "/bkt/k?partNumber=2"}).status, 416);
  EXPECT_EQ(as("admin", {.target = "/bkt/k?versionId=zzz"}).code, "InvalidArgument");
  EXPECT_EQ(as("admin", {.target = "/bkt/k?versionId=null"}).body, "0123456789");

  put("/bkt/empty", "");
  EXPECT_EQ(as("admin", {.target = "/bkt/empty"}).status, 200);
  EXPECT_EQ(as("admin", {.target = "/bkt/empty", .headers = {{"Range", "bytes=0-0"}}}).code,
            "InvalidRange");
}

TEST_F(S3ServiceTest, ConditionalAndCheckedWrites) {
  make_bucket();
  const auto put_with = [&](std::vector<std::pair<std::string, std::string>> headers) {
    return as(
        "admin",
        {.method = "PUT", .target = "/bkt/k", .body = "hello", .headers = std::move(headers)});
  };
  EXPECT_EQ(put_with({{"If-None-Match", "*"}}).status, 200);
  EXPECT_EQ(put_with({{"If-None-Match", "*"}}).code, "PreconditionFailed");
  EXPECT_EQ(put_with({{"Content-MD5", "XUFAKrxLKna5cZ2REBfFkg=="}}).status, 200);
  EXPECT_EQ(put_with({{"Content-MD5", "XUFAKrxLKna5cZ2REBfFkh=="}}).code, "InvalidDigest");
  EXPECT_EQ(put_with({{"Content-MD5", "AAAAAAAAAAAAAAAAAAAAAA=="}}).code, "BadDigest");
  EXPECT_EQ(put_with({{"x-amz-checksum-crc32", "NhCmhg=="}})
                .response.headers.find("x-amz-checksum-crc32"),
            "NhCmhg==");
  EXPECT_EQ(put_with({{"x-amz-checksum-crc32", "AAAAAA=="}}).code, "BadDigest");
  EXPECT_EQ(put_with({{"x-amz-server-side-encryption", "AES256"}}).code, "NotImplemented");
  EXPECT_EQ(put_with({{"x-amz-acl", "public-read"}}).code, "AccessControlListNotSupported");
  EXPECT_EQ(put_with({{"x-amz-expected-bucket-owner", kOther}}).code, "AccessDenied");
}

TEST_F(S3ServiceTest, MissingKeysAreHiddenFromThoseWhoMayNotList) {
  make_bucket();
  EXPECT_EQ(as("admin", {.target = "/bkt/none"}).code, "NoSuchKey");
  EXPECT_EQ(as("admin", {.method = "HEAD", .target = "/bkt/none"}).status, 404);
  EXPECT_EQ(as("reader", {.target = "/bkt/none"}).code, "AccessDenied");
  EXPECT_EQ(as("reader", {.method = "HEAD", .target = "/bkt/none"}).status, 403);
  EXPECT_EQ(as("reader", {.target = "/nobucket/none"}).code, "NoSuchBucket");
  EXPECT_EQ(as("nobody", {.target = "/nobucket/none"}).code, "AccessDenied");
  EXPECT_EQ(as("anonymous", {.target = "/nobucket/none"}).code, "AccessDenied");
}

TEST_F(S3ServiceTest, DenialsTellOnlyTheOwnersAccountWhy) {
  make_bucket();
  put("/bkt/k", "x");
  const Answer own = as("nobody", {.target = "/bkt/k"});
  const Answer foreign = as("admin", {.target = "/bkt/k"}, kOther);

  EXPECT_EQ(
      xml(own).text_of("Message"),
      "User: arn:aws:iam::111111111111:user/nobody is not authorized to perform: s3:GetObject on "
      "resource: "
      "\"arn:aws:s3:::bkt/k\" because no identity-based policy allows the s3:GetObject action");
  EXPECT_EQ(xml(foreign).text_of("Message"), "Access Denied");
  EXPECT_EQ(xml(as("anonymous", {.target = "/bkt/k"})).text_of("Message"), "Access Denied");
}

// Every implemented operation, by callers that nothing allows.
TEST_F(S3ServiceTest, NothingIsOpenByDefault) {
  make_bucket();
  put("/bkt/k", "x");
  const std::vector<Call> calls = {
      {.target = "/"},
      {.method = "PUT", .target = "/newbucket"},
      {.method = "DELETE", .target = "/bkt"},
      {.method = "HEAD", .target = "/bkt"},
      {.target = "/bkt?location"},
      {.target = "/bkt"},
      {.target = "/bkt?list-type=2"},
      {.target = "/bkt?policy"},
      {.method = "PUT", .target = "/bkt?policy", .body = "{}"},
      {.method = "DELETE", .target = "/bkt?policy"},
      {.target = "/bkt?uploads"},
      {.target = "/bkt/k"},
      {.method = "HEAD", .target = "/bkt/k"},
      {.method = "PUT", .target = "/bkt/k", .body = "y"},
      {.method = "PUT", .target = "/bkt/k2", .headers = {{"x-amz-copy-source", "/bkt/k"}}},
      {.method = "DELETE", .target = "/bkt/k"},
      {.method = "POST", .target = "/bkt/k?uploads"},
      {.method = "PUT", .target = "/bkt/k?partNumber=1&uploadId=u", .body = "y"},
      {.method = "PUT",
       .target = "/bkt/k?partNumber=1&uploadId=u",
       .headers = {{"x-amz-copy-source", "/bkt/k"}}},
      {.target = "/bkt/k?uploadId=u"},
      {.method = "DELETE", .target = "/bkt/k?uploadId=u"},
      {.method = "POST",
       .target = "/bkt/k?uploadId=u",
       .body = "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>x</ETag></Part></"
               "CompleteMultipartUpload>"},
  };
  for (const Call& call : calls) {
    EXPECT_EQ(as("nobody", call).status, 403) << call.method << " " << call.target;
    EXPECT_EQ(as("anonymous", call).status, 403) << call.method << " " << call.target;
    if (call.target != "/" && call.target != "/newbucket") {
      EXPECT_EQ(as("admin", call, kOther).status, 403) << call.method << " " << call.target;
    }
  }
  EXPECT_EQ(as("admin", {.target = "/bkt/k"}).body, "x");
}

TEST_F(S3ServiceTest, ListsWithPrefixDelimiterAndPages) {
  make_bucket();
  for (const char* key : {"a", "home/x", "home/y", "photos/1/a", "photos/2/b", "z"}) {
    put(std::string("/bkt/") + key, key);
  }
  const auto root =
      xml(as("admin", {.target = "/bkt?list-type=2&delimiter=/&max-keys=2&fetch-owner=true"}));
  EXPECT_EQ(root.text_of("KeyCount"), "2");
  EXPECT_EQ(root.text_of("IsTruncated"), "true");
  EXPECT_EQ(root.find("CommonPrefixes")->text_of("Prefix"), "home/");
  EXPECT_EQ(root.find("Contents")->text_of("Key"), "a");
  EXPECT_EQ(root.find("Contents")->text_of("Size"), "1");
  EXPECT_EQ(root.find("Contents")->find("Owner")->text_of("ID")->size(), 64U);
  const std::string token(*root.text_of("NextContinuationToken"));
  const auto next =
      xml(as("admin", {.target = "/bkt?list-type=2&delimiter=/&continuation-token=" + token}));
  EXPECT_EQ(next.text_of("IsTruncated"), "false");
  EXPECT_EQ(next.find("CommonPrefixes")->text_of("Prefix"), "photos/");
  EXPECT_EQ(next.find("Contents")->text_of("Key"), "z");

  const auto v1 = xml(as("admin", {.target = "/bkt?delimiter=/&max-keys=2"}));
  EXPECT_EQ(v1.text_of("NextMarker"), "home/");
  const auto v1_next = xml(as("admin", {.target = "/bkt?delimiter=/&marker=home/"}));
  EXPECT_EQ(v1_next.find("CommonPrefixes")->text_of("Prefix"), "photos/");
  EXPECT_EQ(xml(as("admin", {.target = "/bkt?prefix=home/&start-after=home/x&list-type=2"}))
                .find("Contents")
                ->text_of("Key"),
            "home/y");
  EXPECT_EQ(xml(as("admin", {.target = "/bkt?max-keys=5000"})).text_of("MaxKeys"), "1000");

  for (const char* bad : {"max-keys=x",
                          "max-keys=-1",
                          "max-keys=99999999999",
                          "encoding-type=x",
                          "continuation-token=x&list-type=2"}) {
    EXPECT_EQ(as("admin", {.target = std::string("/bkt?") + bad}).code, "InvalidArgument") << bad;
  }
}

TEST_F(S3ServiceTest, EncodesKeysOnRequest) {
  make_bucket();
  put("/bkt/a%20%2B%0A%3C/x", "x");
  const auto root = xml(as("admin", {.target = "/bkt?encoding-type=url"}));
  EXPECT_EQ(root.find("Contents")->text_of("Key"), "a%20%2B%0A%3C/x");
  EXPECT_EQ(xml(as("admin", {.target = "/bkt"})).find("Contents")->text_of("Key"), "a +\n</x");
}

TEST_F(S3ServiceTest, ListConditionsSeeThePrefix) {
  make_bucket();
  EXPECT_EQ(as("narrow", {.target = "/bkt?prefix="}).status, 200);
  EXPECT_EQ(as("narrow", {.target = "/bkt?prefix=home/"}).status, 200);
  EXPECT_EQ(as("narrow", {.target = "/bkt"}).status, 403);
  EXPECT_EQ(as("narrow", {.target = "/bkt?prefix=home"}).status, 403);
}

TEST_F(S3ServiceTest, DeletesManyAndDecidesEach) {
  make_bucket();
  for (const char* key : {"ok1", "ok2", "no"}) {
    put(std::string("/bkt/") + key, "x");
  }
  const std::string body =
      "<Delete><Object><Key>ok1</Key></Object><Object><Key>no</Key></Object><Object><Key>ok-never</"
      "Key></Object></Delete>";
  const std::string md5 = codec::encode_base64(crypto::as_view(crypto::md5(body)));
  const Call call{
      .method = "POST", .target = "/bkt?delete", .body = body, .headers = {{"Content-MD5", md5}}};

  const auto root = xml(as("deleter", call));
  ASSERT_EQ(root.children.size(), 3U);
  EXPECT_EQ(root.children[0].name, "Deleted");
  EXPECT_EQ(root.children[1].name, "Error");
  EXPECT_EQ(root.children[1].text_of("Code"), "AccessDenied");
  EXPECT_EQ(root.children[2].text_of("Key"), "ok-never");
  EXPECT_EQ(as("admin", {.target = "/bkt/ok1"}).code, "NoSuchKey");
  EXPECT_EQ(as("admin", {.target = "/bkt/no"}).status, 200);
  EXPECT_EQ(as("admin", {.target = "/bkt/ok2"}).status, 200);

  const auto refused = xml(as("nobody", call));
  ASSERT_EQ(refused.children.size(), 3U);
  for (const codec::XmlElement& child : refused.children) {
    EXPECT_EQ(child.name, "Error");
  }
  EXPECT_EQ(as("anonymous", call).status, 403);
  EXPECT_EQ(as("admin", {.method = "POST", .target = "/bkt?delete", .body = body}).code,
            "InvalidRequest");
}

TEST_F(S3ServiceTest, CopiesNeedBothSides) {
  make_bucket();
  ASSERT_EQ(as("admin",
               {.method = "PUT",
                .target = "/bkt/k%2B1",
                .body = "data",
                .headers = {{"x-amz-meta-a", "1"}}})
                .status,
            200);
  const auto copy = [&](const std::string& who,
                        const std::string& source,
                        std::vector<std::pair<std::string, std::string>> more = {}) {
    more.emplace_back("x-amz-copy-source", source);
    return as(who, {.method = "PUT", .target = "/bkt/copy", .headers = std::move(more)});
  };

  const Answer done = copy("admin", "bkt/k%2B1");
  EXPECT_EQ(done.status, 200) << done.body;
  EXPECT_EQ(xml(done).text_of("ETag"), "\"8d777f385d3dfec8815d20f7496026dc\"");
  EXPECT_EQ(as("admin", {.target = "/bkt/copy"}).response.headers.find("x-amz-meta-a"), "1");
  EXPECT_EQ(copy("admin", "bkt/k%2B1", {{"x-amz-metadata-directive", "REPLACE"}}).status, 200);
  EXPECT_FALSE(
      as("admin", {.target = "/bkt/copy"}).response.headers.find("x-amz-meta-a").has_value());
  EXPECT_EQ(copy("reader", "bkt/k%2B1").code, "AccessDenied");
  EXPECT_EQ(copy("admin", "bkt/none").code, "NoSuchKey");
  EXPECT_EQ(copy("admin", "nobucket/none").code, "NoSuchBucket");
  EXPECT_EQ(copy("admin", "bkt/copy").code, "InvalidRequest");
  EXPECT_EQ(copy("admin", "bkt/k%2B1", {{"x-amz-copy-source-if-none-match", "*"}}).code,
            "PreconditionFailed");
  EXPECT_EQ(copy("admin", "bkt/k%2B1", {{"x-amz-metadata-directive", "x"}}).code,
            "InvalidArgument");
}

TEST_F(S3ServiceTest, BucketPoliciesOpenAndClose) {
  make_bucket();
  put("/bkt/public/k", "x");
  EXPECT_EQ(as("admin", {.target = "/bkt?policy"}).code, "NoSuchBucketPolicy");

  set_policy(
      R"({"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::bkt/public/*"})");
  EXPECT_EQ(as("anonymous", {.target = "/bkt/public/k"}).body, "x");
  EXPECT_EQ(as("admin", {.target = "/bkt/public/k"}, kOther).body, "x");
  EXPECT_EQ(as("anonymous", {.target = "/bkt"}).code, "AccessDenied");
  EXPECT_EQ(as("anonymous", {.method = "PUT", .target = "/bkt/public/k", .body = "y"}).code,
            "AccessDenied");
  EXPECT_EQ(as("anonymous", {.target = "/bkt/public/k?response-content-type=text/html"}).code,
            "InvalidRequest");
  EXPECT_NE(as("admin", {.target = "/bkt?policy"}).body.find("arn:aws:s3:::bkt/public/*"),
            std::string::npos);

  set_policy(
      R"({"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::bkt","arn:aws:s3:::bkt/*"]})");
  EXPECT_EQ(as("admin", {.target = "/bkt/public/k"}).code, "AccessDenied");
  EXPECT_EQ(as("admin", {.method = "DELETE", .target = "/bkt?policy"}).code, "AccessDenied");
  EXPECT_EQ(as("root", {.target = "/bkt/public/k"}).code, "AccessDenied");
  EXPECT_EQ(as("root", {.method = "DELETE", .target = "/bkt?policy"}, kOther).code, "AccessDenied");
  EXPECT_EQ(as("root", {.method = "DELETE", .target = "/bkt?policy"}).status,
            204);  // policy-semantics 7.2
  EXPECT_EQ(as("admin", {.target = "/bkt/public/k"}).body, "x");
}

TEST_F(S3ServiceTest, ForeignIdentitiesNeverManagePolicies) {
  make_bucket();
  set_policy(
      R"({"Effect":"Allow","Principal":{"AWS":"222222222222"},"Action":"s3:*","Resource":["arn:aws:s3:::bkt","arn:aws:s3:::bkt/*"]})");
  EXPECT_EQ(as("admin", {.target = "/bkt"}, kOther).status, 200);
  EXPECT_EQ(as("admin", {.target = "/bkt?policy"}, kOther).code, "MethodNotAllowed");
  EXPECT_EQ(as("admin", {.method = "DELETE", .target = "/bkt?policy"}, kOther).code,
            "MethodNotAllowed");
}

TEST_F(S3ServiceTest, BadPoliciesAreRefusedInS3sWords) {
  make_bucket();
  const auto refused = [&](const std::string& body) {
    const Answer answer = as("admin", {.method = "PUT", .target = "/bkt?policy", .body = body});
    EXPECT_EQ(answer.code, "MalformedPolicy") << body << answer.body;
    return std::string(xml(answer).text_of("Message").value_or(""));
  };
  const auto with = [](const std::string& statement) {
    return R"({"Version":"2012-10-17","Statement":)" + statement + "}";
  };
  refused("{");
  refused("");
  EXPECT_EQ(refused(with(
                R"({"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::bkt/*"})")),
            "Missing required field Principal");
  EXPECT_EQ(
      refused(with(
          R"({"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::other/*"})")),
      "Policy has invalid resource");
  EXPECT_EQ(
      refused(with(
          R"({"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::bkt"})")),
      "Action does not apply to any resource(s) in statement");
  EXPECT_EQ(
      refused(with(
          R"({"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111111111111:user/ghost"},"Action":"s3:GetObject",)"
          R"("Resource":"arn:aws:s3:::bkt/*"})")),
      "Invalid principal in policy");
  refused(std::string(21'000, ' ') + "{}");
  EXPECT_EQ(as("admin", {.target = "/bkt?policy"}).code, "NoSuchBucketPolicy");
}

TEST_F(S3ServiceTest, LinksDoNotBecomePages) {
  make_bucket();
  ASSERT_EQ(as("admin",
               {.method = "PUT",
                .target = "/bkt/page.html",
                .body = "<script>",
                .headers = {{"Content-Type", "text/html"},
                            {"Content-Disposition", "inline; filename=\"p.html\""}}})
                .status,
            200);
  set_policy(
      R"({"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::bkt/*"})");

  const Call visit{.target = "/bkt/page.html", .headers = {{"Sec-Fetch-Dest", "document"}}};
  EXPECT_EQ(as("anonymous", visit).response.headers.find("content-disposition"),
            "attachment; filename=\"p.html\"");
  EXPECT_EQ(as("admin", visit).response.headers.find("content-disposition"),
            "inline; filename=\"p.html\"");
  EXPECT_EQ(
      as("anonymous", {.target = "/bkt/page.html"}).response.headers.find("content-disposition"),
      "inline; filename=\"p.html\"");
}

TEST_F(S3ServiceTest, SaysWhatIsNotImplemented) {
  make_bucket();
  const Answer answer = as("admin", {.method = "PUT", .target = "/bkt?versioning", .body = "<x/>"});
  EXPECT_EQ(answer.status, 501);
  EXPECT_NE(answer.body.find("PutBucketVersioning"), std::string::npos);
  EXPECT_EQ(as("admin", {.method = "DELETE", .target = "/bkt/k?acl"}).code, "MethodNotAllowed");
  EXPECT_EQ(as("admin", {.method = "PUT", .target = "/"}).code, "MethodNotAllowed");
}

TEST_F(S3ServiceTest, MultipartUploads) {
  make_bucket();
  const Answer begun =
      as("admin",
         {.method = "POST",
          .target = "/bkt/big?uploads",
          .headers = {{"Content-Type", "text/plain"}, {"x-amz-checksum-algorithm", "CRC32"}}});
  const std::string id(*xml(begun).text_of("UploadId"));
  const std::string part_one(5UL << 20U, 'a');
  const auto put_part = [&](const std::string& number, const std::string& body) {
    return as("admin",
              {.method = "PUT",
               .target = "/bkt/big?partNumber=" + number + "&uploadId=" + id,
               .body = body});
  };
  const auto complete = [&](const std::string& parts) {
    return as("admin",
              {.method = "POST",
               .target = "/bkt/big?uploadId=" + id,
               .body = "<CompleteMultipartUpload>" + parts + "</CompleteMultipartUpload>"});
  };
  const auto part_xml = [](const std::string& number, const std::string& etag) {
    return "<Part><PartNumber>" + number + "</PartNumber><ETag>" + etag + "</ETag></Part>";
  };
  const std::string one(*put_part("1", part_one).response.headers.find("etag"));
  const std::string two(*put_part("2", "bc").response.headers.find("etag"));
  EXPECT_EQ(put_part("0", "x").code, "InvalidArgument");
  EXPECT_EQ(put_part("10001", "x").code, "InvalidArgument");

  EXPECT_EQ(
      xml(as("admin", {.target = "/bkt/big?uploadId=" + id})).children.back().text_of("PartNumber"),
      "2");
  EXPECT_EQ(xml(as("admin", {.target = "/bkt?uploads"})).find("Upload")->text_of("UploadId"), id);
  EXPECT_EQ(as("admin", {.target = "/bkt/big"}).code, "NoSuchKey");

  EXPECT_EQ(complete(part_xml("2", two) + part_xml("1", one)).code, "InvalidPartOrder");
  EXPECT_EQ(complete(part_xml("1", two)).code, "InvalidPart");
  EXPECT_EQ(complete(part_xml("3", one)).code, "InvalidPart");
  const Answer done = complete(part_xml("1", one) + part_xml("2", two));
  EXPECT_EQ(done.status, 200) << done.body;
  EXPECT_TRUE(xml(done).text_of("ETag")->ends_with("-2\""));
  EXPECT_TRUE(xml(done).text_of("ChecksumCRC32")->ends_with("-2"));
  EXPECT_EQ(as("admin", {.target = "/bkt/big"}).body, part_one + "bc");
  EXPECT_EQ(as("admin", {.target = "/bkt/big?partNumber=2"}).body, "bc");
  EXPECT_EQ(as("admin", {.target = "/bkt/big"}).response.headers.find("content-type"),
            "text/plain");
  EXPECT_EQ(put_part("1", "x").code, "NoSuchUpload");
  EXPECT_EQ(as("admin", {.method = "DELETE", .target = "/bkt/big?uploadId=" + id}).code,
            "NoSuchUpload");
}

TEST_F(S3ServiceTest, SmallPartsOnlyAtTheEnd) {
  make_bucket();
  const std::string id(
      *xml(as("admin", {.method = "POST", .target = "/bkt/k?uploads"})).text_of("UploadId"));
  std::string parts;
  for (const char* number : {"1", "2"}) {
    const Answer part =
        as("admin",
           {.method = "PUT",
            .target = std::string("/bkt/k?partNumber=") + number + "&uploadId=" + id,
            .body = "small"});
    parts += std::string("<Part><PartNumber>") + number + "</PartNumber><ETag>" +
             std::string(*part.response.headers.find("etag")) + "</ETag></Part>";
  }
  EXPECT_EQ(as("admin",
               {.method = "POST",
                .target = "/bkt/k?uploadId=" + id,
                .body = "<CompleteMultipartUpload>" + parts + "</CompleteMultipartUpload>"})
                .code,
            "EntityTooSmall");
  EXPECT_EQ(as("admin", {.method = "DELETE", .target = "/bkt/k?uploadId=" + id}).status, 204);
  EXPECT_EQ(as("admin", {.method = "DELETE", .target = "/bkt"}).status, 204);
}

TEST_F(S3ServiceTest, ErrorsSpeakS3) {
  Error error = facts::make_error(ErrorCode::ServiceFailure);
  error.cause = "secret cause";
  const http::Response response = service_->error(error, "ABC", "/x", false);

  EXPECT_EQ(response.status, 500);
  EXPECT_NE(response.body.find("<Code>InternalError</Code>"), std::string::npos);
  EXPECT_NE(response.body.find("<RequestId>ABC</RequestId><HostId>"), std::string::npos);
  EXPECT_EQ(response.body.find("secret"), std::string::npos);
  EXPECT_EQ(response.body.find("xmlns"), std::string::npos);
  EXPECT_TRUE(service_->error(error, "ABC", "/x", true).body.empty());
}

}  // namespace
}  // namespace signet::s3
