#include "message/address.h"

#include <string>

#include "base/text.h"
#include "message/lexer.h"

namespace imaparc::message {
namespace {

constexpr std::string_view missing_mailbox = "MISSING_MAILBOX";
constexpr std::string_view missing_domain = "MISSING_DOMAIN";
constexpr std::string_view syntax_error = "SYNTAX_ERROR";
constexpr std::string_view invalid_route = "INVALID_ROUTE";

// Runs of white space to one space, as words of a phrase are apart.
std::string collapsed(std::string_view text) {
    std::string result;
    for (const char c : trimmed(text)) {
        if (!is_blank(c))
            result.push_back(c);
        else if (!result.empty() && result.back() != ' ')
            result.push_back(' ');
    }
    return result;
}

class AddressParser {
  public:
    AddressParser(std::string_view body, TextArena& arena, std::vector<Address>& out, std::size_t limit)
        : in_(body), arena_(arena), out_(out), limit_(limit) {}

    // address-list = (address *("," address)) / obs-addr-list
    void run() {
        while (next_element() && out_.size() < limit_) element();
        if (in_group_) out_.emplace_back();
    }

  private:
    // To the first byte of an element; false at the end. A ';' outside of a group parts addresses, too: Outlook's users
    // type it.
    bool next_element() {
        for (;;) {
            comment_.clear();
            in_.skip_cfws(&comment_);
            if (in_.take(',')) continue;
            if (!in_.at(';')) break;
            in_.advance();
            if (in_group_) out_.emplace_back();
            in_group_ = false;
        }
        return !in_.at_end();
    }

    // address = mailbox / group, by what follows the words: '<' a name-addr, ':' a group, '@' an addr-spec.
    void element() {
        const std::size_t start = in_.position();
        const Words words = phrase();
        if (in_.take('<')) {
            angle_addr(words.text.empty() ? Nstring() : Nstring(arena_.keep(words.text)));
        } else if (in_.at(':') && !in_group_ && words.count) {
            in_.advance();
            Address begin;
            begin.mailbox = arena_.keep(words.text);
            out_.push_back(begin);
            in_group_ = true;
            return;  // no separator before the first member
        } else if (in_.at('@')) {
            if (!addr_spec(start)) recover(start, words);
        } else if (in_.at_end() || in_.at(',') || in_.at(';')) {
            nameless(start, words);
        } else {
            recover(start, words);
        }
        skip_to_separator();
    }

    struct Words {
        std::string text;
        unsigned count = 0;
    };

    // phrase = 1*word / obs-phrase; words stay apart by one space where white space or a comment parted them.
    Words phrase() {
        Words result;
        bool apart = false;
        for (;;) {
            std::string word;
            if (in_.at('.')) {
                in_.advance();
                word = ".";
            } else if (!in_.quoted_string(word)) {
                word = in_.atom();
                if (word.empty()) break;
            }
            if (apart) result.text.push_back(' ');
            result.text += word;
            ++result.count;
            apart = in_.skip_cfws(&comment_);
        }
        return result;
    }

    // local-part = dot-atom / quoted-string / obs-local-part: words and dots, white space and comments undone. False
    // where two words stand side by side, or there is none.
    bool local_part(std::string& out) {
        bool after_word = false, any = false;
        for (;;) {
            in_.skip_cfws(&comment_);
            if (in_.at('.')) {
                in_.advance();
                out.push_back('.');
                after_word = false;
            } else if (in_.at('"') && !after_word) {
                if (!in_.quoted_string(out)) return false;
                after_word = true;
            } else {
                const std::string_view word = in_.atom();
                if (word.empty()) return any;
                if (after_word) return false;
                out += word;
                after_word = true;
            }
            any = true;
        }
    }

    // domain = dot-atom / domain-literal / obs-domain; "" if there is none.
    std::string domain() {
        std::string result;
        in_.skip_cfws(&comment_);
        if (in_.at('[')) {
            const std::size_t close = in_.text().find_first_of("],<>", in_.position());
            if (close == std::string_view::npos || in_.text()[close] != ']') return result;
            for (std::size_t i = in_.position(); i <= close; ++i)
                if (!is_blank(in_.text()[i])) result.push_back(in_.text()[i]);
            in_.rewind(close + 1);
            in_.skip_cfws(&comment_);
            return result;
        }
        for (;;) {
            result += in_.atom();
            in_.skip_cfws(&comment_);
            if (!in_.take('.')) return result;
            result.push_back('.');
            in_.skip_cfws(&comment_);
        }
    }

