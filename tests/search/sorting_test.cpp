#include "search/sorting.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <string>

#include "message/subject.h"

using namespace imaparc;
using search::Collation;
using search::SortKey;
using By = SortKey::By;

namespace {

struct Mail {
    std::string header;
    Seconds internal_date = 0;
    std::uint32_t relevancy = 0;
};

std::vector<std::uint32_t> mails_sorted(const std::vector<Mail>& mails, std::vector<SortKey> keys,
                                        Collation collation = Collation::unicode_casemap,
                                        search::Deadline deadline = search::Deadline::min()) {
    search::Sorting sorting(keys, collation);
    std::uint32_t number = 0;
    for (const auto& mail : mails) {
        const auto summary = message::parse_summary(mail.header + "\r\n");
        search::SortFacts facts;
        facts.number = ++number;
        facts.internal_date = mail.internal_date;
        facts.relevancy = mail.relevancy;
        facts.summary = &summary;
        sorting.add(facts);
    }
    while (!sorting.advance(deadline)) continue;
    return sorting.take();
}

std::vector<std::uint32_t> sorted(const std::vector<std::string>& headers, std::vector<SortKey> keys,
                                  Collation collation = Collation::unicode_casemap) {
    std::vector<Mail> mails;
    for (const auto& header : headers) mails.push_back({header});
    return mails_sorted(mails, std::move(keys), collation);
}

using Numbers = std::vector<std::uint32_t>;

}  // namespace

TEST_CASE("ARRIVAL is the internal date, DATE the Date field or else the internal date") {
    const std::vector<Mail> mails = {{"Date: Mon, 3 Jan 2000 00:00:00 +0000\r\n", 300},
                                     {"Date: Mon, 3 Jan 2000 00:30:00 +0100\r\n", 100},  // half an hour earlier
                                     {"Subject: no date\r\n", 946'857'599},              // a second before the first
                                     {"Date: yesterday\r\n", 946'857'601}};
    CHECK(mails_sorted(mails, {{By::arrival}}) == Numbers{2, 1, 3, 4});
    CHECK(mails_sorted(mails, {{By::date}}) == Numbers{2, 3, 1, 4});
}

TEST_CASE("REVERSE turns one criterion round, and not the order of equals") {
    const std::vector<std::string> headers = {"Subject: b\r\nFrom: x@h\r\n", "Subject: a\r\nFrom: x@h\r\n",
                                              "Subject: b\r\nFrom: x@h\r\n", "Subject: a\r\nFrom: y@h\r\n"};
    CHECK(sorted(headers, {{By::subject}}) == Numbers{2, 4, 1, 3});
    CHECK(sorted(headers, {{By::subject, true}}) == Numbers{1, 3, 2, 4});
    CHECK(sorted(headers, {{By::subject}, {By::from, true}}) == Numbers{4, 2, 1, 3});
    CHECK(sorted(headers, {{By::subject}, {By::subject, true}}) == Numbers{2, 4, 1, 3});  // decided already
}

TEST_CASE("subjects are compared without artifacts and case; a missing one is empty and comes first") {
    const std::vector<std::string> headers = {"Subject: Re: zebra\r\n", "Subject: [list] Apple\r\n", "From: x@h\r\n",
                                              "Subject: apple\r\n", "Subject: =?utf-8?Q?=C3=84pfel?=\r\n"};
    CHECK(sorted(headers, {{By::subject}}) == Numbers{3, 2, 4, 5, 1});  // U+00C4 decomposes: A, then U+0308
    CHECK(sorted(headers, {{By::subject}}, Collation::octet) == Numbers{3, 2, 4, 1, 5});
    CHECK(sorted(headers, {{By::subject}}, Collation::ascii_casemap) == Numbers{3, 2, 4, 1, 5});
}

TEST_CASE("FROM, TO and CC are the local part of the first address alone") {
    const std::vector<std::string> headers = {"From: Ann <b@a>, a@a\r\n", "From: Zoe <A@z>\r\n", "Subject: none\r\n",
                                              "From: Bob <b@0>\r\n"};
    CHECK(sorted(headers, {{By::from}}) == Numbers{3, 2, 1, 4});
    for (const auto& [field, by] : {std::pair{"To", By::to}, std::pair{"Cc", By::cc}}) {
        auto others = headers;
        for (auto& header : others)
            if (header.starts_with("From")) header.replace(0, 4, field);
        CHECK(sorted(others, {{by}}) == Numbers{3, 2, 1, 4});
    }
    // A group begins with its name (RFC 3501 7.4.2).
    CHECK(sorted({"To: Team: z@h;\r\n", "To: t@h\r\n", "To: u@h\r\n"}, {{By::to}}) == Numbers{2, 1, 3});
}

