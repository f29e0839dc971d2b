#include "search/look.h"

#include <doctest/doctest.h>

#include <random>

#include "base/text.h"
#include "message/object_id.h"
#include "search/searched_mail.h"

using namespace imaparc;
using namespace imaparc::search;
using namespace imaparc::test;

TEST_CASE("FUZZY finds what the exact search finds, and says how well") {
    const auto seed = std::random_device{}();
    INFO("seed " << seed);
    std::mt19937 random(seed);
    const auto phrase = [&] {
        static const char* const words[] = {"hello", "wrold", "w", "M\xC3\xBCller", "meeting", "?", "\xE6\x97\xA5"};
        std::string text;
        for (unsigned i = 1 + random() % 3; i > 0; --i)
            text += std::string(text.empty() ? "" : " ") + words[random() % 7];
        return text.substr(random() % 2 == 0 ? 0 : random() % text.size());
    };
    unsigned exact_hits = 0, fuzzy_hits = 0;
    for (int round = 0; round < 3000; ++round) {
        Mail mail("Subject: " + phrase() + "\r\nFrom: " + phrase() +
                  " <a@b>\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" + phrase() + "\r\n");
        const Kind kinds[] = {Kind::subject, Kind::from, Kind::body, Kind::text};
        const auto wanted = phrase();
        if (!valid_utf8(wanted)) continue;
        const auto exact = leaf(kinds[random() % 4], wanted);
        const auto fuzzy = node(Kind::fuzzy, {exact});
        const auto fields = random() % 2 ? Fields::header : Fields::envelope;
        const auto scored = Matcher(fuzzy, Number(10), Uid(100), 0, fields).match_scored(mail.facts);
        REQUIRE(scored.ok());
        const bool found = scored->verdict == Verdict::yes;
        CHECK(found == (scored->score >= 1));
        CHECK(scored->score <= 100);
        const bool exactly = mail.match(exact, fields) == Verdict::yes;
        exact_hits += exactly;
        fuzzy_hits += found;
        CHECK_MESSAGE((!exactly || found), "wanted " << wanted << " in " << mail.raw);
        CHECK(mail.match(node(Kind::fuzzy, {node(Kind::none_of, {exact})})) ==
              mail.match(node(Kind::none_of, {exact})));
    }
    CHECK(exact_hits > 100);
    CHECK(fuzzy_hits > exact_hits);
}

TEST_CASE(
    "scores: a subject counts for more than a text, the mean where all must match, the best where one is enough") {
    Mail mail("Subject: hello there\r\n\r\nthe world\r\n");
    const auto score = [&](const Criteria& criteria) {
        const auto scored = Matcher(criteria, Number(10), Uid(100), 0).match_scored(mail.facts);
        REQUIRE(scored.ok());
        REQUIRE(scored->verdict == Verdict::yes);
        return scored->score;
    };
    const auto subject = node(Kind::fuzzy, {leaf(Kind::subject, "hello")});
    const auto body = node(Kind::fuzzy, {leaf(Kind::body, "world")});
    CHECK(score(subject) == 100);
    CHECK(score(body) < 100);
    CHECK(score(node(Kind::all_of, {subject, body})) == (score(subject) + score(body)) / 2);
    CHECK(score(node(Kind::any_of, {subject, body})) == 100);
    CHECK(score(leaf(Kind::body, "world")) == 100);  // nothing is fuzzy
    CHECK(score(node(Kind::fuzzy, {leaf(Kind::subject, "helo")})) < 100);
}

TEST_CASE("collations decide what is equal (RFC 4790 9)") {
    Mail mail(
        "Subject: =?utf-8?q?M=C3=BCller?=\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nStra\xC3\x9F"
        "e\r\n");
    const auto found = [&](Kind kind, std::string text, Collation collation) {
        const auto verdict =
            Matcher(leaf(kind, std::move(text)), Number(10), Uid(100), 0, Fields::header, collation).match(mail.facts);
        REQUIRE(verdict.ok());
        return *verdict == Verdict::yes;
    };
    using C = Collation;
    CHECK(found(Kind::subject, "M\xC3\x9CLLER", C::unicode_casemap));
    CHECK_FALSE(found(Kind::subject, "M\xC3\x9CLLER", C::ascii_casemap));
    CHECK(found(Kind::subject, "m\xC3\xBCLLER", C::ascii_casemap));
    CHECK_FALSE(found(Kind::subject, "m\xC3\xBCLLER", C::octet));
    CHECK(found(Kind::subject, "M\xC3\xBCller", C::octet));
    for (const auto kind : {Kind::body, Kind::text}) {
        CHECK(found(kind, "sTRA\xC3\x9F", C::ascii_casemap));
        CHECK_FALSE(found(kind, "sTRA\xC3\x9F", C::octet));
        CHECK(found(kind, "Stra\xC3\x9F", C::octet));
    }
}

TEST_CASE("the keys of OBJECTID, SAVEDATE and SEARCHRES") {
    Mail mail("Subject: x\r\n\r\n");
    mail.facts.internal_date = 0;
    const auto id = message::email_id(mail.summary);
    CHECK(mail.match(leaf(Kind::email_id, id)) == Verdict::yes);
    CHECK(mail.match(leaf(Kind::email_id, ascii_upper(id))) == Verdict::no);  // case matters (RFC 8474 7)
    CHECK(mail.match(leaf(Kind::thread_id, id)) == Verdict::no);
    CHECK(mail.match(leaf(Kind::saved_result)) == Verdict::no);
    const auto day = day_of(2020, 5, 6);
    CHECK(mail.match(leaf(Kind::save_date_supported)) == Verdict::no);
    CHECK(mail.match(on_day(Kind::saved_on, day)) == Verdict::no);
    CHECK(mail.match(on_day(Kind::saved_before, day)) == Verdict::yes);  // the internal date's day takes its place
    mail.facts.save_dates = SaveDates::supported;
    mail.facts.saved = day * 86400 + 43200;
    CHECK(mail.match(leaf(Kind::save_date_supported)) == Verdict::yes);
    CHECK(mail.match(on_day(Kind::saved_on, day)) == Verdict::yes);
    CHECK(mail.match(on_day(Kind::saved_since, day)) == Verdict::yes);
    CHECK(mail.match(on_day(Kind::saved_before, day)) == Verdict::no);
    mail.facts.summary = nullptr;
    CHECK(mail.match(leaf(Kind::email_id, id)) == Verdict::unknown);
}
