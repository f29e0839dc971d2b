// Whether one message matches. Three-valued, so that the caller first asks with what it has in memory and reads the
// message only if that does not decide.
//
// A Matcher is immutable once built and may be shared; facts belong to the caller's thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/flags.h"
#include "base/ids.h"
#include "message/summary.h"
#include "message/text.h"
#include "search/collation.h"
#include "search/criteria.h"

namespace imaparc::search {

enum class Verdict : std::uint8_t { no, yes, unknown };

// Whether the mailbox knows when messages came into it (RFC 8514).
enum class SaveDates : std::uint8_t { not_supported, supported };

// A verdict and, where it is yes, the relevancy of RFC 6203: 1 to 100, 100 where nothing is fuzzy.
struct Scored {
    Verdict verdict = Verdict::no;
    std::uint8_t score = 0;
};

// What is known of a message; what is not there makes `unknown` where it is needed.
struct Facts {
    Number number;
    Uid uid;
    std::uint8_t system_flags = 0;
    const std::vector<std::string>* keywords = nullptr;  // set ones; nullptr: none
    Seconds internal_date = 0;
    SaveDates save_dates = SaveDates::not_supported;
    std::optional<Seconds> saved;  // nullopt: not known, the internal date takes its place
    ModSeq modseq;
    std::optional<std::uint64_t> size;  // RFC822.SIZE
    const message::Summary* summary = nullptr;
    std::function<Result<std::string>()> header;  // the whole header, raw; empty: not at hand, or read through `raw`
    message::ReadRaw raw;                         // the message's bytes, used with `summary`; empty: not at hand
};

class Matcher {
  public:
    // `largest_number`, `largest_uid` resolve '*'; `now` is what older/younger count from; dates of `before`... are
    // days in the server's local zone, as INTERNALDATE shows them.
    Matcher(const Criteria& criteria, Number largest_number, Uid largest_uid, Seconds now,
            Fields fields = Fields::header, Collation collation = Collation::unicode_casemap);
    ~Matcher();
    Matcher(Matcher&&) noexcept;

    // Substrings are compared by the collation, after decoding, each field by itself; a match may cross the pieces
    // in which the body arrives. The message is read at most once, whatever the number of body and text keys. unknown
    // only while a fact is missing and it matters; with all facts it is yes or no. An error from header() or raw passes
    // through: a message that cannot be read is neither.
    Result<Verdict> match(const Facts& facts) const;
    // The same, and how well: of what FUZZY finds (RFC 6203 4) a match in a header counts more than one in the text.
    Result<Scored> match_scored(const Facts& facts) const;
    Need need() const;

  private:
    struct Inside;
    std::unique_ptr<const Inside> inside_;
};

}  // namespace imaparc::search
