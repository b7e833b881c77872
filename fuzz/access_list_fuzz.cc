// fuzz-deps: s3 identity
// Access control lists: kept ones, and those that headers of a request ask for.
#include "s3/access_list.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "http/message.h"
#include "identity/snapshot_builder.h"
#include "s3/request_headers.h"

namespace {

using namespace signet;  // NOLINT(google-build-using-namespace): a program of one file

constexpr std::string_view kAccount = "canonical";

const identity::Snapshot& one_account() {
  static const identity::Snapshot snapshot = [] {
    identity::Account account;
    account.id = "111111111111";
    account.canonical_user_id = kAccount;
    identity::SnapshotBuilder builder(nullptr);
    if (!builder.add(std::move(account))) {
      std::abort();
    }
    return std::move(builder.build()).value();
  }();
  return snapshot;
}

void require(bool condition) {
  if (!condition) {
    std::abort();
  }
}

// The first byte chooses the header and what the list is of. Whoever is granted something is
// somebody.
void read_header(std::uint8_t choice, std::string_view text) {
  constexpr std::string_view kNames[] = {
      "x-amz-acl", "x-amz-grant-read", "x-amz-grant-write", "x-amz-grant-full-control"};
  const http::HeaderView header{.name = kNames[choice % 4], .value = text};
  http::RequestHead head;
  head.headers = std::span(&header, 1);
  const s3::AclOf of = choice < 128 ? s3::AclOf::Bucket : s3::AclOf::Object;
  const auto asked = s3::asked_list(s3::RequestHeaders(head), one_account(), of);
  if (!asked) {
    return;
  }
  for (const s3::AclEntry& entry : asked->grants) {
    require(entry.grantee == kAccount || s3::is_group_uri(entry.grantee));
  }
  const s3::AccessList list = s3::list_asked_for(*asked, "owner", "owner");
  require(list.owner == "owner");
  require(s3::decode_list(s3::encode_list(list)) == list);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) {
    return 0;
  }
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): libFuzzer hands out bytes
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  read_header(data[0], text);
  if (const auto list = s3::decode_list(text)) {
    require(s3::decode_list(s3::encode_list(*list)) == list);
  }
  return 0;
}
