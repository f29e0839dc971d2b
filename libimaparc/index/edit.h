// Making a new Base or Overlay from an old one: an editor takes single changes, finish() gives the new value, which
// shares what was not touched, and says which segments have to reach the database.
//
// The order for the caller: ledger durable -> editor.finish() -> write the named segments and the folder's row in one
// database transaction -> commit -> cell->written() for each -> publish. If the database fails, drop the result: the
// old values are as good as before. All changes are idempotent, so that a ledger's tail can be replayed over rows that
// have seen it.
//
// One editor belongs to one thread; only one edit of a folder's base (of a user's overlay) may be under way at a time.
// May wait (for segments it touches).
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/flags.h"
#include "index/base.h"
#include "index/overlay.h"
#include "index/source.h"

namespace imaparc::index {

struct BaseEdit {
    std::shared_ptr<const Base> base;
    // Segments to write (row and contents: base->row(n), its cell->held()), or to delete where base has no row n.
    std::vector<std::uint32_t> segments;
    std::vector<std::uint32_t> tombstones;  // the same for tombstone_row(n)
    bool changed = false;                   // anything at all, uid_next and highest_modseq included
};

class BaseEditor {
  public:
    // `version` is larger than any version of this folder so far; all segments made by this edit bear it.
    BaseEditor(std::shared_ptr<const Base> base, SegmentSource& source, std::uint64_t version);
    ~BaseEditor();

    // A new message, or one that returns under its old UID (its tombstone goes). Raises uid_next above its UID and
    // highest_modseq to its `added`. A UID that lives already is left as it is (false).
    bool put(const StoredMessage& message);
    // Makes it a tombstone; raises highest_modseq to `at`. False: does not live.
    bool remove(Uid uid, ModSeq at);
    bool set_octets(Uid uid, std::uint64_t octets);  // false: does not live
    bool set_content(Uid uid, const ContentKey& content);
    void raise_uid_next(Uid uid_next);
    void raise_highest_modseq(ModSeq modseq);
    std::optional<StoredMessage> find(Uid uid);  // as edited so far
    Uid uid_next() const;

    BaseEdit finish();  // once

  private:
    struct Inside;
    std::unique_ptr<Inside> inside_;
};

// UIDs of the tombstones whose message IDs are asked for; the newest where there are several. Reads all tombstones of
// the folder once, so ask for many at a time; nothing is read if there are none.
std::unordered_map<MessageId, Uid> find_tombstones(const Base& base, SegmentSource& source,
                                                   const std::vector<MessageId>& ids);

struct OverlayEdit {
    std::shared_ptr<const Overlay> overlay;
    std::vector<std::uint32_t> segments;  // to write: overlay->row(n) and its cell->held()
    bool changed = false;
};

class OverlayEditor {
  public:
    // `base`: the latest; counters are counted against it.
    OverlayEditor(std::shared_ptr<const Overlay> overlay, std::shared_ptr<const Base> base, SegmentSource& source,
                  std::uint64_t version);
    ~OverlayEditor();

    struct Current {
        FlagBits flags;
        ModSeq modseq;  // as the view shows it
        Seconds date = 0;
    };
    // Flags of a living message, as edited so far; nullopt: does not live.
    std::optional<Current> current(Uid uid);
    // Every living UID between the two, in order.
    std::vector<Uid> living(Uid first, Uid last);
    // Replaces the flags. Also of a UID that does not live: kept for its return. Raises highest_modseq.
    void set(Uid uid, FlagBits flags, ModSeq modseq);
    // Bit number of a keyword (compared by ASCII case), added to the table if it is new; nullopt: the table is full.
    std::optional<unsigned> keyword(std::string_view name);
    void set_keywords(std::vector<std::string> table);
    // Ignored if the cut-off is the one that holds. Raises highest_modseq.
    void move_window(WindowMove move);
    void raise_highest_modseq(ModSeq modseq);
    // Counts anew the rows whose counters are older than the base (messages left or came back). Views do without, but
    // then each has to look into those segments itself.
    void recount();

    OverlayEdit finish();  // once

  private:
    struct Inside;
    std::unique_ptr<Inside> inside_;
};

}  // namespace imaparc::index
