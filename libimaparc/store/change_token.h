// What tells whether a directory or a file has changed since it was looked at last.
//
// Any thread.
#pragma once

#include <optional>
#include <string>

namespace imaparc::store {

// Of what is at `path` beneath the directory `root`; `kind` is O_DIRECTORY, or 0 for a file. nullopt: there is no such
// thing; "": there may be one that we are not allowed to see. While a change could still hide in the same tick of the
// file system's clock no two tokens are alike.
std::optional<std::string> change_token_of(int root, const std::string& path, int kind);

}  // namespace imaparc::store
