#include "imap/render_thread.h"

#include "imap/render.h"

namespace imaparc::imap {

// thread-data = "THREAD" [SP 1*thread-list]
// thread-list = "(" (thread-members / thread-nested) ")"
// thread-members = nz-number *(SP nz-number) [SP thread-nested]
// thread-nested = 2*thread-list
bool ThreadResponse::fill(std::string& out, std::size_t octets) {
    const std::size_t enough = out.size() + octets;
    if (!begun_) {
        begun_ = true;
        out += "* THREAD";
        if (!threads_.roots.empty()) out += " ";
        levels_.push_back({threads_.roots.data(), threads_.roots.data() + threads_.roots.size()});
    }
    while (!levels_.empty()) {
        if (out.size() >= enough) return false;
        if (in_list_) {
            members(out, single_);
            continue;
        }
        Level& level = levels_.back();
        if (level.next != level.end) {
            out += "(";
            members(out, *level.next++);
            continue;
        }
        levels_.pop_back();
        out += levels_.empty() ? "\r\n" : ")";
    }
    return true;
}

// A node in the list that is open, and what follows it: the end of the list, its only child, or the lists of several.
void ThreadResponse::members(std::string& out, std::uint32_t node) {
    const auto children = threads_.children_of(node);
    if (!threads_.dummy(node)) {
        render_number(out, threads_.numbers[node]);
        if (!children.empty()) out += " ";
    }
    in_list_ = children.size() == 1;
    if (in_list_) {
        single_ = children.front();
    } else if (children.empty()) {
        out += ")";
    } else {
        levels_.push_back({children.data(), children.data() + children.size()});
    }
}

}  // namespace imaparc::imap
