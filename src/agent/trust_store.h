#pragma once

#include <string>
#include <string_view>

namespace signet::agent {

// The password that Java's own trust stores have.
inline constexpr std::string_view kJavaStorePassword = "changeit";

// A trust store of Java (JKS, which every version reads) with one authority, in DER. `unix_ms`:
// when it was made.
[[nodiscard]] std::string java_trust_store(std::string_view certificate, std::int64_t unix_ms);

}  // namespace signet::agent
