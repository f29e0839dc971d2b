#include "message/subject.h"

#include <doctest/doctest.h>

#include <chrono>
#include <random>

#include "base/text.h"
#include "message/text.h"

using namespace imaparc;
using message::base_subject;

namespace {

std::string base(std::string_view subject) { return base_subject(subject).text; }
bool reply(std::string_view subject) { return base_subject(subject).reply_or_forward; }

// The procedure of RFC 5256 2.1 step by step, each production of section 5 by itself, without a thought for cost: a
// production is the set of lengths of prefixes that it matches.
namespace model {

bool wsp(char c) { return c == ' ' || c == '\t'; }
std::string lower(std::string text) { return ascii_lower(text); }

std::size_t many_wsp(const std::string& t, std::size_t at) {
    while (at < t.size() && wsp(t[at])) ++at;
    return at;
}
constexpr auto no = std::string::npos;
std::size_t blob(const std::string& t, std::size_t at) {  // where it ends
    if (at >= t.size() || t[at] != '[') return no;
    std::size_t end = at + 1;
    while (end < t.size() && t[end] != '[' && t[end] != ']') ++end;
    if (end >= t.size() || t[end] != ']') return no;
    return many_wsp(t, end + 1);
}
std::size_t refwd(const std::string& t, std::size_t at) {
    for (const std::string word : {"re", "fwd", "fw"}) {
        if (lower(t.substr(std::min(at, t.size()), word.size())) != word) continue;
        std::size_t end = many_wsp(t, at + word.size());
        if (const auto b = blob(t, end); b != no && b < t.size() && t[b] == ':') return b + 1;
        if (end < t.size() && t[end] == ':') return end + 1;
    }
    return no;
}
std::size_t leader(const std::string& t) {
    if (!t.empty() && wsp(t[0])) return 1;
    std::size_t at = 0;
    for (;;) {
        if (const auto end = refwd(t, at); end != no) return end;
        const auto next = blob(t, at);
        if (next == no) return no;
        at = next;
    }
}

std::string base(std::string t, bool& is_reply) {
    is_reply = false;
    for (char& c : t)
        if (c == '\t' || c == '\r' || c == '\n') c = ' ';  // (1)
    for (auto at = t.find("  "); at != no; at = t.find("  ")) t.erase(at, 1);
    for (;;) {
        for (bool more = true; more;) {  // (2)
            more = false;
            if (!t.empty() && wsp(t.back())) t.pop_back(), more = true;
            if (t.size() >= 5 && lower(t.substr(t.size() - 5)) == "(fwd)")
                t.resize(t.size() - 5), more = is_reply = true;
        }
        for (bool more = true; more;) {
            more = false;
            for (auto end = leader(t); end != no; end = leader(t)) {  // (3)
                is_reply |= !wsp(t[0]);
                t.erase(0, end);
                more = true;
            }
            if (const auto end = blob(t, 0); end != no && end < t.size()) t.erase(0, end), more = true;  // (4)
        }                                                                                                // (5)
        if (lower(t.substr(0, 5)) != "[fwd:" || t.back() != ']') return t;                               // (6)
        t = t.substr(5, t.size() - 6);
        is_reply = true;
    }
}

}  // namespace model

}  // namespace

TEST_CASE("a plain subject is its own base") {
    CHECK(base("Hello, world") == "Hello, world");
    CHECK_FALSE(reply("Hello, world"));
    CHECK(base("") == "");
    CHECK_FALSE(reply(""));
    CHECK(base("  two\t words\r\n  here ") == "two words here");
    CHECK_FALSE(reply("  two words "));
    CHECK(base("Regarding: this") == "Regarding: this");  // no subj-refwd
    CHECK(base("Forward: this") == "Forward: this");
    CHECK(base("AW: this") == "AW: this");  // not translated (RFC 5256 7)
}

TEST_CASE("replies and forwards are taken away, in any case and number") {
    for (const auto* subject :
         {"Re: Hello", "RE:Hello", "re : Hello", "Fw: Hello", "FWD: Hello", "fwd :Hello", "Re: Re: Fwd: re: Hello",
          "Re[2]: Hello", "RE [17] : Hello", "Hello (fwd)", "Hello (FWD) (fwd)", "Hello(fwd)", "[fwd: Hello]",
          "[FWD:Hello]", "[fwd: Re: Hello (fwd)]", "Re: [fwd: [Fwd: Re: Hello]] (fwd)", "[list] Re: Hello",
          "[list] [other] Re[2]: Hello", "Re: [list] Re: Hello"}) {
        CAPTURE(subject);
        CHECK(base(subject) == "Hello");
        CHECK(reply(subject));
    }
    CHECK(base("Re[2]: [list] Re: x (fwd)") == "x");
    CHECK(reply("Re[2]: [list] Re: x (fwd)"));
}

