// What an owner's folders hold, for quotas: counted by segments, each of which is read again only when it has changed.
#include "index/ledger_owner.h"

namespace imaparc::index {

Result<Usage> LedgerOwner::usage() {
    if (auto is_ready = ready(); !is_ready) return is_ready.error();
    std::lock_guard counting(counting_);
    std::vector<FolderFacts> folders;
    std::shared_ptr<DatabaseSource> source;
    {
        std::lock_guard state(state_);
        for (const auto& [number, folder] : facts_.folders)
            if (folder.living && folder.kind() == FolderKind::ordinary) folders.push_back(folder);
        source = source_;
        if (!source) return not_ready();
    }
    Usage usage;
    std::map<FolderNumber, std::vector<CountedSegment>> counted;
    for (const FolderFacts& folder : folders) {
        const auto base = base_of(folder);
        const auto& before = counted_[folder.number];
        auto old = before.begin();
        auto& now = counted[folder.number];
        now.reserve(base->rows.size());
        for (const SegmentRow& row : base->rows) {
            while (old != before.end() && old->segment < row.segment) ++old;
            if (old != before.end() && old->segment == row.segment && old->version == row.cell->version()) {
                now.push_back(*old);
            } else {
                CountedSegment counted_now{row.segment, row.cell->version(), 0, 0};
                const auto contents = index::load(*source, folder.number, row);
                for (std::size_t i = 0; i < contents->size(); ++i) {
                    if (const auto octets = contents->octets(i))
                        counted_now.octets += *octets;
                    else
                        ++counted_now.unknown;
                }
                now.push_back(counted_now);
            }
            usage.messages += row.count;
            usage.octets += now.back().octets;
            usage.messages_of_unknown_size += now.back().unknown;
        }
    }
    counted_ = std::move(counted);
    return usage;
}

}  // namespace imaparc::index
