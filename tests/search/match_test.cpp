#include "search/match.h"

#include <doctest/doctest.h>
#include <stdlib.h>

#include <cstring>
#include <ctime>
#include <random>

#include "base/text.h"
#include "message/text.h"
#include "search/searched_mail.h"

using namespace imaparc;
using namespace imaparc::search;
using Kind = Criteria::Kind;
using namespace imaparc::test;

namespace {

const std::string umlauts =
    "From: =?utf-8?q?J=C3=BCrgen?= <jo@example.org>\r\n"
    "To: Ann <ann@example.org>, \"Doe, Jane\" <jane@example.com>\r\n"
    "To: second@example.net\r\n"
    "Cc: \r\n"
    "Subject: =?iso-8859-1?q?Gr=FC=DFe_aus?=\r\n =?utf-8?b?S8O2bG4=?= (folded\r\n\tline)\r\n"
    "Date: Tue, 14 Nov 2023 23:30:00 -0800\r\n"
    "X-Empty:\r\n"
    "MIME-Version: 1.0\r\n"
    "Content-Type: multipart/mixed; boundary=b\r\n"
    "\r\n"
    "preamble\r\n"
    "--b\r\n"
    "Content-Type: text/plain; charset=utf-8\r\n"
    "Content-Transfer-Encoding: quoted-printable\r\n"
    "\r\n"
    "Stra=C3=9Fe in M=C3=BCnchen, soft=\r\nbreak\r\n"
    "--b\r\n"
    "Content-Type: text/plain; charset=iso-8859-1\r\n"
    "Content-Transfer-Encoding: base64\r\n"
    "\r\n"
    "yWdhbGl06Q==\r\n"
    "--b\r\n"
    "Content-Type: application/octet-stream\r\n"
    "\r\n"
    "binarysecret\r\n"
    "--b--\r\n";

}  // namespace

TEST_CASE("fields: decoded, any case, all occurrences, across folds (RFC 3501 6.4.4)") {
    Mail mail(umlauts);
    CHECK(mail.match(leaf(Kind::from, "J\xC3\x9CRGEN")) == Verdict::yes);
    CHECK(mail.match(leaf(Kind::from, "jo@EXAMPLE")) == Verdict::yes);
    CHECK(mail.match(leaf(Kind::from, "ann@")) == Verdict::no);
    CHECK(mail.match(leaf(Kind::to, "Ann <ann@example.org>")) == Verdict::yes);
    CHECK(mail.match(leaf(Kind::to, "doe, jane")) == Verdict::yes);
    CHECK(mail.match(leaf(Kind::to, "second@example.net")) == Verdict::yes);
    CHECK(mail.match(leaf(Kind::to, ".com> second")) == Verdict::no);
    CHECK(mail.match(leaf(Kind::subject, "K\xC3\x96LN (folded")) == Verdict::yes);
    CHECK(mail.match(leaf(Kind::subject, "=?utf-8?")) == Verdict::no);
    CHECK(mail.match(leaf(Kind::bcc, "")) == Verdict::no);
    CHECK(mail.match(leaf(Kind::cc, "")) == Verdict::yes);
    CHECK(mail.match(field("x-empty", "")) == Verdict::yes);
    CHECK(mail.match(field("X-Empty", "a")) == Verdict::no);
    CHECK(mail.match(field("X-Absent", "")) == Verdict::no);
    CHECK(mail.match(field("mime-version", "1.0")) == Verdict::yes);
    CHECK(mail.match(field("Subjec", "")) == Verdict::no);
}

TEST_CASE("the envelope's words alone, if asked for: the summary decides") {
    Mail mail(umlauts);
    mail.facts.raw = nullptr;
    mail.facts.header = nullptr;
    CHECK(mail.match(leaf(Kind::from, "j\xC3\xBCrgen <jo@example.org>"), Fields::envelope) == Verdict::yes);
    CHECK(mail.match(leaf(Kind::from, "nobody"), Fields::envelope) == Verdict::no);
    CHECK(mail.match(leaf(Kind::to, "doe, jane"), Fields::envelope) == Verdict::yes);
    CHECK(mail.match(leaf(Kind::subject, "k\xC3\xB6ln"), Fields::envelope) == Verdict::yes);
    CHECK(mail.match(leaf(Kind::subject, "k\xC3\xB6ln")) == Verdict::yes);
    CHECK(mail.match(leaf(Kind::subject, "nothing")) == Verdict::unknown);
    CHECK(mail.match(leaf(Kind::from, "jo@example.org")) == Verdict::unknown);
}

