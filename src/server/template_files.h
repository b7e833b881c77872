#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "identity/templates.h"

namespace signet::server {

// Folders of templates, one JSON file each (docs/guide/role-templates.md,
// docs/guide/delegation.md).
struct TemplateFolders {
  std::string roles;     // empty: only the built-in ones
  std::string policies;  // empty: none
};

// The role templates that are built in (facts/role_templates), and those of the folders, which win
// over built-in ones of the same ARN and minor version. Whatever is wrong in a file is an error
// that begins with file, line and column.
[[nodiscard]] Result<std::unique_ptr<identity::TemplateCatalogue>> load_templates(
    const TemplateFolders& folders);

// One minor version, in the members of GetRoleTemplateVersion's answer. `name` is the file's.
[[nodiscard]] Result<identity::RoleTemplate> read_role_template(std::string name, std::string text);

[[nodiscard]] Result<identity::PolicyTemplate> read_policy_template(std::string name,
                                                                    std::string text);

}  // namespace signet::server
