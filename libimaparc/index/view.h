// A folder as one user sees it at one moment: base + overlay + window (+ what this session must not see yet).
// Immutable and shared: a session keeps a pointer, never a copy. It counts and numbers itself from directory rows; only
// segments that straddle the window's cut-off are decoded. Rows are loaded a segment at a time and cached by the index.
//
// Any thread. What is marked "may wait" can read the database; its *_if_resident twin never does.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/flags.h"
#include "base/ids.h"
#include "base/number_set.h"

namespace imaparc::index {

// The visible messages of one segment (at most 4,096), in UID order. Index i is 0-based within the block.
class Rows {
  public:
    virtual ~Rows() = default;
    virtual std::size_t size() const = 0;
    virtual Uid uid(std::size_t i) const = 0;
    virtual Seconds date(std::size_t i) const = 0;                         // INTERNALDATE
    virtual std::optional<std::uint64_t> octets(std::size_t i) const = 0;  // RFC822.SIZE, once known
    virtual const MessageId& id(std::size_t i) const = 0;
    virtual StoreNumber store(std::size_t i) const = 0;
    virtual FlagBits flags(std::size_t i) const = 0;  // the user's
    virtual ModSeq modseq(std::size_t i) const = 0;   // of adding or of the user's last flag change
    // When it became visible in this folder (RFC 8514, SAVEDATE): the time of the commit that published it, or brought
    // it back. nullopt (NIL): published before that was noted.
    virtual std::optional<Seconds> saved(std::size_t i) const = 0;
    std::optional<std::size_t> find(Uid uid) const;  // binary search
    std::size_t lower_bound(Uid uid) const;          // first i with uid(i) >= uid; size() if none
};

struct Block {
    Number first;             // number of its first visible message
    std::uint32_t count = 0;  // never 0
    Uid first_uid, last_uid;  // bounds (of the whole segment; visible ones lie within)
    ModSeq highest_modseq{};  // a bound: no message has a greater one (CHANGEDSINCE passes a block over by it)
};

class View {
  public:
    virtual ~View() = default;

    virtual FolderNumber folder() const = 0;
    virtual UserNumber user() const = 0;
    virtual UidValidity uid_validity() const = 0;
    virtual Uid uid_next() const = 0;
    virtual ModSeq highest_modseq() const = 0;
    virtual std::uint32_t count() const = 0;   // EXISTS
    virtual std::uint32_t unseen() const = 0;  // messages without \Seen
    virtual std::uint32_t hidden_by_window() const = 0;
    virtual const std::vector<std::string>& keywords() const = 0;  // bit number -> name
    virtual Uid last_uid() const = 0;                              // of the last visible message; 0 if there is none

    virtual const std::vector<Block>& blocks() const = 0;                   // ascending, without gaps in numbers
    virtual std::shared_ptr<const Rows> rows(std::size_t block) const = 0;  // may wait; Fault if the database is gone
    virtual std::shared_ptr<const Rows> rows_if_resident(std::size_t block) const = 0;  // nullptr: would wait

    virtual std::optional<Number> first_unseen() const = 0;    // may wait
    virtual NumberSet vanished_since(ModSeq since) const = 0;  // may wait; RFC 7162 VANISHED (EARLIER)

    // From the above; may wait.
    std::optional<std::size_t> block_with(Number number) const;  // never waits
    std::optional<std::size_t> block_with(Uid uid) const;        // the block whose bounds hold it; never waits
    std::optional<Uid> uid_at(Number number) const;
    std::optional<Number> number_of(Uid uid) const;
};

// What a session tells its client to get from the view it held to the latest one.
struct Step {
    std::shared_ptr<const View> view;  // to hold from now on
    std::vector<Number> expunged;      // in the order to send, each number as it is when it is sent (RFC 3501 7.4.1)
    NumberSet vanished;                // the same as UIDs (RFC 7162)
    bool grown = false;                // EXISTS is to be sent: view->count()
    NumberSet flags_changed;           // UIDs in both views whose flags or modseq differ
    bool keywords_changed = false;     // FLAGS and PERMANENTFLAGS are to be sent anew
};

// From `held` to `latest` (same folder and user). A message that came back (window widened, store returned) below the
// highest UID that `held` knows stays hidden from this session (DESIGN.md 9). May wait; cost grows with the segments
// that differ, not with the folder.
Step step(const std::shared_ptr<const View>& held, const std::shared_ptr<const View>& latest);

// `held`'s messages and numbers with `latest`'s flags: for FETCH, STORE and SEARCH, during which numbers must not
// change (RFC 3501 5.5, 7.4.1). May wait.
std::shared_ptr<const View> renewed(const std::shared_ptr<const View>& held, const std::shared_ptr<const View>& latest);

}  // namespace imaparc::index
