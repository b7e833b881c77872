#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "upstream/upstreams.h"

namespace signet::server {

// How the services are reached that hold objects in Signet's place.
struct UpstreamOptions {
  // By bucket; of "" those of all other buckets. URLs are good.
  std::vector<std::pair<std::string, std::string>> urls;
  // File with the keys, in the form of AWS's own credentials file: a section for each bucket that
  // has an upstream of its own, and "default". Empty: SIGNET_UPSTREAM_ACCESS_KEY_ID and so on.
  std::string credentials_file;
  std::string ca_file;       // PEM of the authorities that vouch for them; empty: the system's
  int timeout_seconds = 30;  // without any progress
};

// What stores show that ask Signet who may do what (--authorizer-token): the first line of a file
// that only its owner may read, or SIGNET_AUTHORIZER_TOKEN where there is none. Empty: no store is
// answered. ServiceFailure for a file that cannot be read, or a token of less than 16 characters.
[[nodiscard]] Result<Secret> read_authorizer_token(const std::string& file);

// Takes "s3=URL" or "s3/BUCKET=URL"; false for any other text, and for a bucket that has one.
[[nodiscard]] bool add_upstream(UpstreamOptions& options, std::string_view text);

// Null if there are none. ServiceFailure for a file that cannot be read, that others may read, or
// that lacks keys. `clock` must outlive the upstreams.
[[nodiscard]] Result<std::unique_ptr<upstream::Upstreams>> make_upstreams(
    const UpstreamOptions& options, const Clock& clock);

}  // namespace signet::server
