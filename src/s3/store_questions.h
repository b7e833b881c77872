#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "api/web.h"
#include "base/secret.h"

namespace signet::s3 {

// Answers stores that ask who may do what (decision 0071): MinIO's access management plugin, whose
// form RustFS takes over. What they ask is decided by the policies of this server, with the
// bucket's own. Closed by default: without a token nobody is answered, and what cannot be read,
// names nobody or is not known is denied.
class StoreQuestions final : public api::WebService {
 public:
  // What stores show in the header Authorization, perhaps behind "Bearer ". Empty: there are none.
  explicit StoreQuestions(Secret token) : token_(std::move(token)) {}

  [[nodiscard]] bool handles(std::string_view method,
                             std::string_view path,
                             std::string_view raw_query) const override;

  [[nodiscard]] std::vector<std::string_view> operations() const override;

  [[nodiscard]] std::unique_ptr<api::WebInvocation> match(const api::WebRequest& request) override;

 private:
  Secret token_;
};

}  // namespace signet::s3
