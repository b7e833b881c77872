#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/operation.h"
#include "base/result.h"
#include "facts/operations.h"
#include "identity/transaction.h"
#include "server/json_place.h"

namespace signet::server {

// What a bootstrap file describes of IAM besides accounts, users and their credentials: each part
// is one call of an operation, made as root of the account. So it is refused what a request would
// be refused, in the same words.
struct BootstrapCall {
  facts::Operation operation;
  std::string account;
  std::vector<std::pair<std::string, std::string>> parameters;  // of the Query protocol
  JsonPlace place;
};

// The members of an account, and of one of its users, that calls come from.
[[nodiscard]] std::vector<std::string_view> account_members_with_calls();
[[nodiscard]] std::vector<std::string_view> user_members_with_calls();

// Appends the calls of an account, or of one of its users, who is there already.
[[nodiscard]] Status read_account_calls(const JsonPlace& account,
                                        const std::string& id,
                                        std::vector<BootstrapCall>& out);
[[nodiscard]] Status read_user_calls(const JsonPlace& user,
                                     const std::string& user_name,
                                     const std::string& id,
                                     std::vector<BootstrapCall>& out);

// A policy document in a file: an object as it stands there, or its text in a string.
[[nodiscard]] Result<std::string> document_text(const JsonPlace& place);

// Sorts the calls so that what refers to something comes after it, whichever account it is in.
void order_calls(std::vector<BootstrapCall>& calls);

// Makes the calls in their order; the first that is refused stops it, with its place.
[[nodiscard]] Status make_calls(std::span<const BootstrapCall> calls,
                                const api::Deps& deps,
                                identity::Transaction& transaction);

}  // namespace signet::server
