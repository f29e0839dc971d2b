// The keys of SEARCH (RFC 3501 6.4.4 and its extensions) to search::Criteria.
#include <algorithm>
#include <array>

#include "base/text.h"
#include "imap/grammar.h"
#include "imap/parse.h"
#include "imap/parse_modifiers.h"
#include "imap/parse_search_program.h"
#include "message/text.h"

namespace imaparc::imap {

namespace {

using search::Criteria;
using Kind = Criteria::Kind;

Criteria node(Kind kind) {
    Criteria criteria;
    criteria.kind = kind;
    return criteria;
}

Criteria with_string(Kind kind, std::string string) {
    auto criteria = node(kind);
    criteria.string = std::move(string);
    return criteria;
}

Criteria negated(Criteria child) {
    auto criteria = node(Kind::none_of);
    criteria.children.push_back(std::move(child));
    return criteria;
}

// What a key is followed by, and so what it makes.
enum class Shape : std::uint8_t {
    everything,  // ALL, OLD: \Recent is never set on an archive
    nothing,     // RECENT, NEW
    plain,       // nothing; the kind says it all
    flag,        // `text` is set
    no_flag,     // ... is not
    keyword,     // SP flag-keyword
    no_keyword,
    date,        // SP date
    octets,      // SP number64 (RFC 9051)
    interval,    // SP nz-number
    string,      // SP astring
    header,      // SP header-fld-name SP astring
    uid,         // SP sequence-set
    uid_after,   // SP uniqueid
    uid_before,  // SP uniqueid
    modseq,      // [SP entry-name SP entry-type-req] SP mod-sequence-valzer
    object_id,   // SP objectid
    negation,    // SP search-key
    fuzzy,       // SP search-key
    either,      // SP search-key SP search-key
};

struct Key {
    std::string_view name;
    Shape shape;
    Kind kind = Kind::all_of;
    std::string_view text = {};
};

constexpr std::array keys = {
    Key{"ALL", Shape::everything},
    Key{"ANSWERED", Shape::flag, Kind::flag, "\\Answered"},
    Key{"BCC", Shape::string, Kind::bcc},
    Key{"BEFORE", Shape::date, Kind::before},
    Key{"BODY", Shape::string, Kind::body},
    Key{"CC", Shape::string, Kind::cc},
    Key{"DELETED", Shape::flag, Kind::flag, "\\Deleted"},
    Key{"DRAFT", Shape::flag, Kind::flag, "\\Draft"},
    Key{"EMAILID", Shape::object_id, Kind::email_id},  // RFC 8474
    Key{"FLAGGED", Shape::flag, Kind::flag, "\\Flagged"},
    Key{"FROM", Shape::string, Kind::from},
    Key{"FUZZY", Shape::fuzzy},  // RFC 6203
    Key{"HEADER", Shape::header, Kind::header},
    Key{"KEYWORD", Shape::keyword, Kind::flag},
    Key{"LARGER", Shape::octets, Kind::larger},
    Key{"MODSEQ", Shape::modseq, Kind::modseq},  // RFC 7162
    Key{"NEW", Shape::nothing},
    Key{"NOT", Shape::negation},
    Key{"OLD", Shape::everything},
    Key{"OLDER", Shape::interval, Kind::older},  // RFC 5032
    Key{"ON", Shape::date, Kind::on},
    Key{"OR", Shape::either},
    Key{"RECENT", Shape::nothing},
    Key{"SAVEDATESUPPORTED", Shape::plain, Kind::save_date_supported},  // RFC 8514
    Key{"SAVEDBEFORE", Shape::date, Kind::saved_before},
    Key{"SAVEDON", Shape::date, Kind::saved_on},
    Key{"SAVEDSINCE", Shape::date, Kind::saved_since},
    Key{"SEEN", Shape::flag, Kind::flag, "\\Seen"},
    Key{"SENTBEFORE", Shape::date, Kind::sent_before},
    Key{"SENTON", Shape::date, Kind::sent_on},
    Key{"SENTSINCE", Shape::date, Kind::sent_since},
    Key{"SINCE", Shape::date, Kind::since},
    Key{"SMALLER", Shape::octets, Kind::smaller},
    Key{"SUBJECT", Shape::string, Kind::subject},
    Key{"TEXT", Shape::string, Kind::text},
    Key{"THREADID", Shape::object_id, Kind::thread_id},  // RFC 8474
    Key{"TO", Shape::string, Kind::to},
    Key{"UID", Shape::uid, Kind::uid_set},
    Key{"UIDAFTER", Shape::uid_after, Kind::uid_set},  // RFC 9738
    Key{"UIDBEFORE", Shape::uid_before, Kind::uid_set},
    Key{"UNANSWERED", Shape::no_flag, Kind::flag, "\\Answered"},
    Key{"UNDELETED", Shape::no_flag, Kind::flag, "\\Deleted"},
    Key{"UNDRAFT", Shape::no_flag, Kind::flag, "\\Draft"},
    Key{"UNFLAGGED", Shape::no_flag, Kind::flag, "\\Flagged"},
    Key{"UNKEYWORD", Shape::no_keyword, Kind::flag},
    Key{"UNSEEN", Shape::no_flag, Kind::flag, "\\Seen"},
    Key{"YOUNGER", Shape::interval, Kind::younger},
};

class SearchParser {
  public:
    explicit SearchParser(Cursor& cursor) : cursor_(cursor) {}