TEST_CASE("DISPLAYFROM and DISPLAYTO are the name, else the address (RFC 5957 3)") {
    const auto value = [](const std::string& from) {
        return search::display_value(message::parse_summary("From: " + from + "\r\n\r\n").envelope.from);
    };
    CHECK(value("Ann Lee <z@h>") == "Ann Lee");
    CHECK(value("=?iso-8859-1?Q?Andr=E9?= <z@h>") == "André");
    CHECK(value("\"\" <z@h>") == "z@h");
    CHECK(value("z@h") == "z@h");
    CHECK(value("Friends: z@h;") == "Friends");
    CHECK(search::display_value({}) == "");
    CHECK(sorted({"From: b@h\r\n", "From: Zoe <a@h>\r\n", "From: ANN <c@h>\r\n", "Subject: x\r\n"},
                 {{By::display_from}}) == Numbers{4, 3, 1, 2});
    CHECK(sorted({"To: b@h\r\n", "To: Zoe <a@h>\r\n", "To: ANN <c@h>\r\n", "Subject: x\r\n"}, {{By::display_to}}) ==
          Numbers{4, 3, 1, 2});
}

TEST_CASE("SIZE counts what the client gets; RELEVANCY begins with the highest score") {
    CHECK(sorted({"Subject: long\r\n", "A: b\r\n"}, {{By::size}}) == Numbers{2, 1});
    const std::vector<Mail> mails = {{"", 0, 10}, {"", 0, 99}, {"", 0, 10}, {"", 0, 42}};
    CHECK(mails_sorted(mails, {{By::relevancy}}) == Numbers{2, 4, 1, 3});
    CHECK(mails_sorted(mails, {{By::relevancy, true}}) == Numbers{1, 3, 4, 2});
}

TEST_CASE("a text that is no UTF-8 stands behind all that is (RFC 5255 4.6)") {
    CHECK(sorted({"From: \xFF\xFE@h\r\n", "From: \xF0\x9F\x98\x80@h\r\n", "From: a@h\r\n"}, {{By::from}}).back() == 1);
}

TEST_CASE("what must be known is what the keys ask") {
    CHECK(search::need_of({{By::arrival}, {By::relevancy}}) == search::Need::index);
    CHECK(search::need_of({{By::arrival}, {By::size}}) == search::Need::size);
    CHECK(search::need_of({{By::size}, {By::date}}) == search::Need::summary);
    CHECK(search::need_of({{By::cc}}) == search::Need::summary);
}

TEST_CASE("random messages are in the order that comparing them key by key gives") {
    const unsigned seed = std::random_device{}();
    CAPTURE(seed);
    std::mt19937 random(seed);
    const auto pick = [&](std::initializer_list<const char*> list) { return *(list.begin() + random() % list.size()); };
    for (int run = 0; run < 300; ++run) {
        std::vector<Mail> mails(random() % 40);
        std::vector<std::array<std::string, 10>> values;  // by By, each comparing as a string does
        const auto wide = [](std::uint64_t number) {
            auto text = std::to_string(number);
            return std::string(20 - text.size(), '0') + text;
        };
        for (auto& mail : mails) {
            std::array<std::string, 10> value;
            const std::string subject = pick({"", "b", "A", "Re: a", "[x] c", "B"}), from = pick({"", "a", "B", "b"}),
                              name = pick({"", "Ann", "bob"}), to = pick({"", "x", "Y"}), cc = pick({"", "x", "Y"});
            if (!subject.empty()) mail.header += "Subject: " + subject + "\r\n";
            if (!from.empty()) mail.header += "From: " + name + " <" + from + "@h>\r\n";
            if (!to.empty()) mail.header += "To: " + to + "@h\r\n";
            if (!cc.empty()) mail.header += "Cc: " + cc + "@h\r\n";
            mail.internal_date = static_cast<Seconds>(random() % 5);
            const unsigned second = random() % 3;
            if (second != 0) mail.header += "Date: Thu, 1 Jan 1970 00:00:0" + std::to_string(second) + " +0000\r\n";
            mail.relevancy = random() % 3;
            const auto upper = [](std::string text) {
                for (auto& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
                return text;
            };
            const auto set = [&](By by, std::string text) { value[static_cast<std::size_t>(by)] = std::move(text); };
            set(By::arrival, wide(static_cast<std::uint64_t>(mail.internal_date)));
            set(By::date, wide(second != 0 ? second : static_cast<std::uint64_t>(mail.internal_date)));
            set(By::subject, upper(message::base_subject(subject).text));
            set(By::from, upper(from));
            set(By::to, upper(to));
            set(By::cc, upper(cc));
            set(By::display_from, upper(from.empty() ? "" : !name.empty() ? name : from + "@h"));
            set(By::display_to, upper(to.empty() ? "" : to + "@h"));
            set(By::size, wide(mail.header.size() + 2));
            set(By::relevancy, wide(10 - mail.relevancy));
            values.push_back(std::move(value));
        }
        std::vector<SortKey> keys;
        for (auto count = 1 + random() % 4; count > 0; --count)
            keys.push_back({static_cast<By>(random() % 10), random() % 2 == 0});

        Numbers expected;
        for (std::uint32_t i = 1; i <= mails.size(); ++i) expected.push_back(i);
        std::stable_sort(expected.begin(), expected.end(), [&](std::uint32_t a, std::uint32_t b) {
            for (const auto& key : keys) {
                const auto& x = values[a - 1][static_cast<std::size_t>(key.by)];
                const auto& y = values[b - 1][static_cast<std::size_t>(key.by)];
                if (x != y) return key.reverse ? y < x : x < y;
            }
            return false;
        });
        CAPTURE(run);
        REQUIRE(mails_sorted(mails, keys) == expected);
    }
}
