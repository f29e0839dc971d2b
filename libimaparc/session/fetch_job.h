// FETCH as plain blocking work in pieces: responses are made until a buffer is full, wherever the caller has it run.
// Memory is bounded by the buffer and one batch of details, whatever is asked.
//
// A message that cannot be read leaves no trace in the answer; the first failure is kept. If it happens behind a
// literal's announcement of which octets were handed out already, the answer is broken: the connection must be closed.
// The same with what fill() throws; unless cut_short(), buffer() holds whole responses then, which are still to be
// sent.
//
// One thread at a time.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "archive/archive.h"
#include "imap/command.h"
#include "imap/render.h"
#include "session/binary_reader.h"
#include "session/walk.h"

namespace imaparc::session {

class FetchJob {
  public:
    enum class Seen { keep, set };         // whether octets without PEEK make the message \Seen (RFC 3501 6.4.5)
    enum class Line { fetch, uid_fetch };  // RFC 9586: no message number
    // Whether the client keeps mod-sequences: a change of flags is told only together with the MODSEQ it has, so what
    // becomes \Seen is shown as it was; the change is still to be told (RFC 7162 3.2.4).
    enum class Keeps { flags, flags_and_modseq };
    struct Manner {
        Manner(Seen s = Seen::keep, Line l = Line::fetch, Keeps k = Keeps::flags) : seen(s), line(l), keeps(k) {}
        Seen seen;
        Line line;
        Keeps keeps;
    };
    enum class Step {
        full,        // buffer() holds a piece; more follows
        done,        // buffer() holds the rest
        would_wait,  // what comes next needs a disk; buffer() may hold something
        broken,      // failure() came in the middle of a literal
    };
    struct Failure {
        Uid uid;
        Error error;
    };

    // `owner` and `items` outlive the job.
    FetchJob(archive::Archive& archive, const std::string& owner, Walk walk, const std::vector<imap::FetchItem>& items,
             Manner manner);

    Step fill(std::size_t piece, Waiting waiting);
    // Whole responses, and of the last one perhaps only a part; the caller takes what is in it.
    std::string& buffer() { return buffer_; }
    // Where the session's last BINARY ended, and the next is likely to go on; outlives the job.
    void resume_binary(BinaryBookmark& bookmark) { bookmark_ = &bookmark; }
    // A message was left out because a part of it is encoded in a way that is not known (RFC 3516 4.3).
    bool unknown_encoding() const { return unknown_encoding_; }
    bool reads_octets() const { return needs_octets_; }  // needs a disk for each message

    ModSeq highest_modseq() const { return highest_modseq_; }  // of the MODSEQ items answered; 0 if there were none

    const NumberSet& seen() const { return seen_; }
    NumberSet take_seen() { return std::exchange(seen_, {}); }  // UIDs that became \Seen since the last call
    const NumberSet& told() const { return told_; }             // UIDs whose flags were answered
    NumberSet take_told() { return std::exchange(told_, {}); }  // ... since the last call
    const std::shared_ptr<const index::View>& view() const { return walk_.shared_view(); }
    // Whether the client has a part of a response whose rest will not come: the connection must be closed. Also after
    // fill() threw.
    bool cut_short() const { return broken_ || (response_ && handed_out_); }
    const std::optional<Failure>& failure() const { return failure_; }  // the first
    std::size_t failures() const { return failures_; }

  private:
    struct Literal {
        std::uint64_t at = 0, end = 0;  // wire offsets still to be sent
    };

    Step go_on(std::size_t piece, Waiting waiting);
    void drop_response();
    bool next_batch(Waiting waiting, Step& why_not);
    bool load_details(Waiting waiting);
    bool needs_summary(std::uint32_t row) const;
    bool finish_message(std::size_t piece);  // false: the buffer is full
    Result<void> answer(const imap::FetchItem& item, std::size_t piece);
    Result<void> answer_octets(const imap::FetchItem& item, std::size_t piece);
    Result<void> continue_literal(std::size_t piece);
    bool encodings_known() const;
    Result<void> answer_binary(const imap::FetchItem& item, std::size_t piece);
    Result<void> continue_binary(std::size_t piece);
    Result<void> read_exactly(std::uint64_t wire_offset, std::size_t octets);
    const message::Summary& summary() const;
    void fail(Error error);

    archive::Archive& archive_;
    const std::string& owner_;
    Walk walk_;
    const std::vector<imap::FetchItem>& items_;
    const Manner manner_;
    bool marks_seen_ = false, gives_modseq_ = false, needs_octets_ = false, needs_summary_ = false, needs_size_ = false,
         gives_flags_ = false;

    std::string buffer_;
    bool walking_ = false;  // walk_ stands on a block
    std::size_t at_ = 0;    // in walk_.picked()
    std::size_t batch_begin_ = 0, batch_end_ = 0;
    std::size_t batch_limit_ = 16;
    std::vector<std::optional<Result<archive::Details>>> details_;  // of the batch; nullopt: not needed

    // The message under way.
    std::optional<imap::FetchResponse> response_;
    std::size_t item_ = 0;
    std::size_t began_ = 0;    // where its response starts in the buffer
    bool handed_out_ = false;  // a part of it was taken from the buffer
    std::unique_ptr<archive::WireReader> reader_;
    std::optional<Literal> literal_;
    std::optional<BinaryReader> binary_;  // of a literal under way
    std::uint64_t binary_left_ = 0;       // of its octets
    BinaryBookmark own_bookmark_;
    BinaryBookmark* bookmark_ = &own_bookmark_;
    bool unknown_encoding_ = false;
    bool all_lazy_ = true;  // whoever needs a summary can do without

    ModSeq highest_modseq_;
    NumberSet seen_, told_;
    std::optional<Failure> failure_;
    std::size_t failures_ = 0;
    bool broken_ = false;
};

}  // namespace imaparc::session
