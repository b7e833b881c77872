#include "s3/preflight.h"

#include <utility>

#include "base/strings.h"
#include "facts/errors.h"
#include "facts/s3_sentences.h"
#include "s3/answers.h"
#include "s3/cors.h"

namespace signet::s3 {
namespace {

class Preflight final : public api::RestInvocation {
 public:
  Preflight(const api::RestRequest& request, Address address, std::size_t number)
      : request_(request), address_(std::move(address)), number_(number) {}

  [[nodiscard]] std::string_view service() const override { return "s3"; }

  [[nodiscard]] std::string_view name() const override { return kPreflight; }

  [[nodiscard]] std::size_t number() const override { return number_; }

  [[nodiscard]] api::RunMode run_mode() const override { return api::RunMode::Read; }

  [[nodiscard]] api::BodyUse body_use() const override { return api::BodyUse::None; }

  // It reads and changes nothing: what follows it is decided as ever.
  Result<api::CheckList> checks(const api::CheckContext& /*context*/) override {
    api::CheckList list(1);
    list.front().action = "s3:GetBucketCORS";
    list.front().resource = arn_of({.bucket = address_.bucket, .key = {}});
    list.front().grant = authz::Grant::ToEverybody;
    return list;
  }

  Status handle(const authz::Authorized& /*proof*/, api::HandlerContext& context) override {
    const auto origin = request_.head->find("origin");
    const auto method = request_.head->find("access-control-request-method");
    if (!origin) {
      return origin_missing();
    }
    const std::string_view asked = method.value_or("OPTIONS");
    const identity::Bucket* bucket = context.snapshot.find<identity::Bucket>(address_.bucket);
    if (bucket == nullptr) {
      return told(cors_bucket_missing(), asked, "BUCKET");
    }
    const std::vector<CorsRule> rules = cors_rules(*bucket);
    if (rules.empty()) {
      return told(cors_not_enabled(), asked, "BUCKET");
    }
    if (!method || !is_method(*method)) {
      return request_method_invalid(method.value_or("null"));
    }
    const CrossOriginCall call{
        .origin = *origin,
        .method = *method,
        .headers =
            requested_headers(request_.head->find("access-control-request-headers").value_or(""))};
    const CorsRule* rule = rule_for(rules, call);
    if (rule == nullptr) {
      return told(cors_not_allowed(), *method, address_.key.empty() ? "BUCKET" : "OBJECT");
    }
    response_ = http::Response();
    response_.headers.add("x-amz-request-id", context.request.request_id);
    response_.headers.add("x-amz-id-2", host_id_of(context.request.request_id));
    add_cors_headers(*rule, call, response_.headers);
    return {};
  }

  api::RestResponse answer() override {
    add_safety_headers(response_.headers);
    return api::RestResponse{.response = std::move(response_)};
  }

 private:
  // Those that a rule can name.
  static bool is_method(std::string_view name) {
    return name == "GET" || name == "PUT" || name == "HEAD" || name == "POST" || name == "DELETE";
  }

  static Failure told(Failure refusal, std::string_view method, std::string_view resource) {
    refusal.error().fields.emplace_back("Method", method);
    refusal.error().fields.emplace_back("ResourceType", resource);
    return refusal;
  }

  const api::RestRequest& request_;
  Address address_;
  std::size_t number_;
  http::Response response_;
};

}  // namespace

std::unique_ptr<api::RestInvocation> make_preflight(const api::RestRequest& request,
                                                    Address address,
                                                    std::size_t number) {
  return std::make_unique<Preflight>(request, std::move(address), number);
}

}  // namespace signet::s3
