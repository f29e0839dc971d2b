// Views over a base and an overlay; the implementation behind view.h.
#pragma once

#include <memory>

#include "index/base.h"
#include "index/overlay.h"
#include "index/source.h"
#include "index/view.h"

namespace imaparc::index {

// The folder as overlay->user sees it, within overlay's window (its last move; none: everything). Counts from directory
// rows; decodes only segments that straddle the cut-off or whose overlay counters are older than the base (may wait).
// What `previous` (any earlier view of the same folder and user, or nullptr) has counted is not counted again.
//
// A session that keeps a view costs the view alone: 24 bytes a segment, shared by all sessions that have the same one.
std::shared_ptr<const View> make_view(std::shared_ptr<const Base> base, std::shared_ptr<const Overlay> overlay,
                                      std::shared_ptr<SegmentSource> source,
                                      const std::shared_ptr<const View>& previous = nullptr);

}  // namespace imaparc::index