TEST_CASE("the envelope's stand-ins are not the sender's words; what they stand for is sought in the header") {
    Mail mail(
        "From: lonely\r\nTo: undisclosed-recipients:;\r\nCc: Team: a@b.c;, Bob <bob@two words@x>\r\n"
        "Bcc: Eve <eve@example.org>\r\n\r\n");
    for (const auto kind : {Kind::from, Kind::to, Kind::cc, Kind::bcc})
        for (const char* stand_in : {"MISSING", "MAILBOX", "DOMAIN", "SYNTAX_ERROR"})
            CHECK(mail.match(leaf(kind, stand_in), Fields::envelope) == Verdict::no);
    CHECK(mail.match(leaf(Kind::from, "lonely"), Fields::envelope) == Verdict::yes);
    CHECK(mail.match(leaf(Kind::from, "@"), Fields::envelope) == Verdict::no);
    CHECK(mail.match(leaf(Kind::to, "undisclosed"), Fields::envelope) == Verdict::yes);
    CHECK(mail.match(leaf(Kind::cc, "team"), Fields::envelope) == Verdict::yes);
    CHECK(mail.match(leaf(Kind::cc, "a@b.c"), Fields::envelope) == Verdict::yes);
    CHECK(mail.match(leaf(Kind::cc, "two words"), Fields::envelope) == Verdict::yes);
    mail.facts.raw = nullptr;
    mail.facts.header = nullptr;
    CHECK(mail.match(leaf(Kind::cc, "two words"), Fields::envelope) == Verdict::unknown);
    CHECK(mail.match(leaf(Kind::bcc, "nobody"), Fields::envelope) == Verdict::no);
}

TEST_CASE("body and text") {
    Mail mail(umlauts);
    CHECK(mail.match(leaf(Kind::body, "m\xC3\x9CNCHEN, softbreak")) == Verdict::yes);
    CHECK(mail.match(leaf(Kind::body, "\xC3\xA9GALIT\xC3\x89")) == Verdict::yes);
    CHECK(mail.match(leaf(Kind::body, "=C3")) == Verdict::no);
    CHECK(mail.match(leaf(Kind::body, "K\xC3\xB6ln")) == Verdict::no);
    CHECK(mail.match(leaf(Kind::text, "K\xC3\xB6ln")) == Verdict::yes);
    CHECK(mail.match(leaf(Kind::text, "m\xC3\xBCnchen")) == Verdict::yes);
    CHECK(mail.match(leaf(Kind::text, "nowhere")) == Verdict::no);
    CHECK(mail.match(leaf(Kind::text, "x-EMPTY:")) == Verdict::yes);
    CHECK(mail.match(leaf(Kind::body, "")) == Verdict::yes);
    mail.facts.raw = nullptr;
    CHECK(mail.match(leaf(Kind::text, "K\xC3\xB6ln")) == Verdict::yes);
    CHECK(mail.match(leaf(Kind::text, "nowhere")) == Verdict::unknown);
    CHECK(mail.match(leaf(Kind::body, "")) == Verdict::yes);
}

TEST_CASE("without header(), the header is read through raw") {
    Mail mail(umlauts);
    mail.facts.header = nullptr;
    CHECK(mail.match(leaf(Kind::to, "second@example.net")) == Verdict::yes);
    CHECK(mail.match(field("Date", "23:30")) == Verdict::yes);
    CHECK(mail.match(field("Date", "preamble")) == Verdict::no);
    mail.facts.summary = nullptr;
    CHECK(mail.match(field("Date", "23:30")) == Verdict::unknown);
}

TEST_CASE("a long body: no match is lost between pieces, and it is read once for all words") {
    std::string raw = "Subject: long\r\n\r\n";
    for (int i = 0; i < 20000; ++i) raw += "line " + std::to_string(i) + " end\r\n";
    raw += std::string(300000, 'x') + "NEEDLE" + std::string(300000, 'y') + "\r\n";
    Mail mail(raw);
    for (int i = 0; i < 20000; i += 617)
        CHECK(mail.match(leaf(Kind::body, "LINE " + std::to_string(i) + " END\r\nline " + std::to_string(i + 1) +
                                              (i + 1 < 20000 ? " " : ""))) ==
              (i + 1 < 20000 ? Verdict::yes : Verdict::no));
    CHECK(mail.match(leaf(Kind::body, "xneedley")) == Verdict::yes);
    mail.reads = 0;
    mail.match(leaf(Kind::body, "absent"));
    const int once = mail.reads;
    mail.reads = 0;
    mail.match(
        node(Kind::any_of, {leaf(Kind::body, "absent"), leaf(Kind::text, "absent too"), leaf(Kind::body, "no")}));
    CHECK(mail.reads == once);
}

