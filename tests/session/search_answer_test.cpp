#include "session/search_answer.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <map>
#include <random>
#include <set>

#include "base/text.h"
#include "helpers/pipe_stream.h"

using namespace imaparc;
using session::SearchAnswer;
using session::SearchJob;

namespace {

// An answer that is given these results, as the runner does it: until it is satisfied.
struct Answered {
    std::string text;
    std::optional<NumberSet> saved;
    std::size_t taken = 0;
    std::size_t most_waiting = 0;  // octets that were gathered before the end
};
Answered answer_of(const std::vector<SearchJob::Found>& results, imap::Numbering by,
                   std::optional<imap::SearchReturn> returns, SearchAnswer::WithModSeq modseq) {
    boost::asio::io_context io;
    auto pipe = test::make_pipe(io);
    Metrics metrics;
    session::Responder out(*pipe.first, metrics, 1 << 16, std::chrono::seconds(60));
    SearchAnswer answer(out, "t", by, returns, modseq);
    Answered result;
    auto given = results;
    if (answer.order() == SearchJob::Order::descending) std::ranges::reverse(given);
    for (const auto& found : given) {
        if (answer.satisfied()) break;
        answer.take(found, answer.order());
        if (++result.taken % 4096 == 0) answer.stream();
    }
    result.most_waiting = out.out().size();
    bool done = false;
    boost::asio::co_spawn(
        io,
        [](SearchAnswer& a, session::Responder& r, bool& d) -> async::Task<void> {
            co_await a.end();
            co_await r.flush();
            d = true;
        }(answer, out, done),
        boost::asio::detached);
    REQUIRE(test::run_until(io, [&] { return done; }));
    result.text = pipe.second->written();
    result.saved = answer.saved();
    return result;
}

std::vector<SearchJob::Found> results_of(const std::vector<std::uint32_t>& numbers) {
    std::vector<SearchJob::Found> results;
    for (const auto number : numbers) results.push_back({Number(number), Uid(number * 10), ModSeq(number), 100});
    return results;
}

using Numbers = std::vector<std::uint64_t>;

Numbers numbers_in(std::string_view set) {
    Numbers numbers;
    for (const auto piece : split(set, ',')) {
        const auto ends = split(piece, ':');
        const auto first = *parse_decimal(ends.front()), last = *parse_decimal(ends.back());
        CHECK(first <= last);
        for (auto n = first; n <= last; ++n) numbers.push_back(n);
    }
    return numbers;
}

// "* ESEARCH (TAG "t") UID NAME value NAME (value value) ..." taken apart.
std::map<std::string, std::string> items_in(std::string text, bool uid) {
    const std::string start = std::string("* ESEARCH (TAG \"t\")") + (uid ? " UID" : "");
    REQUIRE(text.starts_with(start));
    REQUIRE(text.ends_with("\r\n"));
    text = text.substr(start.size(), text.size() - start.size() - 2);
    std::map<std::string, std::string> items;
    while (!text.empty()) {
        REQUIRE(text.front() == ' ');
        const auto name_end = text.find(' ', 1);
        const std::string name = text.substr(1, name_end - 1);
        const bool list = text.at(name_end + 1) == '(';
        const auto end = list ? text.find(')') + 1 : std::min(text.find(' ', name_end + 1), text.size());
        REQUIRE(items.emplace(name, text.substr(name_end + 1, end - name_end - 1)).second);
        text.erase(0, end);
    }
    return items;
}

}  // namespace

