#pragma once

#include "http/web_bundle.h"

namespace signet {

// The web console of this build (tools/embed_console.py); empty without one.
http::WebBundle console_bundle();

}  // namespace signet
