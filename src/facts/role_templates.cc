#include "facts/role_templates.h"

#include <array>

namespace signet::facts {
namespace {

constexpr auto kRoleTemplateFiles = std::to_array<RoleTemplateFile>({
#include "facts/role_templates_table.inc"
});

}  // namespace

std::span<const RoleTemplateFile> role_template_files() {
  return kRoleTemplateFiles;
}

}  // namespace signet::facts