TEST_CASE("no match spans two parts, nor a nested message's header and its text") {
    Mail mail(
        "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nfirst\r\n--b\r\n\r\nsecond\r\n"
        "--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: inner\r\n\r\nthird\r\n--b--\r\n");
    for (const char* there : {"first", "second", "subject: inner", "third"})
        CHECK(mail.match(leaf(Kind::body, there)) == Verdict::yes);
    for (const char* nowhere : {"firstsecond", "tsec", "secondsubject", "inner\nthird", "inner\r\nthird"})
        CHECK(mail.match(leaf(Kind::body, nowhere)) == Verdict::no);
}

TEST_CASE("dates: internal in the server's zone, sent as written") {
    const char* before = getenv("TZ");
    const std::string kept = before ? before : "";
    setenv("TZ", "America/New_York", 1);
    tzset();
    {
        Mail mail(umlauts);  // 14 Nov 2023 23:30 -0800 is the 15th in UTC
        const auto day = day_of(2023, 11, 14);
        CHECK(mail.match(on_day(Kind::sent_on, day)) == Verdict::yes);
        CHECK(mail.match(on_day(Kind::sent_on, day + 1)) == Verdict::no);
        CHECK(mail.match(on_day(Kind::sent_before, day)) == Verdict::no);
        CHECK(mail.match(on_day(Kind::sent_before, day + 1)) == Verdict::yes);
        CHECK(mail.match(on_day(Kind::sent_since, day)) == Verdict::yes);
        CHECK(mail.match(on_day(Kind::sent_since, day + 1)) == Verdict::no);
        mail.facts.internal_date = 1700024400;  // 2023-11-15T05:00:00Z, midnight of the 15th in New York
        CHECK(mail.match(on_day(Kind::on, day + 1)) == Verdict::yes);
        CHECK(mail.match(on_day(Kind::since, day + 1)) == Verdict::yes);
        CHECK(mail.match(on_day(Kind::before, day + 1)) == Verdict::no);
        mail.facts.internal_date -= 1;
        CHECK(mail.match(on_day(Kind::on, day)) == Verdict::yes);
        CHECK(mail.match(on_day(Kind::before, day + 1)) == Verdict::yes);
        CHECK(mail.match(on_day(Kind::since, day + 1)) == Verdict::no);
    }
    Mail undated("Subject: x\r\n\r\n");
    CHECK(undated.match(on_day(Kind::sent_before, 1000000)) == Verdict::no);
    CHECK(undated.match(on_day(Kind::sent_since, 0)) == Verdict::no);
    Mail old("Date: Wed, 31 Dec 1969 12:00:00 +0000\r\n\r\n");
    CHECK(old.match(on_day(Kind::sent_on, -1)) == Verdict::yes);
    if (before)
        setenv("TZ", kept.c_str(), 1);
    else
        unsetenv("TZ");
    tzset();
}

TEST_CASE("older and younger count from now, both ends inside (RFC 5032)") {
    Mail mail(umlauts);
    mail.facts.internal_date = 1000;
    CHECK(mail.match_now(sized(Kind::older, 10), 1010) == Verdict::yes);
    CHECK(mail.match_now(sized(Kind::older, 11), 1010) == Verdict::no);
    CHECK(mail.match_now(sized(Kind::younger, 10), 1010) == Verdict::yes);
    CHECK(mail.match_now(sized(Kind::younger, 9), 1010) == Verdict::no);
    CHECK(mail.match_now(sized(Kind::younger, ~0ULL), 1010) == Verdict::yes);
    CHECK(mail.match_now(sized(Kind::older, ~0ULL), 1010) == Verdict::no);
}

