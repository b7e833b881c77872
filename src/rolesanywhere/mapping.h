#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "crypto/end_entity.h"
#include "facts/rolesanywhere_types.h"
#include "identity/kinds/roles_anywhere.h"
#include "model/caller.h"

namespace signet::rolesanywhere {

// Attribute mappings: which parts of a certificate become session tags (IAM Roles Anywhere user
// guide, certificate attribute mapping).

// Those that a new profile has.
[[nodiscard]] std::vector<identity::AttributeMapping> default_mappings();

[[nodiscard]] std::vector<AttributeMapping> to_wire(
    const std::vector<identity::AttributeMapping>& mappings);

// The field of that name, which the decoder has checked.
[[nodiscard]] identity::CertificateField field_of(std::string_view name);
[[nodiscard]] std::string_view name_of(identity::CertificateField field);

// ValidationException for a specifier that the field does not have.
[[nodiscard]] Status check_specifier(identity::CertificateField field, std::string_view specifier);

// The tags of a session: x509Subject/CN, x509Issuer/O, x509SAN/DNS and so on. Several values of one
// attribute are joined by '/'; of subject alternative names the first one counts. AccessDenied for
// a value that no session tag can have.
[[nodiscard]] Result<std::vector<model::Tag>> tags_of(
    const std::vector<identity::AttributeMapping>& mappings, const crypto::EndEntity& certificate);

// CN=... of the subject; empty where it has no common name. AccessDenied for one that no source
// identity can be.
[[nodiscard]] Result<std::string> source_identity_of(const crypto::EndEntity& certificate);

}  // namespace signet::rolesanywhere
