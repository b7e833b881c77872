#pragma once

#include <filesystem>
#include <functional>
#include <utility>

#include <gtest/gtest.h>

#include "api/steps_for_test.h"
#include "authn/key_rings.h"
#include "authn/mfa_gate.h"
#include "codec/form.h"
#include "codec/uri.h"
#include "codec/xml_reader.h"
#include "crypto/random.h"
#include "facts/errors.h"
#include "identity/directory.h"
#include "objects/file_reader.h"
#include "objects/keys_for_test.h"
#include "s3/service.h"
#include "store/memory/memory_store.h"

namespace signet::s3 {

namespace fs = std::filesystem;

inline constexpr const char* kOwner = "111111111111";
inline constexpr const char* kOther = "222222222222";

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
  bool is_secure = false;
  std::string tls_version;  // where TLS ends at the server itself
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
  // Whether what is stored is encrypted at rest; otherwise it lies there as in older folders.
  [[nodiscard]] virtual bool is_encrypted() const { return true; }

  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "signet-service-XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
    objects_ = objects::ObjectStore::open(
                   {.folder = folder_.string(),
                    .is_durable = false,
                    .keys = is_encrypted() ? objects::keys_for_test(random_) : nullptr},
                   random_)
                   .value();
    service_ = std::make_unique<S3Service>(*objects_, S3Service::Options{});
    directory_ =
        identity::Directory::open(
            {.store = *store_, .master_key = key_, .random = random_, .catalogue = &catalogue_})
            .value();
    const auto made = directory_->apply([](const identity::Snapshot&,
                                           identity::Transaction& transaction) -> Status {
      for (const char* id : {kOwner, kOther}) {
        identity::Account account;
        account.id = id;
        account.canonical_user_id = std::string(52, 'c') + id;
        transaction.put(std::move(account));
      }
      transaction.put(
          user(kOwner, "admin", R"({"Effect":"Allow","Action":"s3:*","Resource":"*"})"));
      transaction.put(user(kOwner, "nobody", ""));
      transaction.put(
          user(kOwner, "reader", R"({"Effect":"Allow","Action":"s3:GetObject","Resource":"*"})"));
      transaction.put(user(kOwner,
                           "narrow",
                           R"({"Effect":"Allow","Action":"s3:ListBucket","Resource":"*",)"
                           R"("Condition":{"StringEquals":{"s3:prefix":["","home/"]}}})"));
      transaction.put(
          user(kOwner,
               "deleter",
               R"({"Effect":"Allow","Action":"s3:DeleteObject","Resource":"arn:aws:s3:::*/ok*"})"));
      transaction.put(
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
    head.host = call.host;
    head.headers = fields;
    head.tls_version = call.tls_version;
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
    request.is_presigned = request.param("X-Amz-Signature").has_value();
    http::Response response;
    std::unique_ptr<api::RestInvocation> made;
    if (const Status status = drive(request, who, call, response, made); !status) {
      response = service_->error(status.error(), "REQ", head.path(), call.method == "HEAD");
      if (made) {
        made->add_to_refusal(*directory_->current(), response);
      }
    }
    Answer answer{
        .status = response.status, .body = response.body, .response = std::move(response)};
    answer.body = bytes_of(answer.response);
    if (const auto root = codec::read_xml(answer.body); root && root->name == "Error") {
      answer.code = root->text_of("Code").value_or("");
    }
    return answer;
  }

  // An answer with all of its body.
  static http::Response whole(api::RestResponse answer) {
    while (answer.rest && answer.response.body.size() < *answer.response.content_length) {
      const auto piece = answer.rest->next({});
      EXPECT_TRUE(piece && !piece->empty());
      if (!piece || piece->empty()) {
        break;
      }
      answer.response.body += *piece;
    }
    return std::move(answer.response);
  }

  static std::string bytes_of(const http::Response& response) {
    std::string bytes = response.body;
    if (response.file) {
      const std::size_t start = bytes.size();
      bytes.resize(start + response.file->length);
      EXPECT_TRUE(objects::read_exactly(
          response.file->fd.get(), response.file->offset, std::span(bytes).subspan(start)));
    }
    return bytes;
  }

  // What an operation answers at once is what it answers otherwise. Counts such answers.
  void compare_at_once(api::RestInvocation& invocation,
                       const authz::Authorized& proof,
                       api::HandlerContext& handler,
                       const Status& status,
                       const http::Response& response) {
    const std::optional<Status> done = invocation.try_handle(proof, handler);
    if (!done) {
      return;
    }
    ++answered_at_once_;
    ASSERT_EQ(done->has_value(), status.has_value());
    if (!status) {
      EXPECT_EQ(done->error().code, status.error().code);
      EXPECT_EQ(done->error().fields, status.error().fields);
      return;
    }
    const http::Response other = whole(invocation.answer());
    EXPECT_EQ(other.status, response.status);
    EXPECT_EQ(other.headers.wire(), response.headers.wire());
    EXPECT_EQ(other.content_length, response.content_length);
    EXPECT_EQ(bytes_of(other), bytes_of(response));
  }

  Status drive(const api::RestRequest& request,
               const model::Caller& who,
               const Call& call,
               http::Response& response,
               std::unique_ptr<api::RestInvocation>& made) {
    made = TRY(service_->match(request));
    api::RestInvocation* const invocation = made.get();
    const authz::RequestInfo info{.request_id = "REQ",
                                  .source_ip = "127.0.0.1",
                                  .region = call.region,
                                  .is_secure = call.is_secure,
                                  .now = clock_.now()};
    if (invocation->body_use() == api::BodyUse::Buffer) {
      TRY_STATUS(invocation->body(call.body));
    }
    api::TestCall made_call(
        {.directory = *directory_, .authorizer = authorizer_, .deps = deps_},
        who,
        info,
        {.run_mode = [&] { return invocation->run_mode(); },
         .checks = [&](const api::CheckContext& context) { return invocation->checks(context); },
         .prepare = [&](const api::CheckContext& context) -> Status {
           return invocation->run_mode() == api::RunMode::PreparedWrite
                      ? invocation->prepare(context)
                      : Status();
         },
         .before_deciding_again = [this] { std::exchange(meanwhile_, [] {})(); },
         .handle =
             [&](const authz::Authorized& proof, api::HandlerContext& handler) {
               return work(*invocation, call, proof, handler, response);
             }});
    return made_call.run();
  }

  Status work(api::RestInvocation& invocation,
              const Call& call,
              const authz::Authorized& proof,
              api::HandlerContext& handler,
              http::Response& response) {
    if (invocation.body_use() == api::BodyUse::Stream) {
      auto sink = TRY(invocation.open_sink(proof, handler));
      TRY_STATUS(sink->open());
      TRY_STATUS(sink->write(call.body));
      invocation.take_sink(std::move(sink));
    }
    const Status status = invocation.handle(proof, handler);
    if (status) {
      response = whole(invocation.answer());
    }
    if (invocation.run_mode() == api::RunMode::Blocking) {
      compare_at_once(invocation, proof, handler, status, response);
    }
    return status;
  }

  // Open to public policies, unlike new ones.
  void make_bucket(const std::string& name = "bkt") {
    ASSERT_EQ(as("admin", {.method = "PUT", .target = "/" + name}).status, 200);
    ASSERT_EQ(as("admin", {.method = "DELETE", .target = "/" + name + "?publicAccessBlock"}).status,
              204);
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
  std::unique_ptr<objects::ObjectStore> objects_;
  std::unique_ptr<S3Service> service_;
  authz::Authorizer authorizer_;
  int answered_at_once_ = 0;
  // What happens right before a call that took long changes objects, once.
  std::function<void()> meanwhile_ = [] {
  };
};

}  // namespace signet::s3
