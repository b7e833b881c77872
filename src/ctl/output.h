#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/secret.h"
#include "server/credentials.h"

namespace signet::ctl {

// Prints "signet: <what>" on standard error and returns kFailure. An error of ours shows its cause.
int report(const Error& error);
int report(std::string_view what);

// A secret as the terminal is to show it.
[[nodiscard]] std::string clear_text(const Secret& secret);

// Prints the credentials that were made now: shown once, kept nowhere else.
void print_credentials(const server::Credentials& made);

// Writes them as an AWS credentials file (mode 0600; refuses to overwrite), one profile per user,
// the first administrator as [default]; the console password is a comment there.
[[nodiscard]] Status save_credentials(const std::string& path, const server::Credentials& made);

// Writes them to the file, or prints them where none is named or it cannot be written. An exit
// code.
int show_credentials(const server::Credentials& made, const std::string& file);

// KEY=VALUE pairs as a JSON object, sorted; a key that comes several times has a list. InvalidInput
// names the flag that they came with.
[[nodiscard]] Result<std::string> context_json(std::string_view flag,
                                               const std::vector<std::string>& pairs);

// A whole file, or standard input for "-".
[[nodiscard]] Result<std::string> read_text(const std::string& path);

}  // namespace signet::ctl