TEST_CASE("numbers, UIDs, flags, sizes, mod-sequences") {
    Mail mail(umlauts);
    CHECK(mail.match(with_set(Kind::number_set, {{2, 3}})) == Verdict::yes);
    CHECK(mail.match(with_set(Kind::number_set, {{4, NumberRange::star}})) == Verdict::no);
    CHECK(mail.match(with_set(Kind::uid_set, {{NumberRange::star, 5}})) == Verdict::yes);
    mail.facts.uid = Uid(100);
    CHECK(mail.match(with_set(Kind::uid_set, {{5000, NumberRange::star}})) == Verdict::yes);
    mail.facts.system_flags = flag::seen | flag::draft;
    const std::vector<std::string> keywords{"$Forwarded"};
    CHECK(mail.match(leaf(Kind::flag, "\\seen")) == Verdict::yes);
    CHECK(mail.match(leaf(Kind::flag, "\\Flagged")) == Verdict::no);
    CHECK(mail.match(leaf(Kind::flag, "\\Recent")) == Verdict::no);
    CHECK(mail.match(leaf(Kind::flag, "$forwarded")) == Verdict::no);
    mail.facts.keywords = &keywords;
    CHECK(mail.match(leaf(Kind::flag, "$forwarded")) == Verdict::yes);
    CHECK(mail.match(leaf(Kind::flag, "$forward")) == Verdict::no);
    mail.facts.size = 100;
    CHECK(mail.match(sized(Kind::larger, 100)) == Verdict::no);
    CHECK(mail.match(sized(Kind::larger, 99)) == Verdict::yes);
    CHECK(mail.match(sized(Kind::smaller, 100)) == Verdict::no);
    CHECK(mail.match(sized(Kind::smaller, 101)) == Verdict::yes);
    mail.facts.size.reset();
    CHECK(mail.match(sized(Kind::larger, mail.raw.size() - 1)) == Verdict::yes);
    mail.facts.summary = nullptr;
    CHECK(mail.match(sized(Kind::larger, 0)) == Verdict::unknown);
    mail.facts.modseq = ModSeq(7);
    CHECK(mail.match(sized(Kind::modseq, 7)) == Verdict::yes);
    CHECK(mail.match(sized(Kind::modseq, 8)) == Verdict::no);
}

TEST_CASE("an error while reading is neither yes nor no, unless what is cheaper decides") {
    Mail mail(umlauts);
    mail.facts.header = []() -> Result<std::string> { return Error{ErrorKind::unavailable, "gone"}; };
    mail.facts.raw = [](std::uint64_t, char*, std::size_t) -> Result<std::size_t> {
        return Error{ErrorKind::unavailable, "gone"};
    };
    const auto ask = [&](const Criteria& criteria) {
        return Matcher(criteria, Number(10), Uid(100), 0).match(mail.facts);
    };
    CHECK_FALSE(ask(leaf(Kind::from, "x")).ok());
    CHECK(ask(leaf(Kind::text, "x")).error().kind == ErrorKind::unavailable);
    CHECK_FALSE(ask(leaf(Kind::body, "x")).ok());
    CHECK(*ask(node(Kind::all_of, {leaf(Kind::body, "x"), leaf(Kind::flag, "\\Seen")})) == Verdict::no);
    CHECK(*ask(node(Kind::any_of, {leaf(Kind::body, "x"), leaf(Kind::on, "")})) == Verdict::yes);
}

