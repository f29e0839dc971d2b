#include "index/overlay.h"

#include <algorithm>

namespace imaparc::index {

Seconds Overlay::cutoff_at(ModSeq since) const {
    const auto after = std::upper_bound(window.begin(), window.end(), since,
                                        [](ModSeq m, const WindowMove& move) { return m < move.modseq; });
    return after == window.begin() ? no_cutoff : std::prev(after)->cutoff;
}

const OverlayRow* Overlay::row(std::uint32_t segment) const {
    const auto at = std::lower_bound(rows.begin(), rows.end(), segment,
                                     [](const OverlayRow& row, std::uint32_t n) { return row.segment < n; });
    return at == rows.end() || at->segment != segment ? nullptr : &*at;
}

Reveals::Reveals(const std::vector<WindowMove>& window) {
    for (std::size_t i = window.size(); i-- > 1;)
        if (window[i].cutoff < window[i - 1].cutoff)
            reveals_.push_back({window[i].cutoff, window[i - 1].cutoff, window[i].modseq});
}

ModSeq Reveals::at(Seconds date) const {
    for (const auto& reveal : reveals_)
        if (reveal.from <= date && date < reveal.to) return reveal.modseq;
    return ModSeq{};
}

ModSeq Reveals::between(Seconds least, Seconds greatest) const {
    for (const auto& reveal : reveals_)
        if (reveal.from <= greatest && least < reveal.to) return reveal.modseq;
    return ModSeq{};
}

}  // namespace imaparc::index
