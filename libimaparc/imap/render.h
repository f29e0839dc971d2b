// Responses as text. Every function appends to the session's output buffer and allocates nothing of its own: FETCH of
// 100,000 messages goes through here.
//
// Whatever the arguments hold, a response cannot carry CR or LF that is not its own: free text is made printable
// US-ASCII, strings are quoted or sent as literals, keywords that are no atoms are left out.
//
// Any thread; the buffer is the caller's.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/flags.h"
#include "base/ids.h"
#include "base/number_set.h"
#include "imap/command.h"
#include "message/summary.h"

namespace imaparc::imap {

// ---- status responses (RFC 3501 7.1, RFC 5530)

enum class Condition : std::uint8_t { ok, no, bad, bye, preauth };

enum class Code : std::uint8_t {
    none,
    alert,
    bad_charset,
    capability,
    parse,
    permanent_flags,
    read_only,
    read_write,
    try_create,
    uid_next,
    uid_validity,
    unseen,  // RFC 3501
    unavailable,
    authentication_failed,
    authorization_failed,
    expired,
    privacy_required,
    contact_admin,
    no_perm,
    in_use,
    expunge_issued,
    corruption,
    server_bug,
    client_bug,
    cannot,
    limit,
    over_quota,
    already_exists,
    nonexistent,     // 5530
    uid_not_sticky,  // RFC 4315
    not_saved,       // RFC 5182
    closed,
    highest_modseq,
    no_modseq,
    modified,            // RFC 7162
    unknown_cte,         // RFC 3516
    too_big,             // RFC 4469
    use_attr,            // RFC 6154
    compression_active,  // RFC 4978
    bad_comparator,      // RFC 5255
    has_children,        // RFC 9051
    metadata,            // RFC 5464
    notification_overflow,
    no_update,      // RFC 5267
    bad_event,      // RFC 5465
    mailbox_id,     // RFC 8474
    uid_required,   // RFC 9586
    in_progress,    // RFC 9585
    message_limit,  // RFC 9738
    too_few,
    too_many,  // RFC 10022
};
std::string_view to_string(Code code);  // "UIDNEXT"; "" for none

// A code and what stands behind it. `[UIDNEXT 4392]` is {Code::uid_next, 4392}.
struct StatusCode {
    Code code = Code::none;
    std::string arguments;  // as they stand behind the code; "" for none