// ---- against a plain model: a tree evaluated as it stands over what a message is known to hold, three-valued.
namespace {

struct Model {
    unsigned number, uid;
    std::uint8_t flags;
    Seconds date;
    std::uint64_t size;
    std::string subject, to, body;  // lower-case ASCII
    bool has_size, has_summary, has_header, has_raw;
};

enum class Three { no, yes, unknown };

Three three(bool known, bool yes) { return !known ? Three::unknown : yes ? Three::yes : Three::no; }
Three negated(Three value) { return value == Three::unknown ? value : value == Three::yes ? Three::no : Three::yes; }

Three model(const Model& mail, const Criteria& criteria) {
    const auto in = [&](const std::string& text) {
        return text.find(ascii_lower(criteria.string)) != std::string::npos;
    };
    const bool header = mail.has_header || (mail.has_raw && mail.has_summary);
    const bool body = mail.has_raw && mail.has_summary;
    switch (criteria.kind) {
        case Kind::all_of: {
            Three result = Three::yes;
            for (const auto& child : criteria.children) {
                const auto value = model(mail, child);
                if (value == Three::no) return Three::no;
                if (value == Three::unknown) result = Three::unknown;
            }
            return result;
        }
        case Kind::any_of: {
            Three result = Three::no;
            for (const auto& child : criteria.children) {
                const auto value = model(mail, child);
                if (value == Three::yes) return Three::yes;
                if (value == Three::unknown) result = Three::unknown;
            }
            return result;
        }
        case Kind::none_of:
            return negated(model(mail, criteria.children.front()));
        case Kind::uid_set:
            for (const auto& range : criteria.set.ranges())
                if (mail.uid >= std::min(range.first, range.last) && mail.uid <= std::max(range.first, range.last))
                    return Three::yes;
            return Three::no;
        case Kind::flag:
            return three(true, (mail.flags & flag::seen) != 0);
        case Kind::larger:
            return three(mail.has_size || mail.has_summary, mail.size > criteria.size);
        case Kind::older:
            return three(true, mail.date <= 1700000000 - static_cast<Seconds>(criteria.size));
        case Kind::subject:
            if (mail.has_summary && in(mail.subject)) return Three::yes;
            return three(header, in(mail.subject));
        case Kind::to:
            return three(header, in(mail.to));
        case Kind::body:
            return three(body, in(mail.body));
        case Kind::text: {
            const bool above = in("subject: " + mail.subject + "\r\n") || in("to: " + mail.to + "\r\n");
            if (header && above) return Three::yes;
            if (body && in(mail.body)) return Three::yes;
            return header && body ? Three::no : Three::unknown;
        }
        default:
            throw std::logic_error("the model does not know this key");
    }
}

}  // namespace

TEST_CASE("random trees and random facts against the model") {
    const unsigned seed = std::random_device{}();
    MESSAGE("seed " << seed);
    std::mt19937 random(seed);
    const auto word = [&](std::size_t most) {
        std::string text;
        for (std::size_t i = 0, n = 1 + random() % most; i < n; ++i) text += "abAB"[random() % 4];
        return text;
    };
    std::function<Criteria(int)> tree = [&](int depth) -> Criteria {
        if (depth > 0 && random() % 2) {
            const Kind kinds[] = {Kind::all_of, Kind::any_of, Kind::none_of};
            const Kind kind = kinds[random() % 3];
            std::vector<Criteria> children;
            const std::size_t n = kind == Kind::none_of ? 1 : random() % 4;
            for (std::size_t i = 0; i < n; ++i) children.push_back(tree(depth - 1));
            return node(kind, std::move(children));
        }
        switch (random() % 9) {
            case 0:
                return leaf(Kind::flag, "\\Seen");
            case 1:
                return sized(Kind::larger, random() % 150);
            case 2:
                return sized(Kind::older, random() % 20);
            case 3:
                return leaf(Kind::to, word(2));
            case 4:
                return leaf(Kind::body, word(3));
            case 5:
                return leaf(Kind::text, word(3));
            case 6:
                return with_set(Kind::uid_set,
                                {{1U + static_cast<unsigned>(random() % 5), 3U + static_cast<unsigned>(random() % 5)}});
            default:
                return leaf(Kind::subject, word(3));
        }
    };
    unsigned unknowns = 0;
    for (int round = 0; round < 3000; ++round) {
        const auto subject = word(6), to = word(4), body = word(6);
        Mail mail("Subject: " + subject + "\r\nTo: " + to + "\r\n\r\n" + body + "\r\n");
        Model plain{3,
                    static_cast<unsigned>(1 + random() % 8),
                    static_cast<std::uint8_t>(random() % 2 ? flag::seen : 0),
                    1700000000 - static_cast<Seconds>(random() % 20),
                    mail.raw.size(),
                    ascii_lower(subject),
                    ascii_lower(to),
                    ascii_lower(body),
                    random() % 2 == 0,
                    random() % 2 == 0,
                    random() % 2 == 0,
                    random() % 2 == 0};
        mail.facts.uid = Uid(plain.uid);
        mail.facts.system_flags = plain.flags;
        mail.facts.internal_date = plain.date;
        if (!plain.has_size) mail.facts.size.reset();
        if (!plain.has_summary) mail.facts.summary = nullptr;
        if (!plain.has_header) mail.facts.header = nullptr;
        if (!plain.has_raw) mail.facts.raw = nullptr;
        const auto criteria = tree(3);
        const auto expected = model(plain, criteria);
        const auto got = mail.match(criteria);
        unknowns += expected == Three::unknown;
        CHECK_MESSAGE(static_cast<int>(got) == static_cast<int>(expected), "round " << round);
    }
    CHECK(unknowns > 100);
}
