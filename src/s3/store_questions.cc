#include "s3/store_questions.h"

#include <utility>

#include "api/services.h"
#include "authn/authenticator.h"
#include "authz/authorizer.h"
#include "base/strings.h"
#include "codec/json_writer.h"
#include "s3/store_question.h"

namespace signet::s3 {
namespace {

constexpr std::string_view kName = "AuthorizeStoreRequest";

http::Response json_answer(int status, std::string body) {
  http::Response response{.status = status, .body = std::move(body)};
  response.headers.add("Content-Type", "application/json");
  response.headers.add("Cache-Control", "no-store");
  return response;
}

// What MinIO reads is result.allow; the explanation is for people.
std::string verdict(bool is_allowed, std::string_view explanation) {
  std::string out;
  codec::JsonWriter json(out);
  json.begin_object();
  json.key("result");
  json.begin_object();
  json.key("allow");
  json.boolean(is_allowed);
  if (!explanation.empty()) {
    json.member("explanation", explanation);
  }
  json.end_object();
  json.end_object();
  return out;
}

class AuthorizeStoreRequest final : public api::PageInvocation {
 public:
  AuthorizeStoreRequest(const api::WebRequest& request, const Secret& token)
      : PageInvocation("s3", kName, 0), request_(request), token_(token) {}

  api::RunMode run_mode() const override { return api::RunMode::Read; }

  Result<model::CallerRef> identify(const api::WebContext& /*context*/) override {
    return std::make_shared<const model::Caller>();
  }

  Result<api::CheckList> checks(const api::CheckContext& /*context*/) override {
    constexpr std::string_view kBearer = "Bearer ";
    std::string_view shown = request_.head->find("authorization").value_or("");
    shown.remove_prefix(shown.starts_with(kBearer) ? kBearer.size() : 0);
    if (!token_.equals(shown)) {
      return refuse(json_answer(401, verdict(false, "the token is missing or another one")),
                    "the token is missing or another one");
    }
    if (request_.method != "POST") {
      return refuse(json_answer(405, verdict(false, "only POST is answered here")),
                    "method not allowed");
    }
    return own_check(authz::Grant::ToEverybody);
  }

  Status handle(const authz::Authorized& /*proof*/, api::HandlerContext& context) override {
    question_ = read_store_question(request_.body);
    const Outcome outcome = question_ ? decide(*question_, context)
                                      : Outcome{.explanation = "the question cannot be read"};
    is_allowed_ = outcome.is_allowed;
    explanation_ = outcome.explanation;
    answer_with(json_answer(200, verdict(is_allowed_, explanation_)));
    return {};
  }

  void describe(api::WebRecord& record,
                const model::Caller* /*caller*/,
                const Status& outcome) const override {
    record.service = "s3";
    record.event = kName;
    record.error = outcome ? explanation_ : outcome.error().message;
    record.caller = caller_ ? &*caller_ : nullptr;
    if (question_) {
      const auto add = [&](std::string_view name, std::string_view text) {
        constexpr std::size_t kLongest = 1200;
        record.additional.emplace_back(name, std::string(text.substr(0, kLongest)));
      };
      add("accessKeyId", question_->access_key_id);
      add("action", question_->action);
      add("bucketName", question_->bucket);
      add("key", question_->key);
      add("decision", is_allowed_ ? "allow" : "deny");
    }
  }

 private:
  struct Outcome {
    bool is_allowed = false;
    std::string explanation;
  };

  Outcome decide(const StoreQuestion& question, const api::HandlerContext& context) {
    const auto* key = context.snapshot.find<identity::AccessKey>(question.access_key_id);
    const bool is_good = key != nullptr && key->status == identity::KeyStatus::Active;
    caller_ = is_good ? authn::caller_of_key(*key, context.snapshot) : std::nullopt;
    if (!caller_) {
      return {.explanation = "nobody here has that access key"};
    }
    const authz::RequestInfo asked{.request_id = context.request.request_id,
                                   .source_ip = question.source_ip,
                                   .user_agent = question.user_agent,
                                   .referer = question.referer,
                                   .region = context.request.region,
                                   .is_secure = question.is_secure,
                                   .now = context.request.now};
    const authz::AuthzContext authz_context{
        .snapshot = context.snapshot, .caller = *caller_, .request = asked};
    authz::Check check = check_for(question, caller_->account, context.snapshot);
    if (question.is_about_denials) {
      const auto decision = context.authorizer->decide(authz_context, check);
      using enum policy::Verdict;
      const bool is_denied = decision.verdict == ExplicitlyDenied || decision.is_error;
      return {.is_allowed = !is_denied, .explanation = is_denied ? "a policy denies it" : ""};
    }
    api::CheckList list;
    list.push_back(std::move(check));
    const auto allowed = context.authorizer->authorize(authz_context, std::move(list));
    return {.is_allowed = allowed.has_value(),
            .explanation = allowed ? std::string() : allowed.error().message};
  }

  const api::WebRequest& request_;
  const Secret& token_;
  std::optional<StoreQuestion> question_;
  std::optional<model::Caller> caller_;  // whom it is about; nothing if nobody is found
  bool is_allowed_ = false;
  std::string explanation_;
};

}  // namespace

bool StoreQuestions::handles(std::string_view /*method*/,
                             std::string_view path,
                             std::string_view /*raw_query*/) const {
  return !token_.empty() && path == api::kStoreQuestions;
}

std::vector<std::string_view> StoreQuestions::operations() const {
  return {kName};
}

std::unique_ptr<api::WebInvocation> StoreQuestions::match(const api::WebRequest& request) {
  return std::make_unique<AuthorizeStoreRequest>(request, token_);
}

}  // namespace signet::s3
