#pragma once

namespace signet::saml {

// Sets xmlsec1 and libxml2 up, once: nothing is fetched, nothing is printed. Before any other use
// of them, from any thread.
void require_library();

}  // namespace signet::saml
