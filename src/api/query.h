#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "api/typed.h"
#include "codec/form.h"
#include "facts/operations.h"
#include "facts/wire/answer.h"

namespace signet::api {

// An Invocation of the Query protocol (IAM, STS).
class QueryInvocation : public FactInvocation {
 public:
  using FactInvocation::FactInvocation;

  // Reads the parameters; every violated constraint is in the error.
  [[nodiscard]] virtual Status decode(const codec::FormParams& form) = 0;

  // The answer's document, after handle() succeeded.
  virtual void append_answer(std::string& out,
                             facts::Format format,
                             std::string_view request_id) const = 0;
};

template <class Request, class Response>
class TypedQuery final : public TypedInvocation<QueryInvocation, Request, Response> {
 public:
  using TypedInvocation<QueryInvocation, Request, Response>::TypedInvocation;

  [[nodiscard]] Status decode(const codec::FormParams& form) override {
    return detail::call_decode(form, this->request());
  }

  void append_answer(std::string& out,
                     facts::Format format,
                     std::string_view request_id) const override {
    facts::append_answer(out, format, this->row(), request_id, this->response());
  }
};

// A service of the Query protocol: makes the invocation of an operation.
class QueryService {
 public:
  explicit QueryService(facts::Service id) : id_(id) {}

  QueryService(const QueryService&) = delete;
  QueryService& operator=(const QueryService&) = delete;
  QueryService(QueryService&&) = delete;
  QueryService& operator=(QueryService&&) = delete;
  virtual ~QueryService() = default;

  // Null for an operation that is planned.
  [[nodiscard]] virtual std::unique_ptr<QueryInvocation> make(
      const facts::OperationRow& row) const = 0;

  // Which service of the facts it is.
  [[nodiscard]] facts::Service id() const { return id_; }

  // The names of its operations, in the order of their numbers.
  [[nodiscard]] std::vector<std::string_view> operations() const { return operations_of(id_); }

 private:
  facts::Service id_;
};

}  // namespace signet::api