TEST_CASE("answers are what a plain reading of RFC 4731, 5182, 6203, 7162 and 9394 says") {
    const auto seed = std::random_device{}();
    INFO("seed " << seed);
    std::mt19937 random(seed);
    for (int round = 0; round < 4000; ++round) {
        std::vector<SearchJob::Found> all;
        std::uint32_t number = 0, uid = 0;
        for (unsigned n = random() % 12; n > 0; --n) {
            const std::uint32_t gap = random() % 3 == 0 ? 1 + random() % 5 : 1;
            number += gap;
            uid += gap + random() % 2;
            all.push_back(
                {Number(number), Uid(uid), ModSeq(1 + random() % 50), static_cast<std::uint8_t>(1 + random() % 100)});
        }
        imap::SearchReturn returns;
        returns.min = random() % 2;
        returns.max = random() % 2;
        returns.count = random() % 3 == 0;
        returns.save = random() % 2;
        returns.relevancy = random() % 4 == 0;
        returns.update = random() % 8 == 0;
        if (random() % 2) {
            returns.all = random() % 2;
        } else {
            const int sign = random() % 2 ? 1 : -1;
            returns.partial = imap::ResultRange{sign * static_cast<int>(1 + random() % 14),
                                                sign * static_cast<int>(1 + random() % 14)};
        }
        const auto by = random() % 2 ? imap::Numbering::uid : imap::Numbering::number;
        const bool modseq = random() % 2;
        CAPTURE(round);
        const auto got =
            answer_of(all, by, returns, modseq ? SearchAnswer::WithModSeq::yes : SearchAnswer::WithModSeq::no);

        // ---- the model
        std::vector<SearchJob::Found> partial;
        if (returns.partial) {
            const auto size = static_cast<std::int64_t>(all.size());
            auto first = returns.partial->first, last = returns.partial->last;
            if (first < 0) first += size + 1, last += size + 1;
            for (std::int64_t i = 1; i <= size; ++i)
                if (i >= std::min(first, last) && i <= std::max(first, last))
                    partial.push_back(all[static_cast<std::size_t>(i - 1)]);
        }
        const bool none_but_save = !returns.min && !returns.max && !returns.all && !returns.count && !returns.partial &&
                                   !returns.relevancy && !returns.update;
        std::vector<SearchJob::Found> chosen = partial;
        if (returns.all || returns.count || (returns.relevancy && !returns.partial) ||
            (!returns.min && !returns.max && !returns.partial)) {
            chosen = all;
        } else if (!all.empty()) {
            if (returns.min) chosen.push_back(all.front());
            if (returns.max) chosen.push_back(all.back());
        }
        const auto value = [&](const SearchJob::Found& f) {
            return by == imap::Numbering::uid ? std::uint64_t{f.uid.value} : std::uint64_t{f.number.value};
        };
        const auto values = [&](const std::vector<SearchJob::Found>& list) {
            Numbers result;
            for (const auto& f : list) result.push_back(value(f));
            return result;
        };

        if (returns.save) {
            std::set<std::uint64_t> uids;
            for (const auto& f : chosen) uids.insert(f.uid.value);
            REQUIRE(got.saved);
            const Numbers saved = got.saved->empty() ? Numbers() : numbers_in(got.saved->text());
            CHECK(saved == Numbers(uids.begin(), uids.end()));
        }
        if (none_but_save && returns.save) {
            CHECK(got.text.empty());
            continue;
        }
        auto items = items_in(got.text, by == imap::Numbering::uid);
        const auto take = [&](const std::string& name) {
            const auto found = items.find(name);
            if (found == items.end()) return std::string("-");
            auto text = found->second;
            items.erase(found);
            return text;
        };
        CHECK(take("MIN") == (returns.min && !all.empty() ? std::to_string(value(all.front())) : "-"));
        CHECK(take("MAX") == (returns.max && !all.empty() ? std::to_string(value(all.back())) : "-"));
        CHECK(take("COUNT") == (returns.count ? std::to_string(all.size()) : "-"));
        const auto list = take("ALL");
        if (returns.all && !all.empty())
            CHECK(numbers_in(list) == values(all));
        else
            CHECK(list == "-");
        const auto positions = take("PARTIAL");
        if (returns.partial) {
            const std::string asked =
                "(" + std::to_string(returns.partial->first) + ":" + std::to_string(returns.partial->last) + " ";
            REQUIRE(positions.starts_with(asked));
            const auto set = positions.substr(asked.size(), positions.size() - asked.size() - 1);
            if (partial.empty())
                CHECK(set == "NIL");
            else
                CHECK(numbers_in(set) == values(partial));
        } else {
            CHECK(positions == "-");
        }
        std::string scores = "-";
        if (returns.relevancy) {
            scores = "(";
            for (const auto& f : returns.partial ? partial : all)
                scores += (scores.size() > 1 ? " " : "") + std::to_string(f.score);
            scores += ")";
        }
        CHECK(take("RELEVANCY") == scores);
        std::uint64_t highest = 0;
        for (const auto& f : chosen) highest = std::max(highest, f.modseq.value);
        CHECK(take("MODSEQ") == (modseq && highest > 0 ? std::to_string(highest) : "-"));
        CHECK(items.empty());
    }
}

