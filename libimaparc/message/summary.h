// The summary of one message: what IMAP clients ask of it without wanting its bytes. Computed once, when the archive
// service first reads the message, kept in the catalog as bytes, read back without copying a string.
//
// Two coordinate systems. *raw*: offsets in the bytes as the store has them. *wire*: offsets in what IMAP sends, where
// every LF not preceded by CR has gained one (RFC 3501 wants CRLF; a lone CR stays) and NUL is sent as 0x80. All part
// boundaries stand at line starts (or the end), so both are known for each.
//
// Broken mail is the rule: a parse never fails. Depth and number of parts, headers and parameters are bounded
// (limits below); what lies beyond is opaque text of the innermost part. In strings from headers NUL is 0x80 and a
// stray CR a space, so that every one can be sent as an IMAP string.
//
// Any thread; values only. Strings are views into `backing` (or into the bytes given to decode_summary, which must
// outlive it): a Summary may be moved, not copied.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/digest.h"
#include "base/error.h"

namespace imaparc::message {

using Nstring = std::optional<std::string_view>;  // nullopt is IMAP's NIL

// RFC 3501 7.4.2, "address". Group syntax: a start has mailbox = the group's name and no host, an end has neither.
// What a broken address lacks reads "MISSING_MAILBOX", "MISSING_DOMAIN", "SYNTAX_ERROR", as in Dovecot (address.h).
struct Address {
    Nstring name;   // as in the header, unfolded and unquoted; encoded words are left as they are (RFC 2047 7)
    Nstring route;  // source route, "@a,@b"
    Nstring mailbox;
    Nstring host;
};

struct Envelope {
    Nstring date, subject;  // unfolded, without white space around them; of several fields the last
    std::vector<Address> from, sender, reply_to, to, cc, bcc;  // sender, reply_to as they stand: see effective_*
    Nstring in_reply_to, message_id;

    // From, where Sender or Reply-To is absent or empty (RFC 3501 7.4.2).
    const std::vector<Address>& effective_sender() const { return sender.empty() ? from : sender; }
    const std::vector<Address>& effective_reply_to() const { return reply_to.empty() ? from : reply_to; }
};

struct Parameter {
    // As written, quoting undone. Pieces of RFC 2231 are joined; an extended one keeps its form, the name its '*' and
    // the value "charset'language'percent-encoded" (parameters.h; parameter_value() there undoes it for our own use).
    std::string_view name;
    std::string_view value;
};

struct Place {
    std::uint64_t raw = 0, wire = 0;
};

// A node of BODYSTRUCTURE (RFC 3501 7.4.2), ready to be shown: a multipart has at least one child (an empty text where
// the message has none), a message exactly one and an envelope, text has a charset parameter (us-ascii where absent).
struct Part {
    enum class Kind : std::uint8_t { basic, text, message, multipart };

    Kind kind = Kind::text;
    std::string_view type, subtype;  // as written; defaults TEXT PLAIN (RFC 2045 5.2), in digests MESSAGE RFC822
    std::vector<Parameter> parameters;
    Nstring id, description, md5, location;  // of several fields the first
    std::string_view encoding;               // "7BIT" where absent
    Nstring disposition;
    std::vector<Parameter> disposition_parameters;
    std::vector<std::string_view> languages;

    Place header;  // where the MIME header starts
    Place body;    // where the body starts (after the empty line)
    Place end;     // one past the body; the line end before a boundary belongs to the boundary (RFC 2046 5.1.1)
    std::uint32_t lines = 0;  // of the body, wire form

    std::vector<Part> children;          // multipart: its parts; message: one child, the enclosed message's root
    std::unique_ptr<Envelope> envelope;  // message: the enclosed message's

    std::uint64_t octets() const { return end.wire - body.wire; }
};

struct Summary {
    std::uint64_t raw_size = 0, wire_size = 0;
    Sha256 digest{};                     // of the raw bytes
    bool has_nul = false;                // somewhere in the bytes
    std::optional<Seconds> sent;         // the Date field as UTC, RFC 5256's "sent date" before its fallback
    std::int32_t sent_zone_minutes = 0;  // its zone; SENTBEFORE & co. disregard it (RFC 3501 6.4.4)
    Envelope envelope;
    // The message IDs of References in order, normalised (message_id.h); empty where the field is missing or has none.
    // At most max_references in max_reference_octets: of more the first and the last, as mailers cut them.
    std::vector<std::string_view> references;
    // What the message says at its beginning (RFC 8970 3.3): UTF-8 without control characters, white space folded to
    // single spaces, at most max_preview_characters. "" if there is nothing to say (preview.h).
    std::string_view preview;
    Part root;                       // root.header is 0; root.kind as the top-level Content-Type says
    std::vector<Place> checkpoints;  // ascending, one each `checkpoint_every` wire bytes, none in small messages

    std::string_view backing() const { return backing_ ? std::string_view(*backing_) : std::string_view{}; }
    std::shared_ptr<const std::string> backing_;
};

constexpr std::uint64_t checkpoint_every = 128 * 1024;

// Bounds on what a hostile message can make of us; stated in imaparc-protocol's limits.
constexpr unsigned max_depth = 100;                // nested multiparts and messages
constexpr unsigned max_parts = 10000;              // in one message
constexpr std::size_t max_header_bytes = 1 << 20;  // of one header block looked at for structure; the bytes still pass
constexpr unsigned max_addresses = 10000;          // in one field
constexpr unsigned max_parameters = 200;           // in one field
constexpr std::size_t max_summary_text = 4 << 20;  // all strings of a summary; later ones are empty
constexpr std::size_t max_references = 256;
constexpr std::size_t max_reference_octets = 16 * 1024;
constexpr std::size_t max_preview_characters = 200;  // RFC 8970 3.3

// A message in pieces, front to back; memory is bounded by the limits above, not by the message. One thread at a time;
// after finish() (once) the parser is of no more use.
class SummaryParser {
  public:
    SummaryParser();
    ~SummaryParser();
    SummaryParser(SummaryParser&&) noexcept;
    void feed(std::string_view raw);
    Summary finish();

  private:
    struct Inside;
    std::unique_ptr<Inside> inside_;
};

Summary parse_summary(std::string_view raw);

// The catalog's form. decode: damaged if the bytes are not what encode makes (never reads outside, whatever they are);
// `invalid` with the text "version" if made by another version: compute anew.
std::string encode_summary(const Summary& summary);
Result<Summary> decode_summary(std::string_view bytes);

}  // namespace imaparc::message
