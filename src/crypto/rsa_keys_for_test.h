#pragma once

#include <string_view>

// Public keys as ssh-keygen writes them: the base64 of an RSA key of 2,048 bits, the same key as
// PEM (`ssh-keygen -e -m PKCS8`), one of 1,024 bits, and one that is not RSA.
namespace signet::crypto {

inline constexpr std::string_view kSshKey =
    "AAAAB3NzaC1yc2EAAAADAQABAAABAQD85mZ78wb8vLL0wEhxNXLvauUzfvC+HKvu7FWUYe"
    "Mcu5y4ekYLdXcoWvTbC57ZVBChZ2e+JJJedamFehBEB6pBqyiBfF8DuxVYlQL1rUV7hgGa"
    "VTC0EGLL4kN//K+GSVUZs37XYBqA4bwK73u4FtI2Byl4/VEUKJNCET3KZ/Skusy+HLatBj"
    "Wqgjh8Zs6L/AGVQOiSbUiF3S1Wy7fQ4pdq70XHX2ze+yAl+lqAyB+1ESG7bkCtguaILW1K"
    "QVfKd1Z426EDRXigZJODgeU8hXBpB1Z+OCYbyo8Qv3PyR2eXHyS/h8XHBk18DyH+Pn35Fl"
    "JymxSPgINwhZAs9U3EMvv7";
inline constexpr std::string_view kSshKeyPem =
    "-----BEGIN PUBLIC KEY-----\n"
    "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA/OZme/MG/Lyy9MBIcTVy\n"
    "72rlM37wvhyr7uxVlGHjHLucuHpGC3V3KFr02wue2VQQoWdnviSSXnWphXoQRAeq\n"
    "QasogXxfA7sVWJUC9a1Fe4YBmlUwtBBiy+JDf/yvhklVGbN+12AagOG8Cu97uBbS\n"
    "NgcpeP1RFCiTQhE9ymf0pLrMvhy2rQY1qoI4fGbOi/wBlUDokm1Ihd0tVsu30OKX\n"
    "au9Fx19s3vsgJfpagMgftREhu25ArYLmiC1tSkFXyndWeNuhA0V4oGSTg4HlPIVw\n"
    "aQdWfjgmG8qPEL9z8kdnlx8kv4fFxwZNfA8h/j59+RZScpsUj4CDcIWQLPVNxDL7\n"
    "+wIDAQAB\n"
    "-----END PUBLIC KEY-----\n";
inline constexpr std::string_view kShortKey =
    "AAAAB3NzaC1yc2EAAAADAQABAAAAgQC/J6QVuYeC4OoLll9OkXKO/bzOUZeJQcSqIecXrM"
    "RpfQMWbKYieWnH+AiFQl/aqtRXWRZFne6v6oiXc+X0NBjnAortnOqJ8wjwQ3XTjhHn2Uxi"
    "/53K5ckb3C4VLQh5O5RY1HaTJvO/7lsHD31u43IiMVqTRE3EhUbudKB0kWmMrQ==";
inline constexpr std::string_view kEd25519Key =
    "AAAAC3NzaC1lZDI1NTE5AAAAILbtqGgL8IOYUxGX9GuSsvGhHTpLFfocbUpDDD3IYaVM";
// `ssh-keygen -E md5 -l` about the first.
inline constexpr std::string_view kSshKeyFingerprint =
    "8e:62:8b:56:a7:0d:51:f7:97:f6:98:bd:09:2b:0c:5c";

}  // namespace signet::crypto
