#include "model/root_caller.h"

#include "model/arn.h"

namespace signet::model {

Caller root_caller(std::string_view account) {
  Caller caller;
  caller.kind = CallerKind::Root;
  caller.account = account;
  caller.arn = root_arn(account);
  caller.principal_arn = caller.arn;
  caller.principal_id = account;
  caller.user_id = account;
  return caller;
}

}  // namespace signet::model
