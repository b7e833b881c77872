#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "api/typed.h"
#include "facts/operations.h"
#include "facts/wire/json_answer.h"
#include "facts/wire/json_decoder.h"

namespace signet::http {
struct RequestHead;
}

namespace signet::api {

// An Invocation of REST with JSON, or of JSON where X-Amz-Target names the operation.
class JsonInvocation : public FactInvocation {
 public:
  using FactInvocation::FactInvocation;

  // Reads path, query, headers and body; SerializationException, or every violated constraint.
  [[nodiscard]] virtual Status decode(const facts::JsonInput& input) = 0;

  // The answer's body, after handle() succeeded.
  virtual void append_body(std::string& out) const = 0;
};

template <class Request, class Response>
class TypedJson final : public TypedInvocation<JsonInvocation, Request, Response> {
 public:
  using TypedInvocation<JsonInvocation, Request, Response>::TypedInvocation;

  [[nodiscard]] Status decode(const facts::JsonInput& input) override {
    return detail::call_decode(input, this->request());
  }

  void append_body(std::string& out) const override {
    facts::append_body(out,
                       this->response(),
                       facts::service_row(this->row().service).target.empty()
                           ? facts::TimeForm::Iso8601
                           : facts::TimeForm::Seconds);
  }
};

// A service that speaks JSON: makes the invocation of an operation.
class JsonService {
 public:
  explicit JsonService(facts::Service id) : id_(id) {}

  JsonService(const JsonService&) = delete;
  JsonService& operator=(const JsonService&) = delete;
  JsonService(JsonService&&) = delete;
  JsonService& operator=(JsonService&&) = delete;
  virtual ~JsonService() = default;

  // Null for an operation that is planned.
  [[nodiscard]] virtual std::unique_ptr<JsonInvocation> make(
      const facts::OperationRow& row) const = 0;

  // Which service of the facts it is.
  [[nodiscard]] facts::Service id() const { return id_; }

  // The names of its operations, in the order of their numbers.
  [[nodiscard]] std::vector<std::string_view> operations() const { return operations_of(id_); }

 private:
  facts::Service id_;
};

// Which operation a request is, and what stands in its head.
struct JsonTarget {
  const facts::JsonRoute* route = nullptr;  // null: there is no such operation
  std::vector<facts::NamedText> path;       // label and value
  std::vector<facts::NamedText> query;
};

// By method, path and query; labels are taken from the path as it was sent, so that an encoded
// slash stays in its segment. Nothing is decoded where there is no such operation.
[[nodiscard]] JsonTarget json_target(facts::Service service, const http::RequestHead& head);

// The operation that X-Amz-Target names, of a service with that protocol; empty: it names none of
// that service.
[[nodiscard]] std::string_view targeted_operation(facts::Service service,
                                                  const http::RequestHead& head);

// The signing name of the service whose operation X-Amz-Target names; empty: of none that has
// types here.
[[nodiscard]] std::string_view targeted_service(const http::RequestHead& head);

// Whether the request is for an operation of that service that takes no signature.
[[nodiscard]] bool json_takes_unsigned(const JsonService& service, const http::RequestHead& head);

}  // namespace signet::api
