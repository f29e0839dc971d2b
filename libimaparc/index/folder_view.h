// The one implementation of View, as step.cpp and view.cpp share it. Others see view.h and make_view.h.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "index/base.h"
#include "index/overlay.h"
#include "index/source.h"
#include "index/view.h"

namespace imaparc::index {

// What a view is made of.
struct ViewParts {
    std::shared_ptr<const Base> base;
    std::shared_ptr<const Overlay> overlay;
    std::shared_ptr<SegmentSource> source;
    std::shared_ptr<const NumberSet> hidden;  // UIDs this session must not see yet; nullptr: none
    Seconds cutoff = no_cutoff;
    std::shared_ptr<const Reveals> reveals;
    ModSeq highest_modseq;
};

class FolderView final : public View {
  public:
    // `counters_hold`: whether the overlay's counter of a base row may be believed although they are of one membership
    // (not if they are of different times).
    FolderView(ViewParts parts, const FolderView* previous,
               const std::function<bool(const SegmentRow&)>& counters_hold = nullptr);

    FolderNumber folder() const override { return parts_.base->folder; }
    UserNumber user() const override { return parts_.overlay->user; }
    UidValidity uid_validity() const override { return parts_.base->uid_validity; }
    Uid uid_next() const override { return parts_.base->uid_next; }
    ModSeq highest_modseq() const override { return parts_.highest_modseq; }
    std::uint32_t count() const override { return count_; }
    std::uint32_t unseen() const override { return unseen_; }
    std::uint32_t hidden_by_window() const override { return hidden_by_window_; }
    const std::vector<std::string>& keywords() const override { return parts_.overlay->keywords; }
    Uid last_uid() const override { return last_uid_; }
    const std::vector<Block>& blocks() const override { return blocks_; }
    std::shared_ptr<const Rows> rows(std::size_t block) const override;
    std::shared_ptr<const Rows> rows_if_resident(std::size_t block) const override;
    std::optional<Number> first_unseen() const override;
    NumberSet vanished_since(ModSeq since) const override;

    const ViewParts& parts() const { return parts_; }
    // The visible messages of a base row (nullptr, or nothing visible: nullptr). May wait.
    std::shared_ptr<const Rows> rows_of(const SegmentRow* row) const;
    // The block of a base row; nullopt: nothing visible there.
    std::optional<std::size_t> block_of(std::uint32_t segment) const;
    // UIDs hidden from this session within a row's range.
    NumberSet hidden_in(const SegmentRow& row) const;

  private:
    struct Piece {  // beside each block
        std::uint32_t row = 0;
        std::uint32_t unseen = 0;
    };
    struct Counted {  // what could not be counted from directory rows
        std::uint32_t segment = 0;
        std::uint64_t shape = 0, overlay_version = 0;
        std::uint32_t visible = 0, unseen = 0, hidden_by_window = 0;
        Uid last;  // visible
    };
    bool filtered(const SegmentRow& row) const;
    std::shared_ptr<const Rows> load_rows(const SegmentRow& row, Wait wait) const;
    Counted count_contents(const SegmentRow& row, const OverlayRow* overlay_row) const;

    ViewParts parts_;
    std::uint32_t count_ = 0, unseen_ = 0, hidden_by_window_ = 0;
    Uid last_uid_;
    std::vector<Block> blocks_;
    std::vector<Piece> pieces_;
    std::vector<Counted> counted_;  // by segment
};

}  // namespace imaparc::index
