#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "signin/console_session.h"
#include "signin/invocation.h"

namespace signet::signin {

// What the calls of the console's page about one's own MFA devices have in common, for which AWS
// has no operation (decision 0054): they come from that page, of a user or of root, who is signed
// in as such and may iam:EnableMFADevice. Answers are JSON.
class OwnDeviceCall : public SigninInvocation {
 public:
  explicit OwnDeviceCall(const SigninParts& parts);

  Result<model::CallerRef> identify(const api::WebContext& context) override;
  Result<api::CheckList> checks(const api::CheckContext& context) override;
  http::Response refusal(const Error& error) override;
  void describe(api::WebRecord& record,
                const model::Caller* caller,
                const Status& outcome) const override;

 protected:
  [[nodiscard]] const SignedIn& session() const { return *session_; }

  std::unexpected<Error> problem(int status, std::string_view message);

  // That the caller may have one device more.
  Status require_room(const api::HandlerContext& context);

  // Answers which device is in use now; the record says it too.
  void answer_with_device(std::string serial);

 private:
  std::optional<SignedIn> session_;
  std::string serial_;
};

}  // namespace signet::signin
