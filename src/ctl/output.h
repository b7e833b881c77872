#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/secret.h"
#include "identity/bootstrap.h"

namespace signet::ctl {

// Prints "signet: <what>" on standard error and returns kFailure. An error of ours shows its cause.
int report(const Error& error);
int report(std::string_view what);

// A secret as the terminal is to show it.
[[nodiscard]] std::string clear_text(const Secret& secret);

// Prints the credentials that were made now: shown once, kept nowhere else.
void print_keys(const std::vector<identity::CreatedKey>& keys, const Secret& admin_password);

// Writes them as an AWS credentials file (mode 0600; refuses to overwrite), one profile per user,
// the first administrator as [default].
[[nodiscard]] Status save_credentials(const std::string& path,
                                      const std::vector<identity::CreatedKey>& keys);

// A whole file, or standard input for "-".
[[nodiscard]] Result<std::string> read_text(const std::string& path);

}  // namespace signet::ctl
