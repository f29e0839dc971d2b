// Walks the messages of a view that a set names, in order, a block of at most 4,096 at a time, so that neither the set
// nor the folder has to be written out.
//
// One thread at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/number_set.h"
#include "index/view.h"

namespace imaparc::session {

// Whether a piece of work may wait for a disk, or has to say that it would.
enum class Waiting { allowed, forbidden };

class Walk {
  public:
    enum class By { number, uid };
    enum class Step { block, end, would_wait };
    struct Picked {
        Number number;
        std::uint32_t row;  // in rows()
    };

    // '*' is the view's last message (RFC 3501 9, seq-number); numbers beyond the view name nothing.
    Walk(std::shared_ptr<const index::View> view, const NumberSet& set, By by);
    static Walk everything(std::shared_ptr<const index::View> view);
    // Only messages with a higher mod-sequence (RFC 7162 3.1.4.1). Blocks that have none are not looked into.
    Walk& changed_since(ModSeq modseq) {
        changed_since_ = modseq;
        return *this;
    }

    // From the last message to the first.
    Walk& backwards() {
        backwards_ = true;
        return *this;
    }

    // To the next block with a message of the set. would_wait: nothing moved, call again where waiting is allowed.
    Step next(Waiting waiting);
    const index::Rows& rows() const { return *rows_; }
    const std::vector<Picked>& picked() const { return picked_; }  // never empty after Step::block
    const index::View& view() const { return *view_; }
    const std::shared_ptr<const index::View>& shared_view() const { return view_; }

  private:
    void pick(const index::Block& block);

    std::shared_ptr<const index::View> view_;
    NumberSet set_;  // resolved
    By by_;
    ModSeq changed_since_;
    bool backwards_ = false;
    std::size_t block_ = 0;  // how many blocks were passed
    std::shared_ptr<const index::Rows> rows_;
    std::vector<Picked> picked_;
};

}  // namespace imaparc::session
