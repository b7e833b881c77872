#include "server/issuer_key_files.h"

#include <fstream>
#include <sstream>

#include "base/strings.h"
#include "facts/errors.h"
#include "jose/jwk.h"
#include "oidc/issuer_keys.h"

namespace signet::server {
namespace {

Result<jose::JwkSet> read_set(const std::string& file) {
  const auto failure = [&file](std::string_view why) {
    return std::unexpected(facts::service_failure(concat("--oidc-jwks: ", file, ": ", why)));
  };
  std::ostringstream text;
  text << std::ifstream(file, std::ios::binary).rdbuf();
  if (!text || text.view().empty()) {
    return failure("it cannot be read, or is empty");
  }
  auto set = jose::JwkSet::read(text.view());
  if (!set) {
    return failure(set.error());
  }
  if (set->keys().empty()) {
    return failure("no key in it is of use: each needs a kid, and RSA of 2048 bits at least or EC");
  }
  return *std::move(set);
}

}  // namespace

bool add_issuer_key_file(std::vector<IssuerKeyFile>& files, std::string_view text) {
  constexpr std::string_view kScheme = "https://";
  const std::size_t equals = text.rfind('=');
  if (!text.starts_with(kScheme) || equals == std::string_view::npos) {
    return false;
  }
  std::string_view issuer = text.substr(kScheme.size(), equals - kScheme.size());
  if (issuer.ends_with('/')) {
    issuer.remove_suffix(1);
  }
  const std::string_view file = text.substr(equals + 1);
  if (issuer.empty() || file.empty()) {
    return false;
  }
  files.emplace_back(issuer, file);
  return true;
}

Status read_issuer_key_files(const std::vector<IssuerKeyFile>& files, oidc::IssuerKeys& keys) {
  std::vector<jose::JwkSet> sets;
  for (const auto& [issuer, file] : files) {
    sets.push_back(TRY(read_set(file)));
  }
  for (std::size_t i = 0; i < files.size(); ++i) {
    keys.set_fixed(files[i].first, std::move(sets[i]));
  }
  return {};
}

}  // namespace signet::server
