// A client of STS, IAM and S3 in C++ without an SDK: requests signed by Signet's own room for
// Signature Version 4, over its own HTTP client. The flows are those of tests/clients/README.md;
// endpoint and credentials come from the environment.
#include <cstdlib>
#include <iostream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/strings.h"
#include "codec/uri.h"
#include "codec/xml_reader.h"
#include "http/client.h"
#include "sigv4/signer.h"

namespace {

using signet::concat;
using signet::codec::XmlElement;
using Parameters = std::vector<std::pair<std::string, std::string>>;

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : "";
}

struct Keys {
  std::string access_key, secret_key, session_token;
};

// A refusal as AWS words it.
struct Refused : std::runtime_error {
  Refused(std::string error_code, const std::string& message)
      : std::runtime_error(message), code(std::move(error_code)) {}

  std::string code;
};

// http://HOST:PORT/PATH in its parts.
struct Address {
  explicit Address(std::string_view url) {
    url.remove_prefix(std::string_view("http://").size());
    const std::size_t slash = std::min(url.find('/'), url.size());
    host = url.substr(0, slash);
    path = slash < url.size() ? url.substr(slash) : "/";
    const std::size_t colon = host.rfind(':');
    options.host = host.substr(0, colon);
    options.port = static_cast<std::uint16_t>(std::stoi(host.substr(colon + 1)));
  }

  std::string host, path;
  signet::http::ClientOptions options;
};

signet::http::ClientResponse send(const Address& to, signet::http::ClientRequest request) {
  auto answer = signet::http::Client(to.options).send(request);
  if (!answer) {
    throw std::runtime_error(answer.error());
  }
  return *std::move(answer);
}

std::string get(const std::string& url) {
  const Address to(url);
  return send(to, {.target = to.path}).body;
}

std::string form(const Parameters& parameters) {
  std::string made;
  for (const auto& [name, value] : parameters) {
    made += concat(made.empty() ? "" : "&", name, "=");
    signet::codec::append_percent_encoded(made, value);
  }
  return made;
}

// The first element of that name, in the order of the document; null if there is none.
const XmlElement* find(const XmlElement& in, std::string_view name) {
  if (in.name == name) {
    return &in;
  }
  for (const XmlElement& child : in.children) {
    if (const XmlElement* found = find(child, name)) {
      return found;
    }
  }
  return nullptr;
}

std::string text(const XmlElement& in, std::string_view name) {
  const XmlElement* found = find(in, name);
  return found != nullptr ? found->text : "";
}

// Signs a request, sends it and reads the answer.
XmlElement call(std::string_view service,
                std::string_view method,
                const std::string& body,
                const Keys& keys) {
  const Address to(variable("AWS_ENDPOINT_URL"));
  const bool is_s3 = service == "s3";
  auto headers = std::vector<std::pair<std::string_view, std::string_view>>{{"Host", to.host}};
  if (!body.empty()) {
    headers.emplace_back("Content-Type", "application/x-www-form-urlencoded; charset=utf-8");
  }
  const signet::SystemClock clock;
  const auto made = signet::sigv4::sign({.method = method,
                                         .target = "/",
                                         .headers = headers,
                                         .body = body,
                                         .access_key = keys.access_key,
                                         .secret_key = keys.secret_key,
                                         .session_token = keys.session_token,
                                         .service = service,
                                         .timestamp = clock.now(),
                                         .normalize = !is_s3,
                                         .sign_body = is_s3});
  const auto answer = send(
      to, {.method = std::string(method), .target = "/", .headers = made.headers, .body = body});
  const auto document = signet::codec::read_xml(answer.body);
  if (!document) {
    throw std::runtime_error(concat("no XML: ", answer.body));
  }
  if (answer.status != 200) {
    throw Refused(text(*document, "Code"), text(*document, "Message"));
  }
  return *document;
}

XmlElement query(std::string_view service,
                 std::string action,
                 const Keys& keys,
                 Parameters parameters = {}) {
  parameters.insert(
      parameters.begin(),
      {{"Action", std::move(action)}, {"Version", service == "sts" ? "2011-06-15" : "2010-05-08"}});
  return call(service, "POST", form(parameters), keys);
}

