#include "server/backup_manifest.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/strings.h"
#include "codec/json.h"
#include "codec/json_writer.h"
#include "crypto/sha256.h"
#include "facts/errors.h"

namespace signet::server {
namespace {

constexpr std::uint64_t kVersion = 1;
constexpr std::string_view kFormat = "signet backup";

std::unexpected<Error> bad(std::string_view why) {
  return fail(ErrorCode::InvalidInput, concat("the manifest of the backup ", why));
}

// A path that stays below the folder it is taken in.
bool is_inside(std::string_view path) {
  const bool is_text =
      std::ranges::all_of(path, [](char c) { return c >= ' ' && c <= '~' && c != '\\'; });
  while (!path.empty()) {
    const std::size_t slash = path.find('/');
    const std::string_view part = path.substr(0, slash);
    if (part.empty() || part == "." || part == "..") {
      return false;
    }
    if (slash == std::string_view::npos) {
      return is_text;
    }
    path.remove_prefix(slash + 1);
  }
  return false;
}

bool is_digest(std::string_view text) {
  return text.size() == 64 &&
         std::ranges::all_of(text, [](char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); });
}

void append_head(std::string& out, const BackupHead& head) {
  codec::JsonWriter json(out);
  json.begin_object();
  json.member("format", kFormat);
  json.key("version");
  json.integer(static_cast<std::int64_t>(kVersion));
  json.member("program", head.program);
  json.member("made", head.made);
  json.member("by", head.by);
  json.member("source", head.source);
  json.member("masterKey", head.master_key);
  json.key("hasMasterKey");
  json.boolean(head.has_master_key);
  json.key("accounts");
  json.begin_array();
  for (const std::string& account : head.accounts) {
    json.string(account);
  }
  json.end_array();
  json.key("objects");
  json.integer(static_cast<std::int64_t>(head.objects));
  json.key("objectBytes");
  json.integer(static_cast<std::int64_t>(head.object_bytes));
  json.end_object();
  out += '\n';
}

void append_file(std::string& out, const BackupFile& file) {
  codec::JsonWriter json(out);
  json.begin_object();
  json.member("path", file.path);
  json.key("size");
  json.integer(static_cast<std::int64_t>(file.size));
  json.member("sha256", file.sha256);
  json.end_object();
  out += '\n';
}

std::optional<std::uint64_t> count_at(const codec::Json& json, std::string_view name) {
  const codec::Json* member = json.find(name);
  const auto value = member != nullptr ? member->as_int() : std::nullopt;
  return value && *value >= 0 ? std::optional(static_cast<std::uint64_t>(*value)) : std::nullopt;
}

Result<BackupHead> read_head(std::string_view line) {
  const auto json = codec::Json::parse(line);
  if (!json || json->string_at("format") != kFormat) {
    return bad("is not one");
  }
  const auto version = count_at(*json, "version");
  if (version != kVersion) {
    return bad(concat("has version ",
                      version ? std::to_string(*version) : std::string("(none)"),
                      ", but this program knows version ",
                      std::to_string(kVersion),
                      ": run the program that made it (",
                      json->string_at("program"),
                      ") or a newer one"));
  }
  BackupHead head{.program = std::string(json->string_at("program")),
                  .made = std::string(json->string_at("made")),
                  .by = std::string(json->string_at("by")),
                  .source = std::string(json->string_at("source")),
                  .master_key = std::string(json->string_at("masterKey"))};
  if (const codec::Json* has = json->find("hasMasterKey"); has != nullptr) {
    head.has_master_key = has->as_bool();
  }
  if (const codec::Json* accounts = json->find("accounts"); accounts != nullptr) {
    for (const codec::Json& account : accounts->items()) {
      head.accounts.push_back(account.text());
    }
  }
  head.objects = count_at(*json, "objects").value_or(0);
  head.object_bytes = count_at(*json, "objectBytes").value_or(0);
  return head;
}

Result<BackupFile> read_file(const codec::Json& json) {
  const auto size = count_at(json, "size");
  BackupFile file{.path = std::string(json.string_at("path")),
                  .size = size.value_or(0),
                  .sha256 = std::string(json.string_at("sha256"))};
  if (!size || !is_inside(file.path) || !is_digest(file.sha256)) {
    return bad("has a line that names no file of a backup");
  }
  return file;
}

}  // namespace

std::string manifest_text(const BackupManifest& manifest) {
  std::string text;
  append_head(text, manifest.head);
  for (const BackupFile& file : manifest.files) {
    append_file(text, file);
  }
  const std::string digest = crypto::sha256_hex(text);
  codec::JsonWriter json(text);
  json.begin_object();
  json.key("files");
  json.integer(static_cast<std::int64_t>(manifest.files.size()));
  json.member("sha256", digest);
  json.end_object();
  text += '\n';
  return text;
}

Result<BackupManifest> parse_manifest(std::string_view text) {
  BackupManifest manifest;
  bool is_first = true;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t end = text.find('\n', at);
    if (end == std::string_view::npos) {
      break;
    }
    const std::string_view line = text.substr(at, end - at);
    if (is_first) {
      manifest.head = TRY(read_head(line));
      is_first = false;
      at = end + 1;
      continue;
    }
    const auto json = codec::Json::parse(line);
    if (!json) {
      return bad("is damaged");
    }
    if (const auto count = count_at(*json, "files")) {
      const bool is_whole = end + 1 == text.size() && *count == manifest.files.size() &&
                            json->string_at("sha256") == crypto::sha256_hex(text.substr(0, at));
      return is_whole ? Result<BackupManifest>(std::move(manifest)) : bad("is damaged");
    }
    manifest.files.push_back(TRY(read_file(*json)));
    at = end + 1;
  }
  return bad("has no end: it was cut");
}

}  // namespace signet::server
