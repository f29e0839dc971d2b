#include "session/size_sum.h"

namespace imaparc::session {

bool SizeSum::advance() {
    constexpr std::size_t unknown_at_once = 64;  // each may have to be read from beginning to end
    if (!walking_) {
        if (walk_.next(Waiting::allowed) == Walk::Step::end) return true;
        walking_ = true;
        at_ = 0;
    }
    std::vector<MessageId> unknown;
    for (; at_ < walk_.picked().size() && unknown.size() < unknown_at_once; ++at_) {
        const auto row = walk_.picked()[at_].row;
        if (const auto octets = walk_.rows().octets(row))
            octets_ += *octets;
        else
            unknown.push_back(walk_.rows().id(row));
    }
    if (at_ == walk_.picked().size()) walking_ = false;
    add_from_archive(unknown);
    return failure_.has_value();
}

void SizeSum::add_from_archive(const std::vector<MessageId>& ids) {
    for (const auto& details : archive_.details(owner_, ids)) {
        if (details)
            octets_ += details->summary.wire_size;
        else if (!failure_)
            failure_ = details.error();
    }
}

}  // namespace imaparc::session