Keys keys_in(const XmlElement& answer) {
  return {
      text(answer, "AccessKeyId"), text(answer, "SecretAccessKey"), text(answer, "SessionToken")};
}

Keys assume(const Keys& keys, Parameters more = {}) {
  more.insert(more.begin(), {{"RoleArn", variable("ROLE_ARN")}, {"RoleSessionName", "matrix"}});
  return keys_in(query("sts", "AssumeRole", keys, std::move(more)));
}

std::string identity(const Keys& keys) {
  return text(query("sts", "GetCallerIdentity", keys), "Arn");
}

std::string buckets(const Keys& keys) {
  std::string names;
  const XmlElement answer = call("s3", "GET", "", keys);
  if (const XmlElement* list = find(answer, "Buckets")) {
    for (const XmlElement& bucket : list->children) {
      names += concat(names.empty() ? "" : ",", bucket.text_of("Name").value_or(""));
    }
  }
  return names;
}

template <typename Call>
void refused(Call call) {
  try {
    call();
  } catch (const Refused& error) {
    std::cout << error.code << '\n';
  }
}

Parameters device() {
  return {{"SerialNumber", variable("MFA_SERIAL")}, {"TokenCode", get(variable("MFA_CODE_URL"))}};
}

void role_life(const Keys& keys) {
  const Parameters role = {{"RoleName", variable("ROLE_NAME")}};
  const Parameters with_policy = {role.front(), {"PolicyArn", variable("POLICY_ARN")}};
  query("iam", "CreateRole", keys, {role.front(), {"AssumeRolePolicyDocument", variable("TRUST")}});
  query("iam", "AttachRolePolicy", keys, with_policy);
  std::cout << text(query("iam", "ListAttachedRolePolicies", keys, role), "PolicyName") << '\n';
  query("iam", "DetachRolePolicy", keys, with_policy);
  query("iam", "DeleteRole", keys, role);
  refused([&] { query("iam", "GetRole", keys, role); });
}

void federation(const Keys& made) {
  const std::string session = concat(R"({"sessionId":")",
                                     made.access_key,
                                     R"(","sessionKey":")",
                                     made.secret_key,
                                     R"(","sessionToken":")",
                                     made.session_token,
                                     R"("})");
  const std::string site = concat(variable("AWS_ENDPOINT_URL"), "/federation?");
  const std::string answer =
      get(concat(site, form({{"Action", "getSigninToken"}, {"Session", session}})));
  const std::size_t begin = answer.find('"', answer.find(':')) + 1;  // {"SigninToken":"..."}
  std::cout << site
            << form({{"Action", "login"},
                     {"Issuer", "example.org"},
                     {"Destination", "https://console.aws.amazon.com/"},
                     {"SigninToken", answer.substr(begin, answer.find('"', begin) - begin)}})
            << '\n';
}

void run(std::string_view flow) {
  const Keys own = {variable("AWS_ACCESS_KEY_ID"),
                    variable("AWS_SECRET_ACCESS_KEY"),
                    variable("AWS_SESSION_TOKEN")};
  if (flow == "identity") {
    std::cout << identity(own) << '\n';
  } else if (flow == "assume-role") {
    std::cout << identity(assume(own)) << '\n';
  } else if (flow == "assume-role-mfa") {
    refused([&] { assume(own); });
    std::cout << buckets(assume(own, device())) << '\n';
  } else if (flow == "session-token-mfa") {
    refused([&] { buckets(keys_in(query("sts", "GetSessionToken", own))); });
    std::cout << buckets(keys_in(query("sts", "GetSessionToken", own, device()))) << '\n';
  } else if (flow == "role-life") {
    role_life(own);
  } else if (flow == "federation") {
    federation(assume(own));
  } else if (flow == "denied") {
    try {
      query("iam", "ListUsers", own);
    } catch (const Refused& error) {
      std::cout << error.code << '\n' << error.what() << '\n';
    }
  } else {
    throw std::invalid_argument(concat("there is no flow ", flow));
  }
}

}  // namespace

int main(int count, char** words) {
  try {
    run(count > 1 ? words[1] : "identity");
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
