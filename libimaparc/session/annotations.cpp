#include "session/annotations.h"

#include <algorithm>

#include "base/text.h"

namespace imaparc::session {

namespace {

using Depth = imap::GetMetadata::Depth;

// Levels that `entry` lies below `above`, names in any case: 0 if they are the same, -1 if it does not.
int levels_below(std::string_view entry, std::string_view above) {
    if (entry.size() < above.size() || !ascii_iequals(entry.substr(0, above.size()), above)) return -1;
    const auto rest = entry.substr(above.size());
    if (rest.empty()) return 0;
    return rest[0] == '/' ? static_cast<int>(std::ranges::count(rest, '/')) : -1;
}

}  // namespace

std::vector<imap::MetadataEntry> server_annotations(const Options& options) {
    std::vector<imap::MetadataEntry> known;
    if (!options.comment.empty()) known.push_back({"/shared/comment", options.comment});
    if (!options.admin.empty()) known.push_back({"/shared/admin", options.admin});
    return known;
}

std::vector<imap::MetadataEntry> mailbox_annotations(const imap::MailboxAttributes& roles) {
    std::vector<imap::MetadataEntry> known;
    if (!roles.empty()) known.push_back({"/private/specialuse", imap::to_string(roles)});
    return known;
}

AskedEntries asked_entries(std::span<const imap::MetadataEntry> known, const std::vector<std::string>& names,
                           Depth depth, std::optional<std::uint32_t> max_size) {
    AskedEntries asked;
    std::vector<const imap::MetadataEntry*> taken;  // each once, though several names lead to it
    for (const auto& name : names) {
        bool found = false;
        for (const auto& entry : known) {
            const int levels = levels_below(entry.name, name);
            if (levels < 0 || (depth == Depth::zero && levels > 0) || (depth == Depth::one && levels > 1)) continue;
            found = true;
            if (std::ranges::find(taken, &entry) != taken.end()) continue;
            taken.push_back(&entry);
            if (max_size && entry.value->size() > *max_size)
                asked.longest = std::max(asked.longest, entry.value->size());
            else
                asked.entries.push_back({levels == 0 ? name : entry.name, entry.value});
        }
        if (!found) asked.entries.push_back({name, std::nullopt});
    }
    return asked;
}

}  // namespace imaparc::session
