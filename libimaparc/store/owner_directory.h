// An owner's place in a store that lies in files: found by the path template, never by what a client wrote.
//
// Any thread.
#pragma once

#include <string>

#include "base/error.h"
#include "base/file.h"
#include "store/path_template.h"
#include "store/store.h"

namespace imaparc::store {

// A directory, or a file where the store takes that for an owner's.
StoreHealth health_of(const std::string& path);
StoreHealth health_of_owner(const PathTemplate& path, const std::string& store, const std::string& owner);

// The owner's directory, open, and its path. not_found: this owner has none; unavailable.
Result<File> open_owner(const PathTemplate& path, const std::string& store, const std::string& owner,
                        std::string& found);

}  // namespace imaparc::store
