#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "sigv4/request.h"

// The stages of SigV4, each one a function that appends to a string. Signing, verification and
// `signet sigv4 explain` all go through these.
namespace signet::sigv4 {

// Appends `text` with %XX decoded; '+' is a space if it comes from a query. A '%' without two
// digits stays as it is.
enum class Plus : std::uint8_t { Literal, Space };
void append_decoded(std::string& out, std::string_view text, Plus plus);

// Appends the canonical URI. normalize: '.', '..' and empty segments are resolved, then the path as
// sent is encoded again (so %20 becomes %2520), which is what every service but S3 does. Otherwise
// decoded and encoded once (S3).
void append_canonical_path(std::string& out, std::string_view raw_path, bool normalize);

// Appends the canonical query: every parameter but X-Amz-Signature (when presigned), decoded and
// encoded again, sorted by name, then value. A '+' is a space here, see canonical.cc. `skip_token`
// leaves X-Amz-Security-Token out, for presigned requests whose token was added after signing.
struct QueryOptions {
  bool is_presigned = false;
  bool skip_token = false;
};

void append_canonical_query(std::string& out,
                            std::string_view raw_query,
                            QueryOptions options,
                            Scratch& scratch);

// Appends "name:value\n" for each name in `signed_headers` (lower case, joined by ';'), in that
// order; values trimmed, inner blanks collapsed, several fields of one name joined by ','. A name
// that no header has gets an empty value.
void append_canonical_headers(std::string& out,
                              const RequestView& request,
                              std::string_view signed_headers);

// The whole canonical request into scratch.canonical.
void build_canonical_request(const RequestView& request,
                             std::string_view signed_headers,
                             std::string_view payload_hash,
                             bool normalize_path,
                             QueryOptions options,
                             Scratch& scratch);

// The string to sign of scratch.canonical into scratch.string_to_sign.
void build_string_to_sign(Algorithm algorithm,
                          std::string_view amz_date,
                          std::string_view scope,
                          Scratch& scratch);

}  // namespace signet::sigv4