TEST_CASE("blobs go while something is left, and are no reply") {
    CHECK(base("[list] Hello") == "Hello");
    CHECK_FALSE(reply("[list] Hello"));
    CHECK(base("[a][b] [c]  Hello [d]") == "Hello [d]");
    CHECK(base("[list]") == "[list]");
    CHECK(base("[a] [b]") == "[b]");
    CHECK(base("[a] [b] (fwd)") == "[b]");
    CHECK(base("Re: [list]") == "[list]");
    CHECK(base("[a [b] c") == "[a [b] c");  // BLOBCHAR is no bracket
    CHECK(base("[open") == "[open");
    CHECK(base("[] x") == "x");
    CHECK_FALSE(reply("[list]"));
}

TEST_CASE("artifacts alone leave nothing") {
    for (const auto* subject : {"Re:", "Re: ", "fwd: (fwd)", "(fwd)", "[fwd:]", "[fwd: ]", "[list] Re:", "Re: Re:"}) {
        CAPTURE(subject);
        CHECK(base(subject) == "");
        CHECK(reply(subject));
    }
}

TEST_CASE("a blob that begins like a forward is a forward only as the whole") {
    CHECK(base("[fwd: x] y") == "y");  // a blob, step (4)
    CHECK_FALSE(reply("[fwd: x] y"));
    CHECK(base("[fwd: [list] x]") == "x");
    CHECK(base("[fwd: x] [y]") == "[y]");
    CHECK(base("[fwd x]") == "[fwd x]");
}

TEST_CASE("encoded words are decoded first") {
    CHECK(base("=?utf-8?Q?Re:_Gr=C3=BC=C3=9Fe?=") == "Grüße");
    CHECK(reply("=?utf-8?Q?Re:_Gr=C3=BC=C3=9Fe?="));
    CHECK(base("=?iso-8859-1?Q?[liste]__Re=5B3=5D=3A?= =?iso-8859-1?Q?_caf=E9_=28fwd=29?=") == "café");
    CHECK(base("=?utf-8?B?UmU6?=\r\n =?utf-8?B?IFg=?=") == "X");
    CHECK(base("Re: =?utf-8?Q?=0D=0A_x?=") == "x");
}

TEST_CASE("random subjects have the base that the text of the RFC gives") {
    const unsigned seed = std::random_device{}();
    CAPTURE(seed);
    std::mt19937 random(seed);
    constexpr const char* pieces[] = {"re", "Re:", "fw", "FWD", "fwd:", ":",     "[", "]",  "[fwd:", "(fwd)", "(FWD)",
                                      " ",  "\t",  "x",  "[l]", "[2]",  "Hello", "d", "  ", "[]",    "(",     ")"};
    for (int run = 0; run < 50'000; ++run) {
        std::string subject;
        for (auto count = random() % 12; count > 0; --count) subject += pieces[random() % std::size(pieces)];
        bool is_reply = false;
        const auto expected = model::base(message::decode_header(subject), is_reply);
        const auto found = base_subject(subject);
        CAPTURE(subject);
        REQUIRE(found.text == expected);
        REQUIRE(found.reply_or_forward == is_reply);
    }
}

TEST_CASE("hostile subjects cost no more than their length") {
    constexpr int times = 200'000;
    const auto repeated = [](std::string_view text) {
        std::string result;
        for (int i = 0; i < times; ++i) result += text;
        return result;
    };
    const auto began = std::chrono::steady_clock::now();
    CHECK(base(repeated("[a]")) == "[a]");
    CHECK(base(repeated("[a]") + "x") == "x");
    CHECK(base(repeated("Re: ") + "x") == "x");
    CHECK(base(repeated("[fwd:") + "x" + repeated("]")) == "x");
    CHECK(base(repeated("[")) == repeated("["));
    CHECK(base("x" + repeated(" (fwd)")) == "x");
    CHECK(base(repeated("re[")) == repeated("re["));
    CHECK(std::chrono::steady_clock::now() - began < std::chrono::seconds(10));  // quadratic: hours
}
