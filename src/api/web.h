#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/operation.h"
#include "http/message.h"
#include "identity/directory.h"

namespace signet::api {

// A browser's or a program's request to the sign-in pages: no SigV4, credentials are in the request
// or in a cookie.
struct WebRequest {
  std::string_view method;
  std::string path;  // percent-decoded
  std::vector<std::pair<std::string, std::string>>
      params;  // query, then form body; decoded, in order
  const http::RequestHead* head = nullptr;
  std::string_view body;

  // First value of a parameter; empty if absent.
  [[nodiscard]] std::string_view param(std::string_view name) const;
};

// What a page tells the audit trail of a request. Texts are the caller's or ours; none is a secret.
struct WebRecord {
  std::string service = "signin";
  std::string event;  // empty: nothing is recorded
  std::optional<model::Caller>
      caller;         // nobody until credentials, a token or a cookie were found good
  std::string error;  // why it was refused; empty: it was not
  // Members of responseElements and additionalEventData.
  std::vector<std::pair<std::string, std::string>> elements;
  std::vector<std::pair<std::string, std::string>> additional;
  bool is_change = false;
};

// What a page may use. Pages run on the worker pool: they may block (password hashes,
// Directory::apply).
struct WebContext {
  identity::Directory& directory;
  authz::Authorizer& authorizer;  // of this worker thread
  const RequestInfo& request;
  const Deps& deps;
  WebRecord* record = nullptr;  // null: nobody keeps it
};

// A group of pages outside the signed protocols.
class WebService {
 public:
  WebService() = default;
  WebService(const WebService&) = delete;
  WebService& operator=(const WebService&) = delete;
  WebService(WebService&&) = delete;
  WebService& operator=(WebService&&) = delete;
  virtual ~WebService() = default;

  // Whether an unsigned request is for these pages. Looks only at the arguments: /federation is
  // ours only with an Action parameter, so that a bucket of that name still works.
  [[nodiscard]] virtual bool handles(std::string_view method,
                                     std::string_view path,
                                     std::string_view raw_query) const = 0;

  // Pages whose requests leave a record only where they change something (health, metrics), and
  // that answer also while nothing can be recorded.
  [[nodiscard]] virtual bool is_unrecorded() const { return false; }

  // The answer where it needs no waiting: on the event loop, before serve() is thought of. What is
  // answered here is answered however busy the pools are.
  [[nodiscard]] virtual std::optional<http::Response> serve_at_once(const WebRequest& /*request*/,
                                                                    const RequestInfo& /*info*/) {
    return std::nullopt;
  }

  [[nodiscard]] virtual http::Response serve(const WebRequest& request,
                                             const WebContext& context) = 0;
};

}  // namespace signet::api
