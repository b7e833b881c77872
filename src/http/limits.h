#pragma once

#include <cstddef>
#include <cstdint>

namespace signet::http {

// What one client may cost us. Times are whole seconds of the monotonic clock, kept by a wheel of
// one-second ticks, so each may run up to one second long.
struct Limits {
  // Request line and header fields together. Session tokens and presigned queries pass 8 KiB.
  std::size_t head_bytes = 64 * 1024;
  std::size_t header_count = 200;
  // Size line (with extensions) and trailer fields of a chunked body.
  std::size_t chunk_line_bytes = 16 * 1024;

  // The whole head must have arrived this long after its first byte (or after the connection was
  // accepted).
  int head_seconds = 10;
  // Between two requests of a kept connection.
  int idle_seconds = 75;
  // A body being sent, and an answer being taken, must make `rate_bytes` per second averaged over
  // this window. Only what the body is made of counts: not the sizes, extensions and trailers of
  // chunks, nor what the handler takes off as framing of its own.
  int rate_window_seconds = 20;
  std::uint64_t rate_bytes = 512;
  // How long a body may take as a whole, looked at when a window ends: as long as a signature is
  // good; a streamed body gets one second more for every `stream_rate_bytes` of it that came.
  int body_seconds = 15 * 60;
  std::uint64_t stream_rate_bytes = 32 * 1024;
  // How long, and how many bytes, an unwanted rest of a body is read after its early answer, so
  // that the client sees the answer instead of a reset.
  int linger_seconds = 3;
  std::uint64_t linger_bytes = 8ULL * 1024 * 1024;

  std::size_t max_connections = 20000;
  // Of one peer address (IPv6: network of 64 bits).
  std::size_t max_connections_per_address = 20000;
  // For bodies, heads beyond 16 KiB and unsent answers of all connections together.
  std::uint64_t buffered_bytes = 256ULL * 1024 * 1024;
};

}  // namespace signet::http
