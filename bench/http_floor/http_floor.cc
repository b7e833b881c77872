// Serves fixed answers through src/http: the floor under every service, and a peer for nginx
// `return 200`.
//   GET|POST /          200 with a fixed body of --body bytes; a request body is buffered and
//   dropped GET /file           200 with --file through sendfile PUT /sink           streams the
//   body and drops it
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include <fcntl.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "http/server.h"

namespace {

using namespace signet;  // NOLINT(google-build-using-namespace): a program of one file

struct Answers {
  std::string body = std::string(900, 'x');
  std::string file_path;
};

class FloorExchange final : public http::Exchange {
 public:
  explicit FloorExchange(const Answers& answers) : answers_(answers) {}

  http::BodyPlan begin(const http::RequestHead& head, http::Call /*call*/) override {
    is_file_ = head.path() == "/file";
    if (head.path() == "/sink") {
      return {.mode = http::BodyPlan::Mode::Stream, .max_bytes = 1ULL << 40};
    }
    return {};
  }

  void finish(std::string_view /*whole_body*/, http::Call call) override {
    http::Response response;
    if (is_file_) {
      struct stat info{};
      UniqueFd fd(::open(answers_.file_path.c_str(), O_RDONLY | O_CLOEXEC));
      if (!fd.valid() || ::fstat(fd.get(), &info) != 0) {
        response.status = 404;
      } else {
        response.file = http::FileRange{
            .fd = std::move(fd), .offset = 0, .length = static_cast<std::uint64_t>(info.st_size)};
      }
    } else {
      response.headers.add("Content-Type", "text/xml");
      response.body = answers_.body;
    }
    call.answer(std::move(response));
  }

 private:
  const Answers& answers_;
  bool is_file_ = false;
};

class FloorHandler final : public http::Handler {
 public:
  explicit FloorHandler(const Answers& answers) : answers_(answers) {}

  http::ExchangePtr open(const http::RequestHead& /*head*/) override {
    return http::ExchangePtr(new FloorExchange(answers_));
  }

 private:
  const Answers& answers_;
};

}  // namespace

int main(int argc, char** argv) {
  Answers answers;
  http::ServerOptions options;
  options.listeners.emplace_back();
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view name = argv[i];
    if (name == "--port") {
      options.listeners[0].port = static_cast<std::uint16_t>(std::atoi(argv[i + 1]));
    } else if (name == "--threads") {
      options.loops = std::atoi(argv[i + 1]);
    } else if (name == "--body") {
      answers.body.assign(static_cast<std::size_t>(std::atoi(argv[i + 1])), 'x');
    } else if (name == "--file") {
      answers.file_path = argv[i + 1];
    } else {
      std::fprintf(stderr,
                   "usage: http_floor [--port P] [--threads N] [--body BYTES] [--file F]\n");
      return 2;
    }
  }
  sigset_t wanted;
  sigemptyset(&wanted);
  sigaddset(&wanted, SIGTERM);
  sigaddset(&wanted, SIGINT);
  pthread_sigmask(SIG_BLOCK, &wanted, nullptr);
  FloorHandler handler(answers);
  const SystemClock clock;
  auto server = http::Server::start(std::move(options), handler, clock);
  if (!server) {
    std::fprintf(stderr, "http_floor: %s\n", server.error().c_str());
    return 1;
  }
  std::printf("listening on 127.0.0.1:%d\n", (*server)->port());
  std::fflush(stdout);
  int signal = 0;
  sigwait(&wanted, &signal);
  (*server)->stop(1);
  return 0;
}