    // "CHARSET" SP astring SP, or the astring SP alone
    void charset(CharsetForm form) {
        if (form == CharsetForm::optional) {
            if (!cursor_.consume_if_word("CHARSET")) return;
            cursor_.space();
        }
        charset_ = cursor_.astring("the name of a charset");
        cursor_.space();
        if (!cursor_.failed() && !message::known_charset(charset_)) cursor_.fail_charset(charset_);
        if (ascii_iequals(charset_, "US-ASCII") || ascii_iequals(charset_, "UTF-8")) charset_.clear();
    }

    // search-key *(SP search-key): all of them must be true
    Criteria all(unsigned depth) {
        auto criteria = node(Kind::all_of);
        do {
            criteria.children.push_back(key(depth));
        } while (!cursor_.failed() && another());
        return criteria;
    }

  private:
    // A space and what could be a key behind it; spaces at the end of a command are tolerated.
    bool another() {
        Cursor ahead = cursor_;
        if (!ahead.consume_if(' ') || ahead.at_end() || ahead.next_is(' ')) return false;
        cursor_ = ahead;
        return true;
    }

    Criteria key(unsigned depth) {
        if (++count_ > max_search_keys) cursor_.fail("More than " + std::to_string(max_search_keys) + " search keys");
        if (depth > max_search_depth)
            cursor_.fail("NOT, OR and parentheses are nested deeper than " + std::to_string(max_search_depth));
        if (cursor_.failed()) return {};

        if (cursor_.consume_if('(')) {
            auto criteria = all(depth + 1);
            cursor_.expect(')');
            return criteria;
        }
        if (is_digit(cursor_.peek()) || cursor_.next_is('*') || cursor_.next_is('$'))
            return with_set(Kind::number_set, cursor_.sequence_set());
        const auto row =
            std::find_if(keys.begin(), keys.end(), [&](const Key& k) { return cursor_.consume_if_word(k.name); });
        if (row == keys.end()) {
            cursor_.expected("a search key, like UNSEEN, SINCE 1-Feb-1994, FROM \"Smith\" or 1:4,7");
            return {};
        }
        return arguments(*row, depth);
    }

    Criteria arguments(const Key& row, unsigned depth) {
        switch (row.shape) {
            case Shape::everything:
                return node(Kind::all_of);
            case Shape::nothing:
                return node(Kind::any_of);
            case Shape::plain:
                return node(row.kind);
            case Shape::flag:
                return with_string(Kind::flag, std::string(row.text));
            case Shape::no_flag:
                return negated(with_string(Kind::flag, std::string(row.text)));
            case Shape::keyword:
                return with_string(Kind::flag, keyword());
            case Shape::no_keyword:
                return negated(with_string(Kind::flag, keyword()));
            case Shape::string:
                cursor_.space();
                return with_string(row.kind, text());
            case Shape::negation:
                cursor_.space();
                return negated(key(depth + 1));
            default:
                break;
        }
        cursor_.space();
        auto criteria = node(row.kind);
        switch (row.shape) {
            case Shape::date:
                criteria.day = cursor_.date();
                break;
            case Shape::octets:
                criteria.size = parse_number63(cursor_, Zero::allowed, "a number of octets below 9223372036854775808");
                break;
            case Shape::interval:
                criteria.size = cursor_.nonzero_number("a number of seconds from 1 to 4294967295");
                break;
            case Shape::uid:
                return with_set(row.kind, cursor_.sequence_set());
            case Shape::uid_after:
                return uids_from(std::uint64_t{uid()} + 1, NumberRange::largest);
            case Shape::uid_before:
                return uids_from(1, uid() - 1);
            case Shape::header:
                criteria.field = cursor_.astring("the name of a header field");
                cursor_.space();
                criteria.string = text();
                break;
            case Shape::modseq:
                criteria.size = modseq();
                break;
            case Shape::object_id:
                criteria.string = object_id();
                break;
            case Shape::fuzzy:
                criteria.kind = Kind::fuzzy;
                criteria.children.push_back(key(depth + 1));
                break;
            default:  // either
                criteria.kind = Kind::any_of;
                criteria.children.push_back(key(depth + 1));
                cursor_.space();
                criteria.children.push_back(key(depth + 1));
                break;
        }
        return criteria;
    }

