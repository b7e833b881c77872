// fuzz-deps: http
//
// The connection's state machine with a peer that does what the input says: sends in odd cuts,
// stops, takes answers slowly, lets time pass, leaves; and a handler that defers, pauses, forgets
// and refuses. Every life must end with exactly one release and no memory beyond the plan.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "http/impl/connection_fixture.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace signet::http;  // NOLINT(google-build-using-namespace): a program of one file
  FakeLoop loop;
  ScriptedHandler handler;
  handler.max_body = 100'000;
  loop.handler = &handler;
  FakeTransport wire(loop);
  wire.file = std::string(10, 'f');
  loop.gathers = size % 2 == 1;
  wire.connection.start(Peer{.address = "127.0.0.1"});

  std::string_view rest(reinterpret_cast<const char*>(data), size);
  std::string unsent;
  while (!rest.empty() && !wire.is_closed) {
    const auto op = static_cast<std::uint8_t>(rest.front());
    rest.remove_prefix(1);
    switch (op % 10) {
      case 0:
        loop.now += 1;
        wire.pass_seconds(op / 10);
        break;
      case 1:
        wire.open_window(op < 128 ? op : std::string::npos);
        break;
      case 2:
        wire.window = op;
        break;
      case 3:
        loop.on_loop = op < 128;
        handler.answer(Response{});
        loop.on_loop = true;
        break;
      case 4:
        loop.on_loop = op < 128;
        handler.resume();
        loop.on_loop = true;
        break;
      case 5:
        loop.run_posted();
        if (op == 255) {
          wire.connection.close();
        } else if (op == 245) {
          loop.is_draining = true;
          wire.connection.drain();
        }
        break;
      default: {
        const std::size_t n = std::min<std::size_t>(rest.size(), op);
        unsent += rest.substr(0, n);
        rest.remove_prefix(n);
        unsent = wire.feed(unsent, 1 + op % 7 * 100);
      }
    }
    loop.flush();
  }
  wire.end();
  // Letting go of one request serves the next of a pipeline, which may be held as well.
  loop.run_posted();
  handler.drop_all();
  wire.connection.close();
  if (wire.releases != 1) {
    std::abort();
  }
  return 0;
}
