#pragma once

#include <span>
#include <string_view>

namespace signet::http {

// A file of a web application that never changes under its name. Views of constants.
struct StaticFile {
  std::string_view name;  // no slash
  std::string_view type;  // Content-Type
  std::string_view etag;  // with its quotes
  std::string_view identity;
  std::string_view brotli;  // the same, compressed
};

// A web application that is part of the program: its files, and those that its page begins with.
struct WebBundle {
  std::span<const StaticFile> files;          // sorted by name
  std::string_view script;                    // a module; empty: there is no application
  std::span<const std::string_view> preload;  // modules that it imports
  std::span<const std::string_view> styles;
};

}  // namespace signet::http
