#include "signing.h"

#include <cstring>

namespace signet::loadgen {
namespace {

std::string_view view(const Digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

constexpr std::string_view kFormType = "application/x-www-form-urlencoded; charset=utf-8";

// A list of headers in both forms that signing needs.
struct SignedHeaders {
  std::string canonical;
  std::string names;

  void add(std::string_view name, std::string_view value) {
    canonical.append(name).append(":").append(value).append("\n");
    names.append(names.empty() ? "" : ";").append(name);
  }
};

}  // namespace

Digest sha256(std::string_view text) {
  SHA256_CTX context;
  Digest digest;
  SHA256_Init(&context);
  SHA256_Update(&context, text.data(), text.size());
  SHA256_Final(digest.data(), &context);
  return digest;
}

void append_hex(std::string& out, const Digest& digest) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  for (const unsigned char byte : digest) {
    out += kDigits[byte >> 4];
    out += kDigits[byte & 15];
  }
}

std::string hex(const Digest& digest) {
  std::string out;
  append_hex(out, digest);
  return out;
}

std::string uri_encode(std::string_view text, bool keeps_slash) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const bool is_plain = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                          (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.' || c == '~' ||
                          (keeps_slash && c == '/');
    if (is_plain) {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += '%';
      out += kDigits[byte >> 4];
      out += kDigits[byte & 15];
    }
  }
  return out;
}

HmacKey::HmacKey(std::string_view key) {
  unsigned char block[64];
  const Digest hashed = sha256(key);
  const std::string_view used = key.size() > sizeof block ? view(hashed) : key;
  std::memset(block, 0x36, sizeof block);
  for (std::size_t i = 0; i < used.size(); ++i) {
    block[i] = static_cast<unsigned char>(block[i] ^ static_cast<unsigned char>(used[i]));
  }
  SHA256_Init(&inner_);
  SHA256_Update(&inner_, block, sizeof block);
  for (unsigned char& byte : block) {
    byte = static_cast<unsigned char>(byte ^ 0x36 ^ 0x5c);
  }
  SHA256_Init(&outer_);
  SHA256_Update(&outer_, block, sizeof block);
}

Digest HmacKey::mac(std::string_view text) const {
  Digest digest;
  SHA256_CTX context = inner_;
  SHA256_Update(&context, text.data(), text.size());
  SHA256_Final(digest.data(), &context);
  context = outer_;
  SHA256_Update(&context, digest.data(), digest.size());
  SHA256_Final(digest.data(), &context);
  return digest;
}

HmacKey signing_key(std::string_view secret,
                    std::string_view day,
                    std::string_view region,
                    std::string_view service) {
  Digest digest = HmacKey("AWS4" + std::string(secret)).mac(day);
  digest = HmacKey(view(digest)).mac(region);
  digest = HmacKey(view(digest)).mac(service);
  return HmacKey(view(HmacKey(view(digest)).mac("aws4_request")));
}

std::string_view service_name(Service service) {
  switch (service) {
    case Service::Sts:
      return "sts";
    case Service::Iam:
      return "iam";
    case Service::S3:
      break;
  }
  return "s3";
}

std::string sign(const Options& options,
                 Service service,
                 const Credential& credential,
                 const HmacKey& key,
                 std::string_view amz_date,
                 const Draft& draft) {
  const bool is_form = service != Service::S3;
  const std::string hash =
      draft.body_hash.empty() ? hex(sha256(draft.form)) : std::string(draft.body_hash);
  SignedHeaders headers;
  if (is_form) {
    headers.add("content-type", kFormType);
  }
  headers.add("host", options.host_header);
  if (!is_form) {
    headers.add("x-amz-content-sha256", hash);
  }
  headers.add("x-amz-date", amz_date);
  if (!credential.token.empty()) {
    headers.add("x-amz-security-token", credential.token);
  }

  std::string scope(amz_date.substr(0, 8));
  scope.append("/").append(options.region).append("/").append(service_name(service));
  scope.append("/aws4_request");
  std::string canonical;
  canonical.append(draft.method).append("\n").append(draft.path).append("\n\n");
  canonical.append(headers.canonical).append("\n").append(headers.names).append("\n").append(hash);
  std::string to_sign = "AWS4-HMAC-SHA256\n";
  to_sign.append(amz_date).append("\n").append(scope).append("\n");
  append_hex(to_sign, sha256(canonical));
  Digest signature = key.mac(to_sign);
  if (draft.has_wrong_signature) {
    signature[7] = static_cast<unsigned char>(signature[7] ^ 1);
  }

  std::string out;
  out.reserve(1024 + credential.token.size() + draft.form.size());
  out.append(draft.method).append(" ").append(draft.path).append(" HTTP/1.1\r\nHost: ");
  out.append(options.host_header).append("\r\n");
  if (is_form) {
    out.append("Content-Type: ").append(kFormType).append("\r\n");
  } else {
    out.append("X-Amz-Content-Sha256: ").append(hash).append("\r\n");
  }
  out.append("X-Amz-Date: ").append(amz_date).append("\r\n");
  if (!credential.token.empty()) {
    out.append("X-Amz-Security-Token: ").append(credential.token).append("\r\n");
  }
  out.append("Authorization: AWS4-HMAC-SHA256 Credential=").append(credential.access_key);
  out.append("/").append(scope).append(", SignedHeaders=").append(headers.names);
  out.append(", Signature=");
  append_hex(out, signature);
  if (is_form || draft.method == "PUT") {
    out.append("\r\nContent-Length: ");
    out.append(std::to_string(draft.form.size() + draft.body_bytes));
  }
  out.append("\r\n\r\n").append(draft.form);
  return out;
}

std::string amz_date(std::time_t now) {
  std::tm utc{};
  gmtime_r(&now, &utc);
  char text[20];
  const std::size_t length = std::strftime(text, sizeof text, "%Y%m%dT%H%M%SZ", &utc);
  return {text, length};
}

}  // namespace signet::loadgen
