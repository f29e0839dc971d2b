// SEARCH and UID SEARCH: the keys of RFC 3501 6.4.4 to search::Criteria.
#include <algorithm>
#include <array>

#include "base/text.h"
#include "imap/grammar.h"
#include "imap/parsers.h"
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
    flag,        // `text` is set
    no_flag,     // ... is not
    keyword,     // SP flag-keyword
    no_keyword,
    date,      // SP date
    octets,    // SP number
    string,    // SP astring
    header,    // SP header-fld-name SP astring
    uid,       // SP sequence-set
    negation,  // SP search-key
    either,    // SP search-key SP search-key
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
    Key{"FLAGGED", Shape::flag, Kind::flag, "\\Flagged"},
    Key{"FROM", Shape::string, Kind::from},
    Key{"HEADER", Shape::header, Kind::header},
    Key{"KEYWORD", Shape::keyword, Kind::flag},
    Key{"LARGER", Shape::octets, Kind::larger},
    Key{"NEW", Shape::nothing},
    Key{"NOT", Shape::negation},
    Key{"OLD", Shape::everything},
    Key{"ON", Shape::date, Kind::on},
    Key{"OR", Shape::either},
    Key{"RECENT", Shape::nothing},
    Key{"SEEN", Shape::flag, Kind::flag, "\\Seen"},
    Key{"SENTBEFORE", Shape::date, Kind::sent_before},
    Key{"SENTON", Shape::date, Kind::sent_on},
    Key{"SENTSINCE", Shape::date, Kind::sent_since},
    Key{"SINCE", Shape::date, Kind::since},
    Key{"SMALLER", Shape::octets, Kind::smaller},
    Key{"SUBJECT", Shape::string, Kind::subject},
    Key{"TEXT", Shape::string, Kind::text},
    Key{"TO", Shape::string, Kind::to},
    Key{"UID", Shape::uid, Kind::uid_set},
    Key{"UNANSWERED", Shape::no_flag, Kind::flag, "\\Answered"},
    Key{"UNDELETED", Shape::no_flag, Kind::flag, "\\Deleted"},
    Key{"UNDRAFT", Shape::no_flag, Kind::flag, "\\Draft"},
    Key{"UNFLAGGED", Shape::no_flag, Kind::flag, "\\Flagged"},
    Key{"UNKEYWORD", Shape::no_keyword, Kind::flag},
    Key{"UNSEEN", Shape::no_flag, Kind::flag, "\\Seen"},
};

class SearchParser {
  public:
    explicit SearchParser(Cursor& cursor) : cursor_(cursor) {}

    // "CHARSET" SP astring SP
    void charset() {
        if (!cursor_.consume_if_word("CHARSET")) return;
        cursor_.space();
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
        if (is_digit(cursor_.peek()) || cursor_.next_is('*')) {
            auto criteria = node(Kind::number_set);
            criteria.set = cursor_.sequence_set();
            return criteria;
        }
        const auto row =
            std::find_if(keys.begin(), keys.end(), [&](const Key& k) { return cursor_.consume_if_word(k.name); });
        if (row == keys.end()) {
            cursor_.expected("a search key of RFC 3501 6.4.4, like UNSEEN, SINCE 1-Feb-1994, FROM \"Smith\" or 1:4,7");
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
        auto criteria = node(row.kind);
        cursor_.space();
        if (row.shape == Shape::date) {
            criteria.day = cursor_.date();
        } else if (row.shape == Shape::octets) {
            criteria.size = cursor_.number("a number of octets below 4294967296");
        } else if (row.shape == Shape::uid) {
            criteria.set = cursor_.sequence_set();
        } else if (row.shape == Shape::header) {
            criteria.field = cursor_.astring("the name of a header field");
            cursor_.space();
            criteria.string = text();
        } else {  // either
            criteria.kind = Kind::any_of;
            criteria.children.push_back(key(depth + 1));
            cursor_.space();
            criteria.children.push_back(key(depth + 1));
        }
        return criteria;
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

// search = "SEARCH" [SP "CHARSET" SP astring] 1*(SP search-key)
Command parse_search(Cursor& cursor, const Verb& row) {
    Search search;
    search.by = numbering(row);
    cursor.space();
    SearchParser parser(cursor);
    parser.charset();
    search.criteria = parser.all(1);
    cursor.end();
    return search;
}

}  // namespace imaparc::imap
