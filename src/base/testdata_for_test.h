// Where the files under testdata/ lie. The path is compiled into one file only, so that the objects
// of all others are the same in every checkout and come from the compiler cache.
#pragma once

#include <string>
#include <string_view>

namespace signet {

// The absolute path of `name`, which is relative to testdata/. Says nothing about whether the file
// exists.
std::string testdata_path(std::string_view name);

}  // namespace signet
