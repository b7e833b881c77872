#include "server/directory_trail.h"

namespace signet::server {

// A line that the disk refuses stays with the sink, and stored as long as it is not settled.
void DirectoryTrail::keep(std::uint64_t number, std::string_view lines) {
  [[maybe_unused]] const bool is_written = sink_.keep_numbered(number, lines);
}

void DirectoryTrail::keep_again(std::uint64_t number, std::string_view lines) {
  sink_.keep_missing(number, lines);
}

std::uint64_t DirectoryTrail::settled() {
  return sink_.settled();
}

void DirectoryTrail::settle() {
  sink_.flush();
}

}  // namespace signet::server
