#pragma once

#include <span>
#include <string_view>

namespace signet::facts {

// A file of facts/role_templates/: one minor version of a role template.
struct RoleTemplateFile {
  std::string_view name;  // of the file
  std::string_view text;  // JSON; what it says is read by the room that loads templates
};

// All of them, sorted by name; the texts live as long as the process.
[[nodiscard]] std::span<const RoleTemplateFile> role_template_files();

}  // namespace signet::facts
