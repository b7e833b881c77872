#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace signet::loadgen {

enum class Service : std::uint8_t { Sts, Iam, S3 };

enum class Op : std::uint8_t {
  Gci,
  Assume,
  Gst,
  FedToken,
  List,
  Get,
  Head,
  Put,
  GetUser,
  GetRole,
  ListRoles,
  Custom,
};

struct OpRow {
  Op op;
  std::string_view name;
  Service service;
  std::string_view root_tag;  // what a good answer must contain
};

inline constexpr std::array<OpRow, 12> kOps = {{
    {Op::Gci, "gci", Service::Sts, "<GetCallerIdentityResponse"},
    {Op::Assume, "assume", Service::Sts, "<AssumeRoleResponse"},
    {Op::Gst, "gst", Service::Sts, "<GetSessionTokenResponse"},
    {Op::FedToken, "fedtoken", Service::Sts, "<GetFederationTokenResponse"},
    {Op::List, "list", Service::S3, "<ListAllMyBucketsResult"},
    {Op::Get, "get", Service::S3, ""},
    {Op::Head, "head", Service::S3, ""},
    {Op::Put, "put", Service::S3, ""},
    {Op::GetUser, "getuser", Service::Iam, "<GetUserResponse"},
    {Op::GetRole, "getrole", Service::Iam, "<GetRoleResponse"},
    {Op::ListRoles, "listroles", Service::Iam, "<ListRolesResponse"},
    {Op::Custom, "custom", Service::Iam, ""},
}};

constexpr const OpRow& row_of(Op op) {
  return kOps[static_cast<std::size_t>(op)];
}

struct Credential {
  std::string access_key;
  std::string secret_key;
  std::string token;
};

struct Options {
  std::string command;  // run or provision
  std::string address = "127.0.0.1";
  std::uint16_t port = 80;
  std::string host_header;
  std::string region = "us-east-1";

  std::vector<Credential> credentials;
  std::vector<Credential> session_credentials;
  int sessions = 0;
  double session_share = 1;
  double bad_signature_share = 0;

  std::array<double, kOps.size()> mix{};
  std::string mix_text = "gci=1";
  std::string role_arn = "arn:aws:iam::123456789012:role/lg-role-%d";
  std::string bucket = "lg-bucket";
  std::string object = "obj-%d";
  std::string custom_form;
  std::string fixed_path;  // unsigned GETs of this path instead of a mix: for nginx and http_floor
  int roles = 1;
  int users = 0;
  int objects = 1;
  std::uint64_t object_bytes = 4096;
  std::string keys_out;

  int connections = 32;
  int threads = 1;
  int first_cpu = -1;
  double rate = 0;  // requests due per second; 0: closed loop
  bool is_poisson = true;
  double duration = 5;
  double warmup = 1;
  std::uint64_t max_requests = 0;
  std::uint64_t max_errors = 100000;
  std::size_t max_backlog = 2'000'000;
  int presigned = 0;  // sign this many requests beforehand and cycle through them
  int reconnect = 0;  // requests per connection; 0: keep
  std::string json;   // file, or - for standard output
  bool is_quiet = false;
};

// Ends the program with usage on a wrong command line. Addresses outside 127.0.0.0/8 are refused.
Options parse_options(int argc, char** argv);

[[noreturn]] void die(const std::string& message);

// Replaces the first %d.
std::string substitute(std::string_view pattern, std::uint64_t number);

}  // namespace signet::loadgen
