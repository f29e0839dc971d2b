// How the synchronisation behaves; config fills it from [sync]. Live setters are on the engine.
//
// Any thread; values only.
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <string>

namespace imaparc::sync {

struct Options {
    unsigned rescan_seconds = 60;  // sync.rescan: an owner is looked at again this long after the last time
    std::map<std::string, unsigned> store_rescan;  // by store name, where a [[store]] says otherwise; 0: rescan_seconds
    bool hide_while_resyncing = false;             // sync.hide_while_resyncing
    bool watch = true;                             // sync.watch: inotify
    std::size_t watches = 8192;                    // at most so many inotify watches are taken
    // Empty is not gone: a listing that loses more than both of an owner's messages in a store counts as no listing.
    unsigned loss_percent = 10;
    unsigned loss_messages = 100;
    unsigned confirm_seconds = 2;     // a message is removed if two scans this far apart miss it
    std::size_t owners_at_once = 32;  // owners whose scans are under way at the same time, slice by slice
    unsigned slices_at_once = 2;      // slices of scans on the workers at the same time
    unsigned details_at_once = 1;     // messages being read for their details at the same time; 0: none
    std::chrono::milliseconds progress_every{5000};  // between two progress events of an owner
};

}  // namespace imaparc::sync
