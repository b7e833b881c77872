#include "signin/console_files.h"

#include <algorithm>
#include <string>

#include "base/strings.h"

namespace signet::signin {
namespace {

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  return first == std::string_view::npos
             ? std::string_view()
             : text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// Whether an Accept-Encoding field names brotli (RFC 9110 12.5.3). A weight counts only as zero or
// not: there is one compressed form.
bool accepts_brotli(std::string_view field) {
  while (!field.empty()) {
    const std::size_t comma = std::min(field.find(','), field.size());
    const std::string_view item = field.substr(0, comma);
    field.remove_prefix(std::min(comma + 1, field.size()));
    const std::size_t semicolon = std::min(item.find(';'), item.size());
    if (!equals_ignore_case(trimmed(item.substr(0, semicolon)), "br")) {
      continue;
    }
    const std::string_view weight = trimmed(item.substr(std::min(semicolon + 1, item.size())));
    return weight.empty() || weight.find_first_of("123456789") != std::string_view::npos;
  }
  return false;
}

class ConsoleFile final : public ConsolePage {
 public:
  ConsoleFile(const SigninParts& parts, const http::StaticFile& file)
      : ConsolePage(parts), file_(file) {}

  // The same bytes for everybody: nothing that an auditor would look for.
  bool leaves_record() const override { return false; }

  Status handle(const authz::Authorized& /*proof*/, api::HandlerContext& /*context*/) override {
    const http::RequestHead& head = *request().head;
    http::Response response;
    if (head.find("if-none-match") == file_.etag) {
      response.status = 304;
    } else if (!file_.brotli.empty() && accepts_brotli(head.find("accept-encoding").value_or(""))) {
      response.headers.add("Content-Encoding", "br");
      response.body = file_.brotli;
    } else {
      response.body = file_.identity;
    }
    response.headers.add("Content-Type", file_.type);
    response.headers.add("ETag", file_.etag);
    response.headers.add("Vary", "Accept-Encoding");
    response.headers.add("Cache-Control", "public, max-age=31536000, immutable");
    response.headers.add("X-Content-Type-Options", "nosniff");
    response.headers.add("Cross-Origin-Resource-Policy", "same-origin");
    // Opened by itself it is no page of the console.
    response.headers.add("Content-Security-Policy", "sandbox; default-src 'none'");
    answer_with(std::move(response));
    return {};
  }

 private:
  http::StaticFile file_;
};

}  // namespace

std::unique_ptr<api::WebInvocation> make_console_file(const SigninParts& parts) {
  const std::string_view path = parts.request.path;
  if (!path.starts_with(kConsoleFiles)) {
    return nullptr;
  }
  const std::string_view name = path.substr(kConsoleFiles.size());
  const auto& files = parts.console.files;
  const auto found = std::ranges::lower_bound(files, name, {}, &http::StaticFile::name);
  if (found == files.end() || found->name != name) {
    return nullptr;
  }
  return std::make_unique<ConsoleFile>(parts, *found);
}

}  // namespace signet::signin
