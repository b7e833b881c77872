#pragma once

#include <string>

#include "http/impl/tls.h"

namespace signet::http {

// Carries bytes both ways between two non-blocking sockets until both directions have ended, one of
// them fails, or `stop` becomes readable. `first` is sent to the server before anything else. With
// a session the client's side is encrypted. Blocks; owns nothing.
void carry(int client, TlsSession* session, int server, std::string first, int stop);

}  // namespace signet::http
