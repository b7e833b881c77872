#pragma once

#include <string>
#include <string_view>

namespace signet::s3 {

// User metadata as answers show it (S3 user guide, "User-defined object metadata"): values of
// printable US-ASCII as they are, others as encoded words of UTF-8 (RFC 2047): Q where most
// characters are printable US-ASCII, else B. Bytes that are no UTF-8 count as ISO-8859-1. Words
// are 75 characters at most, with a space between them.
[[nodiscard]] std::string shown_metadata(std::string_view value);

}  // namespace signet::s3