    // "$" holds UIDs, whatever it is written among (RFC 5182 2.2, example 3).
    static Criteria with_set(Kind kind, NumberSet set) {
        if (set.is_saved_result()) return node(Kind::saved_result);
        auto criteria = node(kind);
        criteria.set = std::move(set);
        return criteria;
    }

    std::uint32_t uid() { return cursor_.nonzero_number("a UID from 1 to 4294967295"); }

    // first:last without the turning round that a sequence set does (RFC 9738 3.2: UIDAFTER of the last UID is
    // nothing).
    static Criteria uids_from(std::uint64_t first, std::uint32_t last) {
        if (first > last) return node(Kind::any_of);
        auto criteria = node(Kind::uid_set);
        criteria.set.add(static_cast<std::uint32_t>(first), last);
        return criteria;
    }

    // search-modsequence = "MODSEQ" [SP entry-name SP entry-type-req] SP mod-sequence-valzer; there is one
    // mod-sequence a message here, so the entry "/flags/..." and its type are read and ignored (RFC 7162 3.1.5).
    std::uint64_t modseq() {
        if (cursor_.string_ahead()) {
            const auto entry = cursor_.string("the name of a flag's entry");
            if (!ascii_istarts_with(entry, "/flags/") || entry.size() == std::string_view("/flags/").size())
                cursor_.fail("MODSEQ knows the entries of flags only, like \"/flags/\\\\Seen\"");
            cursor_.space();
            const auto type = cursor_.atom("priv, shared or all");
            if (!ascii_iequals(type, "priv") && !ascii_iequals(type, "shared") && !ascii_iequals(type, "all"))
                cursor_.fail("The type of an entry is priv, shared or all");
            cursor_.space();
        }
        return parse_modseq(cursor_, Zero::allowed).value;
    }

    // objectid = 1*255(ALPHA / DIGIT / "_" / "-")
    std::string object_id() {
        constexpr std::size_t longest = 255;
        const auto id = cursor_.take_while([](char c) {
            return is_digit(c) || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' || c == '-';
        });
        if (id.empty() || id.size() > longest) cursor_.expected("an object id of 1 to 255 letters, digits, _ and -");
        return std::string(id);
    }

    std::string keyword() {
        cursor_.space();
        return std::string(cursor_.atom("a keyword"));
    }

    // An astring in the charset, as UTF-8. Without one it is US-ASCII; 8-bit octets are taken if they are UTF-8.
    std::string text() {
        auto sent = cursor_.astring("a string");
        if (cursor_.failed()) return sent;
        if (charset_.empty()) {
            if (!valid_utf8(sent))
                cursor_.fail("A search string is neither US-ASCII nor UTF-8, and CHARSET names no other");
            return sent;
        }
        auto converted = message::to_utf8(charset_, sent);
        if (!converted) {
            cursor_.fail_charset(charset_);
            return {};
        }
        return std::move(*converted);
    }

    Cursor& cursor_;
    std::string charset_;  // "": US-ASCII or UTF-8
    unsigned count_ = 0;
};

}  // namespace

search::Criteria parse_search_keys(Cursor& cursor, CharsetForm form) {
    SearchParser parser(cursor);
    parser.charset(form);
    return parser.all(1);
}

}  // namespace imaparc::imap
