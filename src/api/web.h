#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/operation.h"
#include "http/message.h"

namespace signet::api {

// A browser's or a program's request to the sign-in pages: no SigV4, credentials are in the request
// or in a cookie.
struct WebRequest {
  std::string_view method;
  std::string path;  // percent-decoded
  std::vector<std::pair<std::string, std::string>>
      params;  // query, then form body; decoded, in order
  const http::RequestHead* head = nullptr;
  std::string_view body;

  // First value of a parameter; empty if absent.
  [[nodiscard]] std::string_view param(std::string_view name) const;
};

// What a page tells the audit trail of a request. Texts are the caller's or ours; none is a secret.
struct WebRecord {
  std::string_view service = "signin";
  std::string event;
  std::string error;  // why it was refused; empty: it was not
  // Members of responseElements and additionalEventData.
  std::vector<std::pair<std::string, std::string>> elements;
  std::vector<std::pair<std::string, std::string>> additional;
  bool is_change = false;
  // Who asks. A page that found out only while it was carried out sets it; borrowed from the page.
  const model::Caller* caller = nullptr;
};

// What a page looks at before it knows who asks.
struct WebContext {
  const identity::Snapshot& snapshot;
  const RequestInfo& request;
  const Deps& deps;
};

// An Invocation of a page, or of an endpoint that browsers and programs reach without a signature.
class WebInvocation : public Invocation {
 public:
  [[nodiscard]] Work work() const override { return Work::Pages; }

  // Who asks, by the credentials, token or cookie in the request; a caller of kind Anonymous where
  // the page is for everybody. On each state that the call is decided on, so it begins afresh each
  // time.
  [[nodiscard]] virtual Result<model::CallerRef> identify(const WebContext& context) = 0;

  // What the parameters ask for, once, after identify().
  [[nodiscard]] virtual Status decode() { return {}; }

  // The answer, after handle() succeeded.
  [[nodiscard]] virtual http::Response answer() = 0;

  // What is shown instead of it.
  [[nodiscard]] virtual http::Response refusal(const Error& error) = 0;

  // What the record tells of the request and of how it ended. `caller` is null while nobody's
  // credentials, token or cookie were found good.
  virtual void describe(WebRecord& record,
                        const model::Caller* caller,
                        const Status& outcome) const = 0;

  // A success changed something outside the directory, which brings no record along.
  [[nodiscard]] virtual bool is_unrecorded_change() const { return false; }

  // False: the request leaves no record, and is answered also while nothing can be recorded.
  [[nodiscard]] virtual bool leaves_record() const { return true; }
};

// What pages have in common: the answer under construction, and refusals that are pages of their
// own.
class PageInvocation : public WebInvocation {
 public:
  PageInvocation(std::string_view service, std::string_view name, std::size_t number)
      : service_(service), name_(name), number_(number) {}

  [[nodiscard]] std::string_view service() const final { return service_; }

  [[nodiscard]] std::string_view name() const final { return name_; }

  [[nodiscard]] std::size_t number() const final { return number_; }

  [[nodiscard]] http::Response answer() final { return std::move(answer_); }

  // The page of refuse(), or a line of text.
  [[nodiscard]] http::Response refusal(const Error& error) override;

 protected:
  // Refuses with a page; `why` is what the record says.
  [[nodiscard]] std::unexpected<Error> refuse(http::Response page, std::string why);

  // A check that asks no policy: ToSignedIn or ToEverybody.
  [[nodiscard]] CheckList own_check(authz::Grant grant) const;

  // For handle(): what is answered.
  void answer_with(http::Response response) { answer_ = std::move(response); }

 private:
  std::string_view service_;
  std::string_view name_;
  std::size_t number_;
  http::Response answer_;
  http::Response page_;
  std::string refused_;  // why the page was shown
};

// A group of pages outside the signed protocols.
class WebService {
 public:
  WebService() = default;
  WebService(const WebService&) = delete;
  WebService& operator=(const WebService&) = delete;
  WebService(WebService&&) = delete;
  WebService& operator=(WebService&&) = delete;
  virtual ~WebService() = default;

  // Whether an unsigned request is for these pages. Looks only at the arguments: /federation is
  // ours only with an Action parameter, so that a bucket of that name still works.
  [[nodiscard]] virtual bool handles(std::string_view method,
                                     std::string_view path,
                                     std::string_view raw_query) const = 0;

  // Whether requests for that path bring evidence such as an assertion, and may be as long as those
  // of IAM and STS that do.
  [[nodiscard]] virtual bool takes_evidence(std::string_view /*path*/) const { return false; }

  // The names of its operations, in the order of their numbers.
  [[nodiscard]] virtual std::vector<std::string_view> operations() const = 0;

  // The operation of a request, never null. The request outlives it.
  [[nodiscard]] virtual std::unique_ptr<WebInvocation> match(const WebRequest& request) = 0;
};

}  // namespace signet::api
