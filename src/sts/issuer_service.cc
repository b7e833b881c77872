#include "sts/issuer_service.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <memory>
#include <string>
#include <utility>

#include "api/issuer.h"
#include "base/strings.h"
#include "codec/json_writer.h"
#include "crypto/sign_key.h"
#include "facts/errors.h"
#include "identity/issuers.h"
#include "jose/issue.h"

namespace signet::sts {
namespace {

using codec::JsonWriter;
using identity::IssuerAlgorithm;
using identity::WebIdentityIssuer;

enum class Operation : std::uint8_t { Configuration, Keys, Nothing };

constexpr std::array<std::string_view, 3> kNames = {
    "GetOpenIDConfiguration", "GetJsonWebKeySet", "GetIssuerDocument"};

std::string_view name_of(Operation operation) {
  return kNames.at(static_cast<std::size_t>(operation));
}

constexpr std::string_view kConfigurationPath = "/.well-known/openid-configuration";
constexpr std::string_view kKeysPath = "/.well-known/jwks.json";
// How long verifiers may keep a document. Keys are published a day before they sign.
constexpr std::string_view kKept = "public, max-age=300";

void append_texts(JsonWriter& writer,
                  std::string_view name,
                  std::initializer_list<std::string_view> texts) {
  writer.key(name);
  writer.begin_array();
  for (const std::string_view text : texts) {
    writer.string(text);
  }
  writer.end_array();
}

// As AWS writes it (new-in-2026 2).
std::string configuration_of(std::string_view issuer) {
  std::string out;
  JsonWriter writer(out);
  writer.begin_object();
  append_texts(writer,
               "claims_supported",
               {"sub", "iss", "aud", "exp", "iat", "jti", "https://sts.amazonaws.com/"});
  append_texts(writer, "id_token_signing_alg_values_supported", {"RS256", "ES384"});
  writer.member("issuer", issuer);
  writer.member("jwks_uri", concat(issuer, kKeysPath));
  append_texts(writer, "response_types_supported", {"id_token"});
  append_texts(writer, "subject_types_supported", {"public"});
  writer.end_object();
  return out;
}

// All that the issuer has: those that will sign, too. One that cannot be read signs nothing either.
std::string key_set_of(const identity::Snapshot& snapshot, std::string_view account) {
  std::string out;
  JsonWriter writer(out);
  writer.begin_object();
  writer.key("keys");
  writer.begin_array();
  for (const identity::IssuerKey* stored : identity::issuer_keys(snapshot, account)) {
    const std::optional<crypto::SignKey>& key = stored->sign_key();
    const bool is_rsa = stored->algorithm == IssuerAlgorithm::Rs256;
    if (key) {
      jose::append_jwk(
          writer, is_rsa ? jose::Algorithm::Rs256 : jose::Algorithm::Es384, stored->kid, *key);
    }
  }
  writer.end_array();
  writer.end_object();
  return out;
}

// Of /_issuer/ID/.well-known/...
struct Place {
  std::string_view id;
  Operation operation = Operation::Nothing;
};

Place place_of(std::string_view path) {
  path.remove_prefix(identity::kIssuerPath.size());
  const std::size_t slash = std::min(path.find('/'), path.size());
  const std::string_view rest = path.substr(slash);
  Place place{.id = path.substr(0, slash)};
  if (rest == kConfigurationPath) {
    place.operation = Operation::Configuration;
  } else if (rest == kKeysPath) {
    place.operation = Operation::Keys;
  }
  return place;
}

class IssuerDocument final : public api::PageInvocation {
 public:
  IssuerDocument(const api::WebRequest& request, Place place)
      : PageInvocation(
            "issuer", name_of(place.operation), static_cast<std::size_t>(place.operation)),
        request_(request),
        place_(place) {}

  api::RunMode run_mode() const override { return api::RunMode::Read; }

  Result<model::CallerRef> identify(const api::WebContext& /*context*/) override {
    return std::make_shared<const model::Caller>();
  }

  Result<api::CheckList> checks(const api::CheckContext& context) override {
    if (request_.method != "GET" && request_.method != "HEAD") {
      return refuse(page(405, "only GET and HEAD are answered here\n"), "method not allowed");
    }
    const bool is_known = place_.operation != Operation::Nothing &&
                          context.snapshot.find_issuer(place_.id) != nullptr;
    if (!is_known) {
      return refuse(page(404, "there is no such issuer here\n"), "no such issuer or document");
    }
    return own_check(authz::Grant::ToEverybody);
  }

  Status handle(const authz::Authorized& /*proof*/, api::HandlerContext& context) override {
    const WebIdentityIssuer* issuer = context.snapshot.find_issuer(place_.id);
    if (issuer == nullptr) {
      return std::unexpected(facts::service_failure("checks() let an unknown issuer through"));
    }
    http::Response response;
    response.headers.add("Content-Type", "application/json");
    response.headers.add("Cache-Control", kKept);
    response.body = place_.operation == Operation::Keys
                        ? key_set_of(context.snapshot, issuer->account)
                        : configuration_of(TRY(api::issuer_url(context.deps, *issuer)));
    answer_with(std::move(response));
    return {};
  }

  void describe(api::WebRecord& record,
                const model::Caller* /*caller*/,
                const Status& outcome) const override {
    record.service = "sts";
    record.event = name_of(place_.operation);
    record.error = outcome ? "" : outcome.error().message;
    record.additional.emplace_back("issuer", std::string(place_.id.substr(0, kLongestId)));
  }

 private:
  static constexpr std::size_t kLongestId = 64;  // an issuer's has 36 characters

  static http::Response page(int status, std::string_view text) {
    http::Response response{.status = status, .body = std::string(text)};
    response.headers.add("Content-Type", "text/plain");
    return response;
  }

  const api::WebRequest& request_;
  Place place_;
};

}  // namespace

bool IssuerService::handles(std::string_view /*method*/,
                            std::string_view path,
                            std::string_view /*raw_query*/) const {
  return path.starts_with(identity::kIssuerPath);
}

std::vector<std::string_view> IssuerService::operations() const {
  return {kNames.begin(), kNames.end()};
}

std::unique_ptr<api::WebInvocation> IssuerService::match(const api::WebRequest& request) {
  return std::make_unique<IssuerDocument>(request, place_of(request.path));
}

}  // namespace signet::sts
