/* What the static libraries of xmlsec1 and libxml2 ask for and Signet never uses, for the static program alone: Debian has no
   static libxslt, ICU's tables are 30 MB, and liblzma is for files that are compressed. Style sheets as transforms of signatures are
   refused (src/saml/impl/signature.cc names the transforms that are allowed), character sets other than UTF-8 are, and
   documents come from memory alone (src/saml/impl/xml_document.cc): what would do their work fails. */
#include <stddef.h>

/* libxslt. Preferences are made and set when the library starts; nothing reads them. */
static int preferences;

void* xsltNewSecurityPrefs(void) { return &preferences; }

void xsltFreeSecurityPrefs(void* given) { (void)given; }

int xsltSetSecurityPrefs(void* given, int option, void* check) {
  (void)given;
  (void)option;
  (void)check;
  return 0;
}

void* xsltGetSecurityPrefs(void* given, int option) {
  (void)given;
  (void)option;
  return NULL;
}

int xsltSetCtxtSecurityPrefs(void* given, void* context) {
  (void)given;
  (void)context;
  return -1;
}

int xsltSecurityForbid(void* given, void* context, const char* value) {
  (void)given;
  (void)context;
  (void)value;
  return 0;
}

void* xsltParseStylesheetDoc(void* document) {
  (void)document;
  return NULL;
}

void xsltFreeStylesheet(void* sheet) { (void)sheet; }

void* xsltNewTransformContext(void* sheet, void* document) {
  (void)sheet;
  (void)document;
  return NULL;
}

void xsltFreeTransformContext(void* context) { (void)context; }

void* xsltApplyStylesheetUser(void* sheet, void* document, const char** parameters, const char* output, void* profile,
                              void* context) {
  (void)sheet;
  (void)document;
  (void)parameters;
  (void)output;
  (void)profile;
  (void)context;
  return NULL;
}

int xsltSaveResultTo(void* buffer, void* result, void* sheet) {
  (void)buffer;
  (void)result;
  (void)sheet;
  return -1;
}

/* ICU: there is no converter of any name, so nothing else of one is called. */
void* ucnv_open_72(const char* name, int* error) {
  enum { kFileAccessError = 4 };
  (void)name;
  *error = kFileAccessError;
  return NULL;
}

void ucnv_close_72(void* converter) { (void)converter; }

void ucnv_convertEx_72(void) {}

void ucnv_setFromUCallBack_72(void) {}

void ucnv_setToUCallBack_72(void) {}

void UCNV_FROM_U_CALLBACK_STOP_72(void) {}

void UCNV_TO_U_CALLBACK_STOP_72(void) {}

/* liblzma. */
enum { kOptionsError = 8 };

int lzma_auto_decoder(void* stream, unsigned long limit, unsigned flags) {
  (void)stream;
  (void)limit;
  (void)flags;
  return kOptionsError;
}

int lzma_properties_decode(void* filter, const void* allocator, const unsigned char* properties, size_t size) {
  (void)filter;
  (void)allocator;
  (void)properties;
  (void)size;
  return kOptionsError;
}

int lzma_code(void* stream, int action) {
  (void)stream;
  (void)action;
  return kOptionsError;
}

void lzma_end(void* stream) { (void)stream; }