    // addr-spec = local-part "@" domain, and the comment that is its name.
    bool addr_spec(std::size_t start) {
        in_.rewind(start);
        std::string local, host;
        const bool has_local = local_part(local);
        if ((!has_local && !local.empty()) || !in_.take('@')) return false;
        host = domain();
        // A name that holds an '@' and was not quoted ("'ann@example.org' <ann@example.org>"): recover() knows better.
        if (in_.at('<')) return false;
        Address address;
        if (!comment_.empty()) address.name = arena_.keep(comment_);
        address.mailbox = has_local ? keep(local) : missing_mailbox;
        address.host = host.empty() ? missing_domain : keep(host);
        out_.push_back(address);
        return true;
    }

    // After '<': [obs-route] addr-spec ">".
    void angle_addr(Nstring name) {
        while (in_.take('<')) {
        }
        Address address;
        address.name = name;
        in_.skip_cfws();
        if (in_.at('@') || in_.at(',')) {
            const std::size_t start = in_.position();
            const std::size_t colon = in_.text().find_first_of(":<>", start);
            if (colon == std::string_view::npos || in_.text()[colon] != ':') {
                address.route = invalid_route;
                address.mailbox = missing_mailbox;
                address.host = missing_domain;
                out_.push_back(address);
                skip_past_angle();
                return;
            }
            std::string route;
            for (const char c : in_.text().substr(start, colon - start))
                if (!is_blank(c)) route.push_back(c);
            address.route = keep(route);
            in_.rewind(colon + 1);
        }
        std::string local, host;
        const bool well_formed = local_part(local);
        address.mailbox = local.empty() && !well_formed ? missing_mailbox : keep(local);
        if (in_.at('@') && well_formed) {
            in_.advance();
            host = domain();
            // An unclosed '<' at the element's end still says enough.
            const bool ends = in_.at('>') || in_.at_end() || in_.at(',') || in_.at(';');
            address.host = host.empty() || !ends ? syntax_error : keep(host);
        } else {
            const bool ends = in_.at('>') || in_.at_end();
            address.host = ends && (well_formed || local.empty()) ? missing_domain : syntax_error;
        }
        out_.push_back(address);
        skip_past_angle();
    }

    // Behind the '>' that closes this address, or, if another begins first, to the next separator.
    void skip_past_angle() {
        const std::size_t bracket = in_.text().find_first_of("<>", in_.position());
        if (bracket != std::string_view::npos && in_.text()[bracket] == '>') in_.rewind(bracket + 1);
    }

    // Words without '@' and without '<': one is a local part, several are a name.
    void nameless(std::size_t start, const Words& words) {
        const std::size_t end = in_.position();
        const std::string comment = comment_;
        std::string local;
        in_.rewind(start);
        const bool single = local_part(local) && in_.position() == end;
        in_.rewind(end);
        Address address;
        if (single) {
            if (!comment.empty()) address.name = arena_.keep(comment);
            address.mailbox = keep(local);
        } else {
            if (words.count) address.name = arena_.keep(words.text);
            address.mailbox = missing_mailbox;
        }
        address.host = missing_domain;
        out_.push_back(address);
    }

    // The grammar does not cover this element. If it has an angle-addr, all before it was meant as the name
    // ("[List] <list@example.org>"); else its words are shown as the name of nobody.
    void recover(std::size_t start, const Words& words) {
        in_.rewind(start);
        skip_until(",;<");
        if (in_.at('<')) {
            std::string name = collapsed(in_.text().substr(start, in_.position() - start));
            in_.advance();
            angle_addr(name.empty() ? Nstring() : Nstring(arena_.keep(name)));
            return;
        }
        Address address;
        if (words.count) address.name = arena_.keep(words.text);
        address.mailbox = missing_mailbox;
        address.host = missing_domain;
        out_.push_back(address);
    }

    void skip_to_separator() { skip_until(",;"); }

    // Past strings and comments, to one of the characters or the end.
    void skip_until(std::string_view stops) {
        std::string ignored;
        while (!in_.at_end() && stops.find(in_.peek()) == std::string_view::npos) {
            if (in_.skip_cfws()) continue;
            ignored.clear();
            if (!in_.quoted_string(ignored)) in_.advance();
        }
    }

    Nstring keep(std::string_view text) { return arena_.keep(text); }

    Lexer in_;
    TextArena& arena_;
    std::vector<Address>& out_;
    const std::size_t limit_;
    std::string comment_;  // the last one seen in this element
    bool in_group_ = false;
};

}  // namespace

void parse_addresses(std::string_view body, TextArena& arena, std::vector<Address>& out, std::size_t limit) {
    AddressParser(body, arena, out, limit).run();
}

bool stands_for_nothing(std::string_view part) {
    return part == missing_mailbox || part == missing_domain || part == syntax_error || part == invalid_route;
}

bool incomplete(const Address& address) {
    // Empty: the summary holds no more text (TextArena).
    const auto cut = [](const Nstring& part) { return part && part->empty(); };
    return cut(address.name) || cut(address.mailbox) || cut(address.host) || address.mailbox == missing_mailbox ||
           address.host == syntax_error || address.route == invalid_route;
}

}  // namespace imaparc::message
