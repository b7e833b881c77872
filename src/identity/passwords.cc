#include "identity/passwords.h"

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include "base/secret_access.h"
#include "base/strings.h"
#include "crypto/password_hash.h"
#include "facts/errors.h"

namespace signet::identity {

namespace {

// The default policy (aws-wire 4.12).
constexpr std::size_t kDefaultMinimumLength = 8;
constexpr std::size_t kDefaultClasses = 3;

// What counts as a symbol, whatever the policy (aws-wire 4.12).
constexpr std::string_view kSymbols = "!@#$%^&*()_+-=[]{}|'";

constexpr std::string_view kNonconforming =
    "Password does not conform to the account password policy.";

// One class of characters, and the sentence that misses it. Those of lower case and numbers are by
// analogy.
struct CharacterClass {
  bool (*contains)(char);
  std::string_view sentence;
};

bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}

bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}

bool is_number(char c) {
  return c >= '0' && c <= '9';
}

bool is_symbol(char c) {
  return kSymbols.find(c) != std::string_view::npos;
}

constexpr CharacterClass kUpper = {
    .contains = is_upper, .sentence = "Password should have at least one uppercase letter"};
constexpr CharacterClass kLower = {
    .contains = is_lower, .sentence = "Password should have at least one lowercase letter"};
constexpr CharacterClass kNumber = {.contains = is_number,
                                    .sentence = "Password should have at least one number"};
constexpr CharacterClass kSymbol = {.contains = is_symbol,
                                    .sentence = "Password should have at least one symbol"};

void add_part(std::string& text, std::string_view part) {
  text.append(text.empty() ? "" : ", ").append(part);
}

// The sentences of the classes that the password has no character of.
std::vector<std::string_view> missing_classes(std::string_view password,
                                              const std::vector<CharacterClass>& wanted) {
  std::vector<std::string_view> missing;
  for (const CharacterClass& one : wanted) {
    if (std::ranges::none_of(password, one.contains)) {
      missing.push_back(one.sentence);
    }
  }
  return missing;
}

void require_length(std::string& faults, std::string_view password, std::size_t minimum) {
  if (utf8_length(password) < minimum) {
    add_part(faults, concat("Password should have a minimum length of ", std::to_string(minimum)));
  }
}

std::string custom_faults(const PasswordPolicy& policy, std::string_view password) {
  std::vector<CharacterClass> wanted;
  const auto want = [&](bool is_required, const CharacterClass& one) {
    if (is_required) {
      wanted.push_back(one);
    }
  };
  want(policy.requires_uppercase, kUpper);
  want(policy.requires_lowercase, kLower);
  want(policy.requires_numbers, kNumber);
  want(policy.requires_symbols, kSymbol);
  std::string faults;
  require_length(faults, password, policy.minimum_length);
  for (const std::string_view sentence : missing_classes(password, wanted)) {
    add_part(faults, sentence);
  }
  return faults;
}

std::string default_faults(const Account& account, std::string_view password) {
  std::string faults;
  require_length(faults, password, kDefaultMinimumLength);
  const auto missing = missing_classes(password, {kUpper, kLower, kNumber, kSymbol});
  const std::size_t present = 4 - missing.size();
  if (present < kDefaultClasses) {
    add_part(faults,
             concat("Password should meet ",
                    std::to_string(kDefaultClasses - present),
                    " more of the following requirements: "));
    std::string list;
    for (const std::string_view sentence : missing) {
      add_part(list, sentence);
    }
    faults += list;
  }
  const auto is_password = [&](const std::string& name) {
    return !name.empty() && equals_ignore_case(name, password);
  };
  if (faults.empty() && (is_password(account.name) || is_password(account.email))) {
    faults = kNonconforming;
  }
  return faults;
}

std::size_t remembered(const Account& account) {
  return account.password_policy ? account.password_policy->reuse_prevention : 0;
}

}  // namespace

Status require_good_password(const Account& account, std::string_view password) {
  std::string faults = account.password_policy ? custom_faults(*account.password_policy, password)
                                               : default_faults(account, password);
  if (!faults.empty()) {
    return fail(ErrorCode::PasswordPolicyViolation, std::move(faults));
  }
  return {};
}

Status require_good_password(const Account& account, const Secret& password) {
  return require_good_password(account, password.reveal(secret_access()));
}

Status require_new_password(const Account& account,
                            const LoginProfile& login,
                            std::string_view password) {
  const std::size_t count = remembered(account);
  if (count == 0) {
    return {};
  }
  // The present password is the newest of those that count.
  bool is_known = crypto::verify_password(login.password_hash, password);
  const std::size_t older = std::min(count - 1, login.previous_hashes.size());
  for (std::size_t i = 0; i < older && !is_known; ++i) {
    is_known = crypto::verify_password(login.previous_hashes[i], password);
  }
  if (is_known) {
    return fail(ErrorCode::PasswordPolicyViolation, std::string(kNonconforming));
  }
  return {};
}

Result<std::string> hash_new_password(const Secret& password, Random& random) {
  auto hash = crypto::hash_password(password.reveal(secret_access()), random);
  if (!hash) {
    return std::unexpected(facts::service_failure("no memory to hash a password"));
  }
  return *std::move(hash);
}

void replace_password(LoginProfile& login,
                      const Account& account,
                      const std::string& hash,
                      Instant now) {
  login.previous_hashes.insert(login.previous_hashes.begin(), login.password_hash);
  login.previous_hashes.resize(std::min(login.previous_hashes.size(), remembered(account)));
  login.password_hash = hash;
  login.changed = now;
}

bool has_expired(const LoginProfile& login, const Account& account, Instant now) {
  constexpr std::int64_t kDaySeconds = 24LL * 3600;
  const std::int64_t days = account.password_policy ? account.password_policy->max_age_days : 0;
  return days > 0 && login.changed.plus_seconds(days * kDaySeconds) <= now;
}

void put_login(const Account& account,
               const User* user,
               std::optional<LoginProfile> login,
               Transaction& transaction) {
  if (user == nullptr) {
    Account changed = account;
    changed.root_login = std::move(login);
    transaction.put(std::move(changed));
    return;
  }
  User changed = *user;
  changed.login = std::move(login);
  transaction.put(std::move(changed));
}

}  // namespace signet::identity
