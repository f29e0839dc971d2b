// ESEARCH (RFC 4466 2.6.2, RFC 4731, RFC 9051 7.3.4) in pieces, so that a list of any length needs no memory; and
// UIDBATCHES.
//
//   * ESEARCH (TAG "a1") UID MIN 2 COUNT 5 ALL 2,10:13
//
// Any thread; the buffer is the caller's, and may be emptied between the calls.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "base/number_set.h"
#include "imap/command.h"

namespace imaparc::imap {

// Items in the order of the calls; each at most once.
class EsearchResponse {
  public:
    explicit EsearchResponse(std::string& out) : out_(out) {}

    void begin(std::string_view tag, Numbering by);  // UID, if that is what it counts by
    // Of one of several mailboxes, in UIDs (RFC 7377 2.1).
    void begin(std::string_view tag, std::string_view path, NameForm form, UidValidity uid_validity);
    void min(std::uint32_t number);
    void max(std::uint32_t number);
    void count(std::uint64_t number);
    void modseq(ModSeq highest);  // RFC 4731 3.2

    // RELEVANCY and the scores between; there may be none (RFC 6203 7).
    void relevancy();
    void score(std::uint8_t score);
    void end_relevancy();

    // ALL and its ranges, one at least.
    void all();
    void range(NumberRange range);
    // PARTIAL, the ranges between; no range is NIL (RFC 9394 4).
    void partial(const ResultRange& asked);
    void end_partial();

    void end();

  private:
    std::string& out_;
    bool first_ = true;  // nothing stands in the list yet
};

// " (MODSEQ n)", before the end of SEARCH and SORT that found something (RFC 7162 3.1.6).
void render_search_modseq(std::string& out, ModSeq highest);

// * UIDBATCHES (TAG "b1") 30:20,12:5 : descending, each range from high to low (RFC 10022 3.1.2); may be none.
void render_uid_batches_begin(std::string& out, std::string_view tag);
void render_uid_batch(std::string& out, std::uint32_t high, std::uint32_t low, bool first);
void render_uid_batches_end(std::string& out);

}  // namespace imaparc::imap
