#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "facts/operation_ids.h"  // IWYU pragma: export

namespace signet::facts {

// The services whose operations come from API models: those of the Query protocol, of REST with
// JSON, and of JSON where X-Amz-Target names the operation. (S3 has tables of its own.)
enum class Service : std::uint8_t {
  Iam,
  Sts,
  Rolesanywhere,
  Signin,
  Insight,
  Accessanalyzer,
  Cloudtrail,
  Organizations,
};

inline constexpr std::size_t kServices = 8;

struct ServiceRow {
  Service service;
  std::string_view name;     // signing name and IAM prefix
  std::string_view version;  // the Version parameter
  std::string_view xml_namespace;
  std::string_view target;  // what X-Amz-Target has before ".Operation"; empty: not that protocol
};

// What stands between <OpResponse> and <ResponseMetadata> (aws-wire 1.3).
enum class ResultRule : std::uint8_t {
  None,     // nothing
  Empty,    // <OpResult/>, which clients insist on
  Members,  // <OpResult> with members
};

// Where the handler of an operation runs.
enum class RunMode : std::uint8_t {
  Read,           // on the event loop, against the loop's snapshot
  Write,          // on the directory's writer thread, with a transaction
  PreparedWrite,  // prepare() on the worker pool (password hashes), then as Write
  Blocking,       // on the worker pool (files, long work), against the loop's snapshot
};

[[nodiscard]] constexpr bool is_write(RunMode mode) {
  return mode == RunMode::Write || mode == RunMode::PreparedWrite;
}

// How a missing required parameter is answered (aws-wire 1.7).
enum class MissingStyle : std::uint8_t {
  Null,       // ValidationError, "Member must not be null"
  Parameter,  // MissingParameter
};

// One operation of facts/operations/.
struct OperationRow {
  Operation id;
  Service service;
  std::string_view name;
  ResultRule result;
  RunMode run_mode;
  MissingStyle missing;
  bool is_paged;
  bool is_implemented;
};

// How an operation of REST with JSON is called.
struct JsonRoute {
  Operation id;
  std::string_view method;
  std::string_view path;   // a template: labels stand in braces, each for one segment
  std::string_view query;  // NAME=VALUE that tells it from others of its path; empty: none
  std::uint16_t status;    // of success
};

[[nodiscard]] const ServiceRow& service_row(Service service);

// The row of an operation; every Operation has one.
[[nodiscard]] const OperationRow& operation_row(Operation id);

// All rows, sorted by service and name.
[[nodiscard]] std::span<const OperationRow> all_operations();

// Those of all services; of several with one path, those that ask for a query come first.
[[nodiscard]] std::span<const JsonRoute> all_json_routes();

// Null when the service has no operation of that name (names are case-sensitive).
[[nodiscard]] const OperationRow* find_operation(Service service, std::string_view name);

}  // namespace signet::facts