TEST_CASE("a search ends with the first result that decides it") {
    const auto results = results_of({2, 3, 5, 8, 13, 21});
    const auto taken = [&](auto set) {
        imap::SearchReturn returns;
        set(returns);
        return answer_of(results, imap::Numbering::number, returns, SearchAnswer::WithModSeq::no).taken;
    };
    CHECK(taken([](auto& r) { r.min = true; }) == 1);
    CHECK(taken([](auto& r) { r.max = true; }) == 1);
    CHECK(taken([](auto& r) { r.min = r.max = true; }) == 6);
    CHECK(taken([](auto& r) { r.min = r.save = true; }) == 1);
    CHECK(taken([](auto& r) { r.min = r.count = true; }) == 6);
    CHECK(taken([](auto& r) { r.partial = imap::ResultRange{2, 3}; }) == 3);
    CHECK(taken([](auto& r) { r.partial = imap::ResultRange{-2, -1}; }) == 2);
    CHECK(taken([](auto& r) { r.partial = imap::ResultRange{-2, -1}, r.max = true; }) == 2);
    CHECK(taken([](auto& r) { r.partial = imap::ResultRange{-2, -1}, r.min = true; }) == 6);
}

TEST_CASE("many results are written as they come") {
    std::vector<std::uint32_t> odd, one_run;
    for (std::uint32_t n = 0; n < 100'000; ++n) {
        odd.push_back(2 * n + 1);
        one_run.push_back(n + 1);
    }
    imap::SearchReturn returns;
    returns.all = returns.min = returns.max = returns.count = returns.save = true;
    const auto extended = answer_of(results_of(odd), imap::Numbering::number, returns, SearchAnswer::WithModSeq::yes);
    CHECK(extended.most_waiting > 500'000);
    auto items = items_in(extended.text, false);
    CHECK(items["MIN"] == "1");
    CHECK(items["MAX"] == "199999");
    CHECK(items["COUNT"] == "100000");
    CHECK(items["MODSEQ"] == "199999");
    CHECK(numbers_in(items["ALL"]) == Numbers(odd.begin(), odd.end()));
    CHECK(extended.saved->count() == 100'000);

    const auto run = answer_of(results_of(one_run), imap::Numbering::number, returns, SearchAnswer::WithModSeq::no);
    CHECK(run.most_waiting == 0);
    CHECK(run.text == "* ESEARCH (TAG \"t\") MIN 1 MAX 100000 COUNT 100000 ALL 1:100000\r\n");

    const auto plain =
        answer_of(results_of(one_run), imap::Numbering::number, std::nullopt, SearchAnswer::WithModSeq::yes);
    CHECK(plain.most_waiting > 500'000);
    CHECK(plain.text.starts_with("* SEARCH 1 2 3 "));
    CHECK(plain.text.ends_with(" 99999 100000 (MODSEQ 100000)\r\n"));
}

TEST_CASE("a result that is scattered too widely is not saved") {
    std::vector<std::uint32_t> odd;
    for (std::uint32_t n = 0; n <= SearchAnswer::most_saved_ranges; ++n) odd.push_back(2 * n + 1);
    imap::SearchReturn returns;
    returns.save = true;
    CHECK_FALSE(
        answer_of(results_of(odd), imap::Numbering::uid, returns, SearchAnswer::WithModSeq::no).saved.has_value());
    odd.pop_back();
    CHECK(answer_of(results_of(odd), imap::Numbering::uid, returns, SearchAnswer::WithModSeq::no).saved.has_value());
}
