#include "ctl/cli.h"

namespace signet {

// The web console of this build (tools/embed_console.py); empty without one.
http::WebBundle console_bundle();

}  // namespace signet

int main(int argc, char** argv) {
  return signet::ctl::run(argc, argv, signet::console_bundle());
}
