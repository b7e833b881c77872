#include "saml/impl/library.h"

#include <libxml/parser.h>
#include <xmlsec/crypto.h>
#include <xmlsec/errors.h>
#include <xmlsec/io.h>
#include <xmlsec/xmlsec.h>

#include "base/assertion.h"

namespace signet::saml {

void require_library() {
  static const bool is_ready = [] {
    xmlInitParser();
    SIGNET_ASSERT(xmlSecInit() == 0 && xmlSecCryptoInit() == 0);
    xmlSecErrorsDefaultCallbackEnableOutput(0);
    xmlSecIOCleanupCallbacks();  // of files, http and ftp: no reference leaves the document
    return true;
  }();
  SIGNET_ASSERT(is_ready);
}

}  // namespace signet::saml