    StatusCode() = default;
    StatusCode(Code c) : code(c) {}
    StatusCode(Code c, std::string text) : code(c), arguments(std::move(text)) {}
    StatusCode(Code c, std::uint64_t number) : code(c), arguments(std::to_string(number)) {}
};
// [PERMANENTFLAGS (\Answered ... keyword ... \*)]
enum class NewKeywords : std::uint8_t { refused, allowed };  // "\*"
StatusCode permanent_flags(std::uint8_t system, const std::vector<std::string>& keywords, NewKeywords keywords_allowed);
// [BADCHARSET (US-ASCII UTF-8 ...)]
StatusCode bad_charset();

// "a1 OK [CODE] text" CRLF. A tag of "*" is an untagged response.
// `form`: us_ascii, unless the client chose a language other than i-default (RFC 5255 3.5).
enum class TextForm : std::uint8_t { us_ascii, utf8 };
void render_status_response(std::string& out, std::string_view tag, Condition condition, const StatusCode& code,
                            std::string_view text, TextForm form = TextForm::us_ascii);
inline void render_untagged(std::string& out, Condition condition, const StatusCode& code, std::string_view text) {
    render_status_response(out, "*", condition, code, text);
}
// "+ text" CRLF; for SASL the BASE64 challenge, which may be "".
void render_continuation(std::string& out, std::string_view text);

// ---- strings (RFC 3501 4.3, 9)

void render_number(std::string& out, std::uint64_t number);
// A quoted string, or a literal if there is CR, LF or an 8-bit octet; NUL is sent as 0x80 (no literal may hold it).
void render_string(std::string& out, std::string_view text);
void render_nstring(std::string& out, const message::Nstring& text);
void render_astring(std::string& out, std::string_view text);        // an atom where it can be one
void render_literal_header(std::string& out, std::uint64_t octets);  // "{n}" CRLF; n octets must follow
// A mailbox name; in UTF-8 it is a quoted string where it is no atom (RFC 6855 3, RFC 9051 9).
void render_mailbox(std::string& out, std::string_view path, NameForm form);
// Free text made fit for a response line: printable US-ASCII or UTF-8, bounded length, never empty.
void render_text(std::string& out, std::string_view text, TextForm form = TextForm::us_ascii);

// ---- about the server (RFC 3501 7.2.1, RFC 2342, 2971, 5161)

void render_capability(std::string& out, std::span<const std::string_view> capabilities);
void render_enabled(std::string& out, std::span<const std::string> capabilities);
void render_id(std::string& out, std::span<const std::pair<std::string_view, std::string_view>> fields);  // empty: NIL
void render_namespace(std::string& out);  // one personal namespace "", delimiter '/'

// ---- about mailboxes (RFC 3501 7.2); LIST, LSUB and XLIST: render_list.h

// * STATUS name (MESSAGES 231 UIDNEXT 44292)
struct StatusValue {
    StatusItem item;
    std::uint64_t number = 0;
    std::string id = {};  // of mailbox_id
};
void render_status(std::string& out, std::string_view path, NameForm form, std::span<const StatusValue> values);
std::string_view to_string(StatusItem item);

// ---- about the selected mailbox (RFC 3501 7.2.6, 7.3, 7.4.1)

void render_flags(std::string& out, std::uint8_t system, const std::vector<std::string>& keywords);  // * FLAGS (...)
void render_exists(std::string& out, std::uint32_t count);
void render_recent(std::string& out, std::uint32_t count);
void render_expunge(std::string& out, Number number);
// * VANISHED 405,407:410 (RFC 7162 3.2.10); nothing for no ranges. Who has many gives a piece at a time.
enum class Earlier : std::uint8_t { no, yes };  // VANISHED (EARLIER)
void render_vanished(std::string& out, std::span<const NumberRange> uids, Earlier earlier);
// * SEARCH 2 84 882, in pieces: begin, numbers, end. No number at all is "* SEARCH".
void render_search_begin(std::string& out);
void render_search_number(std::string& out, std::uint32_t number);
void render_search_end(std::string& out);

// ---- FETCH (RFC 3501 7.4.2)

// One untagged FETCH or, for clients that enabled UIDONLY, UIDFETCH (RFC 9586 3.3), item by item: FetchResponse, items,
// end(). Octets of a section are the caller's to
// append to the buffer, or to send after it, directly behind section_literal().
class FetchResponse {
  public:
    FetchResponse(std::string& out, Number number);
    FetchResponse(std::string& out, Uid uid);  // UIDFETCH
    void uid(Uid uid);
    void flags(const FlagBits& flags, const std::vector<std::string>& keywords);  // keywords: bit number -> name
    void internal_date(Seconds date, std::int32_t zone_minutes);                  // the zone to show it in
    void rfc822_size(std::uint64_t octets);
    void mod_seq(ModSeq modseq);                                                    // RFC 7162
    void email_id(std::string_view id);                                             // RFC 8474
    void thread_id_nil();                                                           // RFC 8474
    void save_date(const std::optional<Seconds>& date, std::int32_t zone_minutes);  // RFC 8514
    void envelope(const message::Envelope& envelope);
    void body(const message::Part& root);
    void body_structure(const message::Part& root);
    void section_literal(const FetchItem& item, std::uint64_t octets);    // NAME {octets} CRLF
    void section_string(const FetchItem& item, std::string_view octets);  // the same and the octets
    void section_nil(const FetchItem& item);                              // NAME NIL
    void binary_literal8(const FetchItem& item, std::uint64_t octets);    // NAME ~{octets} CRLF (RFC 3516)
    void binary_size(const FetchItem& item, std::uint64_t octets);
    void preview(const message::Nstring& text);  // nullopt: NIL (RFC 8970 4.1)
    void end();

  private:
    void separate();
    std::string& out_;
    bool first_ = true;
};

// Parts of it, for tests and other answers.
void render_envelope(std::string& out, const message::Envelope& envelope);
enum class Extensions : std::uint8_t { no, yes };  // BODY, BODYSTRUCTURE
void render_part(std::string& out, const message::Part& part, Extensions extensions);
// "17-Jul-1996 02:44:25 -0700", without quotes
void render_date_time(std::string& out, Seconds date, std::int32_t zone_minutes);
// "BODY[1.2.HEADER.FIELDS (DATE FROM)]<0>": what was asked, as the answer names it
void render_item_name(std::string& out, const FetchItem& item);

}  // namespace imaparc::imap
