// Mailbox names: the path the index knows (UTF-8, levels joined by '/') and what stands on the wire (modified UTF-7,
// RFC 3501 5.1.3); patterns of LIST and LSUB.
//
// Any thread; values and pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace imaparc::imap {

constexpr char delimiter = '/';

// How names stand on the wire: in modified UTF-7, or, once the client has enabled UTF8=ACCEPT (RFC 6855) or IMAP4rev2
// (RFC 9051 5.1), as they are.
enum class NameForm : std::uint8_t { modified_utf7, utf8 };

// Modified UTF-7 of well-formed UTF-8 (bytes that are none become U+FFFD).
std::string encode_mutf7(std::string_view utf8);
// nullopt: not modified UTF-7 (an 8-bit octet, an unfinished or superfluous shift, printable US-ASCII in BASE64, a lone
// surrogate, bits left over).
std::optional<std::string> decode_mutf7(std::string_view wire);

// A mailbox name as a command had it.
struct MailboxName {
    std::string path;  // UTF-8; "INBOX" for INBOX in any case (RFC 3501 5.1)
    bool valid =
        true;  // false: neither modified UTF-7 nor UTF-8, so no mailbox can have it; path is then what was sent
    bool operator==(const MailboxName&) const = default;
};

// From the wire. As modified UTF-7 a name with 8-bit octets is taken as the UTF-8 it is (clients that send it anyway
// mean it); as UTF-8 "&" is a letter like any other.
MailboxName mailbox_from_wire(std::string_view wire, NameForm form = NameForm::modified_utf7);
inline std::string mailbox_to_wire(std::string_view path, NameForm form = NameForm::modified_utf7) {
    return form == NameForm::utf8 ? std::string(path) : encode_mutf7(path);
}

// Reference and mailbox argument of LIST as one pattern (RFC 3501 6.3.8): one behind the other; a mailbox argument that
// starts at the root ('/') stands alone.
std::string joined_pattern(std::string_view reference, std::string_view pattern);
// What LIST with an empty mailbox argument answers: the reference's first level and its delimiter, "" if it has none.
std::string root_of(std::string_view reference);

// A pattern ready to be matched against many paths: '*' any octets, '%' any but the delimiter. INBOX matches in any
// case. A match costs at most (length of path) * (length of pattern) / 64 steps, and no recursion stands behind it.
class Pattern {
  public:
    explicit Pattern(std::string_view utf8_pattern);
    bool matches(std::string_view path) const;
    // The ancestors of `path` that match, nearest the root first: what LSUB answers as \Noselect when the pattern has
    // '%' and only something below is subscribed (RFC 3501 6.3.9).
    std::vector<std::string_view> matching_ancestors(std::string_view path) const;
    bool everything() const { return text_ == "*"; }

  private:
    using Word = std::uint64_t;
    const Word* places_of(char c) const { return places_.data() + static_cast<unsigned char>(c) * words_; }

    std::string text_;          // neighbouring wildcards united
    std::size_t literals_ = 0;  // octets that are no wildcards: a match is at least that long
    std::size_t words_ = 1;     // for one bit a place in text_ and one for its end
    std::vector<Word> places_;  // per octet value, where it stands in text_; empty: text_ has no wildcard
    std::vector<Word> stars_, percents_;
};

}  // namespace imaparc::imap
