#pragma once

#include <string>

#include "base/result.h"

// The index as a file, before it is opened.
namespace signet::objects::impl {

// Refuses a missing or empty one. The index says which objects there are: without it, all of them
// would seem never to have been.
[[nodiscard]] Status check_index_file(const std::string& path);

// Makes it, or takes it from everybody else. SQLite would make it for all that the umask lets in;
// its other files take its mode. Only before there is a connection: closing a descriptor of ours
// would drop SQLite's locks.
[[nodiscard]] Status make_private_index(const std::string& path);

}  // namespace signet::objects::impl
