// An mbox read from front to back: where its messages are, and what each is when what belongs to the mbox and not to
// the message is taken away: the separator, the empty line before the next one, quoting, and the fields in which
// programs note their state (Status, X-Status, X-Keywords, X-UID, Content-Length, Thunderbird's X-Mozilla-Status ...).
// What is left never changes while others read their mail, so its digest names the message.
//
// One thread at a time; memory is bounded by the longest piece, not by the file.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/digest.h"
#include "base/error.h"
#include "base/file.h"
#include "base/flags.h"

namespace imaparc::store {

// How a message's own lines that look like a separator are kept apart from one.
enum class MboxFormat : std::uint8_t {
    mboxrd,   // ">From " for "From ", ">>From " for ">From ", and so on: undone exactly
    mboxo,    // ">From " for "From ", others as they are: undone, though ">From " may have been the sender's own
    mboxcl2,  // nothing is quoted, Content-Length says where the message ends; where it is wrong, separators do
};

struct MboxMessage {
    std::uint64_t begin = 0, end = 0;  // in the file, without separator and the empty line before the next
    std::uint64_t size = 0;            // of the message itself
    Sha256 digest{};                   // of the message itself
    Seconds date = 0;                  // the separator's
    FlagNames flags;                   // from Status, X-Status, X-Keywords, X-Mozilla-Status
    bool hidden = false;               // deleted but not yet compacted, or a mail program's own note in the file
};

// A line, or of one that is longer than `longest` a part of it.
struct Piece {
    static constexpr std::size_t longest = 64 * 1024;
    std::uint64_t offset = 0;  // in the file
    std::string_view text;     // with its line end
    bool starts_line = true;
    std::uint64_t end() const { return offset + text.size(); }
    bool blank() const { return starts_line && (text == "\n" || text == "\r\n"); }
};

class Pieces {
  public:
    // [begin, end) of the file; it must stay open.
    Pieces(const File& file, std::uint64_t begin, std::uint64_t end);
    // False: the end. unavailable: it could not be read, or the file is shorter than that.
    Result<bool> next(Piece& piece);

  private:
    const File& file_;
    std::uint64_t at_, end_;  // what is still to be read from the file
    std::string buffer_;
    std::size_t begin_ = 0;
    bool line_starts_ = true;
};

// Takes away from a message's pieces, in order, what is the mbox's.
class MessageFilter {
  public:
    explicit MessageFilter(MboxFormat format) : format_(format) {}
    // What is left of the piece: all of it, less one '>', or nothing.
    std::string_view pass(const Piece& piece);
    bool in_header() const { return in_header_; }

  private:
    MboxFormat format_;
    bool in_header_ = true;
    bool dropping_ = false;  // a field of the mbox's, and the lines that continue it
};

// Every message from `from` (where a separator must be, or the file's end) on. `visit` returns false to stop.
// unavailable: the file could not be read to its end, or does not begin as an mbox does.
Result<void> scan_mbox(const File& file, MboxFormat format, std::uint64_t from, std::uint64_t file_size,
                       const std::function<bool(MboxMessage&&)>& visit);

}  // namespace imaparc::store
