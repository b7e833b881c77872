#pragma once

#include <string>
#include <string_view>

namespace signet::s3 {

// User metadata as answers show it (S3 user guide, "User-defined object metadata"): values of
// printable US-ASCII as they are, others as encoded words of UTF-8 (RFC 2047): Q where most
// characters are printable US-ASCII, else B. Bytes that are no UTF-8 count as ISO-8859-1. Words
// are 75 characters at most, with a space between them.
[[nodiscard]] std::string shown_metadata(std::string_view value);

// What the value of a header of user metadata says: its encoded words (RFC 2047) decoded, with no
// space between two of them. As it is where a word cannot be read, or is of another charset than
// UTF-8 and US-ASCII. Fields of forms have none (recorded).
[[nodiscard]] std::string stored_metadata(std::string_view value);

// A text in ISO-8859-1, as the other headers have it, with a space for each character that this
// lacks (recorded).
[[nodiscard]] std::string latin1_or_spaces(std::string_view text);

}  // namespace signet::s3
