// Empty is not gone (DESIGN.md 4): whether what a store shows of an owner may be believed, without any I/O.
//
// Any thread; pure functions.
#pragma once

#include <cstdint>
#include <string>

#include "store/store.h"

namespace imaparc::sync {

enum class Standing {
    reachable,    // list it, and believe the listing
    absent,       // the owner was never here, and is not now
    doubtful,     // on another device than before: list it, and believe it only if nothing is lost
    unavailable,  // do not even list it; nothing is removed
    gone,         // it would be unavailable, but the administrator said that what is missing is gone
};

struct Assessment {
    Standing standing = Standing::absent;
    std::string reason;  // "" if reachable
};

struct Circumstances {
    store::StoreHealth root, owner;
    bool listed = false;          // the store's list of owners has this one
    std::string recorded_device;  // of the last complete listing; "" if there was none
    std::uint64_t known = 0;      // messages that the index has from this store
    bool accept_removals = false;
};

Assessment assess(const Circumstances& circumstances);

// As it is kept in an owner's notes ("" must not mean "never seen").
std::string device_note_key(const std::string& store);
std::string device_note(const std::string& device);

}  // namespace imaparc::sync
