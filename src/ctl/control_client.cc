#include "ctl/control_client.h"

#include <cstdio>
#include <optional>
#include <utility>

#include "ctl/cli.h"
#include "ctl/data_folder.h"
#include "ctl/output.h"
#include "facts/errors.h"
#include "server/control_socket.h"
#include "server/stopped_folder.h"

namespace signet::ctl {

Result<codec::Json> read_answer(const std::string& answer) {
  auto json = codec::Json::parse(answer);
  if (!json || json->find("done") == nullptr) {
    return fail(ErrorCode::InvalidInput,
                std::string(json ? json->string_at("error") : "the answer cannot be read"));
  }
  return *std::move(json);
}

Result<codec::Json> ask(const server::Options& options,
                        const std::string& request,
                        std::int64_t wait_ms) {
  std::optional<std::string> answer =
      TRY(server::ask_server(options.data_folder, request, wait_ms));
  if (!answer) {
    TRY_STATUS(require_data_folder(options.data_folder));
    const auto folder = TRY(server::StoppedFolder::open(options));
    answer = folder->answer(request);
  }
  return read_answer(*answer);
}

int ask_and_print(const server::Options& options, const std::string& request) {
  const Result<codec::Json> answer = ask(options, request);
  if (!answer) {
    return report(answer.error());
  }
  std::printf("%s\n", std::string(answer->string_at("done")).c_str());
  return kOk;
}

}  // namespace signet::ctl
