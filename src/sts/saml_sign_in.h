#pragma once

#include <memory>

#include "api/saml_sign_in.h"

namespace signet::sts {

// AssumeRoleWithSAML for a browser that posts the assertion.
[[nodiscard]] std::unique_ptr<api::SamlSignIn> make_saml_sign_in(const api::SamlPost& post);

}  // namespace signet::sts
