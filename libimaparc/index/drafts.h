// Drafts: the ledger's records applied to bases and overlays, whoever brings them: a commit, the tail of a ledger at
// start, a rebuild. Edits take shape segment by segment; finish() gives the new values and what has to be written.
//
// One thread. May wait.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "index/edit.h"
#include "index/facts.h"
#include "index/ledger_records.h"

namespace imaparc::index {

using OverlayKey = std::pair<FolderNumber, UserNumber>;

// The latest values, as the owner has them.
class Latest {
  public:
    virtual ~Latest() = default;
    virtual std::shared_ptr<const Base> base_of(const FolderFacts& folder) = 0;  // empty for a new folder; may wait
    virtual std::shared_ptr<const Overlay> overlay_of(OverlayKey key) = 0;       // the same
};

struct Edits {
    std::map<FolderNumber, BaseEdit> bases;
    std::map<OverlayKey, OverlayEdit> overlays;
};

class Drafts {
  public:
    Drafts(Latest& latest, SegmentSource& source, std::uint64_t version)
        : latest_(latest), source_(source), version_(version) {}

    // `facts` have this record already.
    void apply(const Record& record, const Facts& facts);
    // What no record says. The message as it is now, if its content was not known before.
    std::optional<StoredMessage> learn(FolderNumber folder, const Learned& message, const Facts& facts);
    // About how much memory it holds, in messages.
    std::size_t weight() const { return weight_; }
    // With the folders' numbers as `facts` have them.
    Edits finish(const Facts& facts);

  private:
    BaseEditor& editor(FolderNumber folder, const Facts& facts);

    Latest& latest_;
    SegmentSource& source_;
    const std::uint64_t version_;
    std::size_t weight_ = 0;
    std::map<FolderNumber, std::unique_ptr<BaseEditor>> bases_;
    // Counters of an overlay are counted against the finished base, so these wait for it.
    std::map<OverlayKey, std::vector<Record>> overlays_;
};

}  // namespace imaparc::index
