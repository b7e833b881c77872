#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "codec/json.h"

namespace signet::store {

// etcd's messages (its API of version 3) as JSON: keys and values in base64, numbers of 64 bits as
// strings, members with their zero value left out. Answers come from another program: what is not
// understood is an error, a ServiceFailure whose cause says what.

struct EtcdKeyValue {
  std::string key;
  std::string value;
  std::int64_t mod_revision = 0;
};

// [first, end) of the keys; end empty: the one key.
struct EtcdKeys {
  std::string first;
  std::string end;
};

struct RangeAnswer {
  std::uint64_t cluster = 0;  // id
  std::int64_t revision = 0;  // etcd's, of the whole cluster
  std::vector<EtcdKeyValue> records;
  bool has_more = false;
};

// `revision`: etcd's that is read; 0: the newest, asked of a majority.
[[nodiscard]] std::string range_request(const EtcdKeys& keys,
                                        std::int64_t limit,
                                        std::int64_t revision);
[[nodiscard]] Result<RangeAnswer> read_range(const codec::Json& answer);

// What one key must hold for a transaction to happen.
struct EtcdGuard {
  std::string key;
  std::optional<std::string> value;  // nothing: the key must not be there
};

using EtcdChanges = std::map<std::string, std::optional<std::string>>;  // nothing: delete

struct TxnAnswer {
  std::uint64_t cluster = 0;
  std::int64_t revision = 0;
  bool is_done = false;
  std::optional<EtcdKeyValue>
      found;  // not done: what the guard's key holds; nothing: it is not there
};

// Changes keys if the guard holds, otherwise reads the guard's key. Many changes are nested, as
// deep as etcd's default bound of 128 operations a level lets most of them in. `lease`: that the
// keys end with; 0: none.
[[nodiscard]] std::string txn_request(const EtcdGuard& guard,
                                      const EtcdChanges& changes,
                                      std::int64_t lease = 0);
[[nodiscard]] Result<TxnAnswer> read_txn(const codec::Json& answer);

struct WatchEvent {
  std::string key;
  std::int64_t mod_revision = 0;
  std::optional<std::string> before;
  std::optional<std::string> after;
  bool lacks_before = false;  // there was a record, and etcd no longer knows what it held
};

struct WatchAnswer {
  std::uint64_t cluster = 0;
  bool is_canceled = false;
  bool is_compacted = false;  // what was asked for is gone
  std::string reason;
  std::vector<WatchEvent> events;  // by mod_revision
};

[[nodiscard]] std::string watch_request(const EtcdKeys& keys, std::int64_t from_revision);
// One line of the stream.
[[nodiscard]] Result<WatchAnswer> read_watch(std::string_view line);

// Leases: an id with the seconds that it lives on without being renewed.
[[nodiscard]] std::string grant_request(std::int64_t seconds);
[[nodiscard]] Result<std::int64_t> read_grant(const codec::Json& answer);
[[nodiscard]] std::string keep_alive_request(std::int64_t lease);
// Whether the lease lives on.
[[nodiscard]] Result<bool> read_keep_alive(std::string_view line);
[[nodiscard]] std::string revoke_request(std::int64_t lease);

[[nodiscard]] std::string authenticate_request(std::string_view user, std::string_view password);

// Why etcd refused, of the body of an answer that is no 200.
struct EtcdRefusal {
  std::int64_t code = 0;  // gRPC's
  std::string message;
};

[[nodiscard]] EtcdRefusal read_refusal(std::string_view body);

}  // namespace signet::store
