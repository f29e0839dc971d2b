// The messages of one Maildir folder: all of them in spite of deliveries and renames that happen meanwhile, or an
// error.
//
// Any thread; nothing is kept between calls.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/file.h"
#include "store/directory.h"
#include "store/store.h"

namespace imaparc::store {

enum class DateFrom {
    mtime,     // the file's, Dovecot's meaning
    name,      // the seconds the file's name begins with, else mtime
    received,  // the topmost Received field, else Date, else mtime
    header,    // the Date field, else mtime
};

// The two directories of a folder that hold messages. One of them may be missing.
struct MailDirectories {
    File fresh, cur;  // new/ and cur/

    // Beneath the owner's directory. not_found if there is neither; unavailable.
    static Result<MailDirectories> open(int owner, const std::string& location);
};

// Every message once. Two files with one unique name that are not the same file are two messages: the first in the
// order of file names has the name, the others UNIQUE/INODE. `where` is for the texts of errors.
Result<void> list_messages(const MailDirectories& directories, DateFrom date, const std::string& where,
                           const std::function<bool(StoreItem&&)>& visit);

// The locator ("cur/FILE", "new/FILE") of the message now; not_found, unavailable.
Result<std::string> find_message(const MailDirectories& directories, std::string_view name, const std::string& where);

// A message's name split where list_messages joined it; inode 0: the plain one.
struct MessageName {
    std::string_view unique;
    std::uint64_t inode = 0;
    static MessageName of(std::string_view name);
};

}  // namespace imaparc::store
