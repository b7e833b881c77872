#include "console_bundle.h"
#include "ctl/cli.h"

int main(int argc, char** argv) {
  return signet::ctl::run(argc, argv, signet::console_bundle());
}
