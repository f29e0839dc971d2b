// The directories below an owner's that are folders.
//
// Any thread.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "store/maildir/maildir.h"

namespace imaparc::store {

// `owner` is the open directory, `where` its path for the texts of errors. unavailable if anything on the way could not
// be looked at.
Result<std::vector<StoreFolder>> find_folders(int owner, MaildirLayout layout, const std::string& where);

}  // namespace imaparc::store
