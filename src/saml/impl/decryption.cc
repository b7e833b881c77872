#include "saml/impl/decryption.h"

#include <initializer_list>
#include <memory>
#include <utility>

#include <xmlsec/buffer.h>
#include <xmlsec/crypto.h>
#include <xmlsec/xmlenc.h>
#include <xmlsec/xmlsec.h>
#include <xmlsec/xmltree.h>

#include "base/secret_access.h"
#include "saml/impl/library.h"

namespace signet::saml {
namespace {

struct ContextFreer {
  void operator()(xmlSecEncCtx* context) const { xmlSecEncCtxDestroy(context); }
};

using Context = std::unique_ptr<xmlSecEncCtx, ContextFreer>;

struct KeyFreer {
  void operator()(xmlSecKey* key) const { xmlSecKeyDestroy(key); }
};

using Key = std::unique_ptr<xmlSecKey, KeyFreer>;

struct BufferFreer {
  void operator()(xmlSecBuffer* buffer) const { xmlSecBufferDestroy(buffer); }
};

using Buffer = std::unique_ptr<xmlSecBuffer, BufferFreer>;

// A context that decrypts with `key` by the algorithms that are named, and looks for no other key.
Context context_with(Key key,
                     xmlEncCtxMode mode,
                     std::initializer_list<xmlSecTransformId> algorithms) {
  Context context(xmlSecEncCtxCreate(nullptr));
  if (context == nullptr || key == nullptr) {
    return nullptr;
  }
  context->mode = mode;
  context->encKey = key.release();
  context->transformCtx.enabledUris = xmlSecTransformUriTypeNone;
  for (const xmlSecTransformId id : algorithms) {
    if (xmlSecPtrListAdd(&context->transformCtx.enabledTransforms,
                         const_cast<void*>(static_cast<const void*>(id))) < 0) {
      return nullptr;
    }
  }
  return context;
}

// The bytes that a context decrypts a node to; empty on any failure. The context owns them.
std::string_view decrypted(xmlSecEncCtx* context, xmlNode* node) {
  const xmlSecBuffer* buffer =
      context == nullptr ? nullptr : xmlSecEncCtxDecryptToBuffer(context, node);
  if (buffer == nullptr || xmlSecBufferGetData(const_cast<xmlSecBuffer*>(buffer)) == nullptr) {
    return {};
  }
  return {reinterpret_cast<const char*>(xmlSecBufferGetData(const_cast<xmlSecBuffer*>(buffer))),
          xmlSecBufferGetSize(const_cast<xmlSecBuffer*>(buffer))};
}

xmlNode* child_of(const xmlNode* parent, const char* name, const char* space) {
  return parent == nullptr ? nullptr
                           : xmlSecFindChild(const_cast<xmlNode*>(parent),
                                             reinterpret_cast<const xmlChar*>(name),
                                             reinterpret_cast<const xmlChar*>(space));
}

constexpr const char* kEncryption = "http://www.w3.org/2001/04/xmlenc#";
constexpr const char* kSignature = "http://www.w3.org/2000/09/xmldsig#";

// The content key lies inside the encrypted data, or beside it.
xmlNode* key_node(const xmlNode& assertion, const xmlNode* data) {
  xmlNode* inside = child_of(child_of(data, "KeyInfo", kSignature), "EncryptedKey", kEncryption);
  return inside != nullptr ? inside : child_of(&assertion, "EncryptedKey", kEncryption);
}

Key private_key(const Secret& pem) {
  const std::string_view text = pem.reveal(secret_access());
  // An encrypted text is not decrypted, and nobody is asked for its password.
  auto* no_password = reinterpret_cast<void*>(+[](char*, int, int, void*) { return -1; });
  return Key(xmlSecCryptoAppKeyLoadMemory(reinterpret_cast<const xmlSecByte*>(text.data()),
                                          static_cast<xmlSecSize>(text.size()),
                                          xmlSecKeyDataFormatPem,
                                          nullptr,
                                          no_password,
                                          nullptr));
}

Key content_key(std::string_view bytes) {
  const Buffer buffer(xmlSecBufferCreate(static_cast<xmlSecSize>(bytes.size() + 1)));
  if (buffer == nullptr || bytes.empty() ||
      xmlSecBufferSetData(buffer.get(),
                          reinterpret_cast<const xmlSecByte*>(bytes.data()),
                          static_cast<xmlSecSize>(bytes.size())) < 0) {
    return nullptr;
  }
  return Key(xmlSecKeyReadBuffer(xmlSecKeyDataAesId, buffer.get()));
}

}  // namespace

std::optional<std::string> decrypt(xmlNode& encrypted_assertion, const Secret& key) {
  require_library();
  xmlNode* data = child_of(&encrypted_assertion, "EncryptedData", kEncryption);
  xmlNode* wrapped = key_node(encrypted_assertion, data);
  if (data == nullptr || wrapped == nullptr) {
    return std::nullopt;
  }
  const Context unwrapping =
      context_with(private_key(key), xmlEncCtxModeEncryptedKey, {xmlSecTransformRsaOaepId});
  const Context opening = context_with(content_key(decrypted(unwrapping.get(), wrapped)),
                                       xmlEncCtxModeEncryptedData,
                                       {xmlSecTransformAes128GcmId,
                                        xmlSecTransformAes256GcmId,
                                        xmlSecTransformAes128CbcId,
                                        xmlSecTransformAes256CbcId});
  const std::string_view plain = decrypted(opening.get(), data);
  return plain.empty() ? std::nullopt : std::optional(std::string(plain));
}

}  // namespace signet::saml
