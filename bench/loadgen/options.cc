#include "options.h"

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <map>
#include <sstream>

#include <arpa/inet.h>

namespace signet::loadgen {
namespace {

constexpr const char* kUsage = R"(usage: loadgen run|provision --url http://127.0.0.1:PORT [options]
  who    --key AK:SK[:TOKEN] (repeatable) | --keys FILE (AK,SK[,TOKEN] a line)
         --sessions N [--session-share S]   obtain N credentials by AssumeRole and use them for share S
         --bad-sig P                        share P with a wrong signature; each must be answered 403
  what   --mix gci=60,assume=20,gst=10,list=5,get=5   also fedtoken head put getuser getrole listroles custom
         --role-arn ARN_WITH_%d --roles N --bucket B --object NAME_WITH_%d --objects N --size BYTES
         --custom FORM ({n}: a number of its own)    --path PATH (plain unsigned GETs)
  load   --conns C --threads T --cpu FIRST
         closed loop by default; --rate R [--arrivals poisson|const]: open loop, latency from the due time
  ends   --duration S --warmup S --requests N --max-errors N
  wire   --presign N --reconnect K --host HEADER --region R
  out    --json FILE|- --quiet            provision: --users N --keys-out FILE
)";

[[noreturn]] void usage() {
  std::fputs(kUsage, stderr);
  std::_Exit(2);  // other threads may be running
}

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::stringstream stream(text);
  std::string part;
  while (std::getline(stream, part, separator)) {
    parts.push_back(part);
  }
  return parts;
}

Credential credential(const std::string& text, char separator) {
  auto parts = split(text, separator);
  parts.resize(3);
  if (parts[0].empty() || parts[1].empty()) {
    die("a key is written ACCESS_KEY:SECRET[:TOKEN]");
  }
  return {parts[0], parts[1], parts[2]};
}

void read_keys(Options& options, const std::string& path) {
  std::ifstream file(path);
  std::string line;
  while (std::getline(file, line)) {
    options.credentials.push_back(credential(line, ','));
  }
}

void read_mix(Options& options) {
  for (const std::string& part : split(options.mix_text, ',')) {
    const std::size_t equals = part.find('=');
    const std::string name = part.substr(0, equals);
    bool is_known = false;
    for (const OpRow& row : kOps) {
      if (row.name == name) {
        options.mix[static_cast<std::size_t>(row.op)] =
            equals == std::string::npos ? 1 : std::stod(part.substr(equals + 1));
        is_known = true;
      }
    }
    if (!is_known) {
      die("unknown operation " + name);
    }
  }
}

void read_url(Options& options, const std::string& url) {
  constexpr std::string_view kScheme = "http://";
  if (!url.starts_with(kScheme)) {
    die("--url http://127.0.0.1:PORT is needed");
  }
  const std::string authority =
      url.substr(kScheme.size(), url.find('/', kScheme.size()) - kScheme.size());
  const std::size_t colon = authority.find(':');
  options.address = authority.substr(0, colon);
  if (colon != std::string::npos) {
    options.port = static_cast<std::uint16_t>(std::stoi(authority.substr(colon + 1)));
  }
  if (options.host_header.empty()) {
    options.host_header = authority;
  }
  if (options.address == "localhost") {
    options.address = "127.0.0.1";
  }
  in_addr parsed{};
  if (::inet_pton(AF_INET, options.address.c_str(), &parsed) != 1 ||
      (ntohl(parsed.s_addr) >> 24) != 127) {
    die("only loopback addresses are allowed");
  }
}

using Set = std::function<void(const std::string&)>;

// What each option does to `o` and `url`, which must outlive it.
std::map<std::string, Set> setters_of(Options& o, std::string& url) {
  const auto text = [](std::string& to) {
    return Set([&to](const auto& v) { to = v; });
  };
  const auto integer = [](int& to) {
    return Set([&to](const auto& v) { to = std::stoi(v); });
  };
  const auto real = [](double& to) {
    return Set([&to](const auto& v) { to = std::stod(v); });
  };
  const auto big = [](std::uint64_t& to) {
    return Set([&to](const auto& v) { to = std::stoull(v); });
  };
  return {
      {"--url", text(url)},
      {"--host", text(o.host_header)},
      {"--region", text(o.region)},
      {"--key",
       [&o](const auto& v) {
         o.credentials.push_back(credential(v, ':'));
       }},
      {"--keys",
       [&o](const auto& v) {
         read_keys(o, v);
       }},
      {"--sessions", integer(o.sessions)},
      {"--session-share", real(o.session_share)},
      {"--bad-sig", real(o.bad_signature_share)},
      {"--mix", text(o.mix_text)},
      {"--role-arn", text(o.role_arn)},
      {"--roles", integer(o.roles)},
      {"--users", integer(o.users)},
      {"--bucket", text(o.bucket)},
      {"--object", text(o.object)},
      {"--objects", integer(o.objects)},
      {"--size", big(o.object_bytes)},
      {"--custom", text(o.custom_form)},
      {"--path", text(o.fixed_path)},
      {"--keys-out", text(o.keys_out)},
      {"--conns", integer(o.connections)},
      {"--threads", integer(o.threads)},
      {"--cpu", integer(o.first_cpu)},
      {"--rate", real(o.rate)},
      {"--arrivals",
       [&o](const auto& v) {
         o.is_poisson = v == "poisson";
       }},
      {"--duration", real(o.duration)},
      {"--warmup", real(o.warmup)},
      {"--requests", big(o.max_requests)},
      {"--max-errors", big(o.max_errors)},
      {"--presign", integer(o.presigned)},
      {"--reconnect", integer(o.reconnect)},
      {"--json", text(o.json)},
  };
}

}  // namespace

void die(const std::string& message) {
  std::fprintf(stderr, "loadgen: %s\n", message.c_str());
  std::_Exit(2);  // other threads may be running
}

std::string substitute(std::string_view pattern, std::uint64_t number) {
  std::string out(pattern);
  const std::size_t at = out.find("%d");
  return at == std::string::npos ? out : out.replace(at, 2, std::to_string(number));
}

Options parse_options(int argc, char** argv) {
  Options o;
  std::string url;
  const auto setters = setters_of(o, url);
  if (argc < 2) {
    usage();
  }
  o.command = argv[1];
  for (int i = 2; i < argc; ++i) {
    const std::string name = argv[i];
    if (name == "--quiet") {
      o.is_quiet = true;
      continue;
    }
    const auto setter = setters.find(name);
    if (setter == setters.end() || ++i >= argc) {
      usage();
    }
    setter->second(argv[i]);
  }
  if (o.command != "run" && o.command != "provision") {
    usage();
  }
  read_url(o, url);
  read_mix(o);
  if (o.credentials.empty()) {
    o.credentials.push_back(
        {"AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", ""});
  }
  return o;
}

}  // namespace signet::loadgen
