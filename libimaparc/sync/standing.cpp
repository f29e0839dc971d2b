#include "sync/standing.h"

namespace imaparc::sync {

namespace {

Assessment lost(const Circumstances& now, std::string reason) {
    return {now.accept_removals ? Standing::gone : Standing::unavailable, std::move(reason)};
}

std::string or_else(const std::string& reason, const char* otherwise) { return reason.empty() ? otherwise : reason; }

}  // namespace

Assessment assess(const Circumstances& now) {
    const bool was_here = !now.recorded_device.empty() || now.known > 0;
    if (!now.root.available) {
        const auto reason = or_else(now.root.reason, "root cannot be listed");
        return was_here ? lost(now, reason) : Assessment{Standing::unavailable, reason};
    }
    if (now.root.empty) return was_here ? lost(now, "root is empty") : Assessment{Standing::absent, "root is empty"};
    if (!now.owner.available) {
        const auto reason = or_else(now.owner.reason, "the owner's part cannot be listed");
        if (was_here) return lost(now, reason);
        return {now.listed ? Standing::unavailable : Standing::absent, reason};
    }
    if (now.owner.empty) {
        const std::string reason = "the owner's part is empty";
        return was_here ? lost(now, reason) : Assessment{Standing::absent, reason};
    }
    if (!now.recorded_device.empty() && now.recorded_device != device_note(now.owner.device) && !now.accept_removals)
        return {Standing::doubtful, "on another device than before (" + now.recorded_device + ", now " +
                                        device_note(now.owner.device) + ")"};
    return {Standing::reachable, ""};
}

std::string device_note_key(const std::string& store) { return "sync.device." + store; }

std::string device_note(const std::string& device) { return "device " + device; }

}  // namespace imaparc::sync
