// Criteria written shortly, and a message to match them against.
#pragma once

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "search/match.h"

namespace imaparc::test {

using search::Criteria;
using search::Facts;
using search::Fields;
using search::Matcher;
using search::Verdict;
using Kind = search::Criteria::Kind;

inline Criteria leaf(Kind kind, std::string string = "") {
    Criteria criteria;
    criteria.kind = kind;
    criteria.string = std::move(string);
    return criteria;
}
inline Criteria field(std::string name, std::string string) {
    auto criteria = leaf(Kind::header, std::move(string));
    criteria.field = std::move(name);
    return criteria;
}
inline Criteria on_day(Kind kind, std::int64_t day) {
    auto criteria = leaf(kind);
    criteria.day = day;
    return criteria;
}
inline Criteria sized(Kind kind, std::uint64_t size) {
    auto criteria = leaf(kind);
    criteria.size = size;
    return criteria;
}
inline Criteria with_set(Kind kind, std::vector<NumberRange> ranges) {
    auto criteria = leaf(kind);
    criteria.set = NumberSet(std::move(ranges));
    return criteria;
}
inline Criteria node(Kind kind, std::vector<Criteria> children) {
    Criteria criteria;
    criteria.kind = kind;
    criteria.children = std::move(children);
    return criteria;
}

inline std::int64_t day_of(int year, unsigned month, unsigned day) {
    using namespace std::chrono;
    return sys_days{std::chrono::year{year} / std::chrono::month{month} / std::chrono::day{day}}
        .time_since_epoch()
        .count();
}

// A message whose facts are all at hand, until a test takes some away.
struct Mail {
    explicit Mail(std::string text) : raw(std::move(text)), summary(message::parse_summary(raw)) {
        facts.number = Number(3);
        facts.uid = Uid(30);
        facts.size = summary.wire_size;
        facts.summary = &summary;
        facts.raw = [this](std::uint64_t offset, char* buffer, std::size_t size) -> Result<std::size_t> {
            ++reads;
            if (offset >= raw.size()) return std::size_t{0};
            return raw.copy(buffer, size, static_cast<std::size_t>(offset));
        };
        facts.header = [this]() -> Result<std::string> {
            const auto end = raw.find("\r\n\r\n");
            return raw.substr(0, end == std::string::npos ? raw.size() : end + 4);
        };
    }
    Mail(const Mail&) = delete;
    Verdict match(const Criteria& criteria, Fields fields = Fields::header) const {
        return match_now(criteria, 1700000000, fields);
    }
    Verdict match_now(const Criteria& criteria, Seconds now, Fields fields = Fields::header) const {
        auto result = Matcher(criteria, Number(10), Uid(100), now, fields).match(facts);
        REQUIRE(result.ok());
        return *result;
    }

    std::string raw;
    message::Summary summary;
    Facts facts;
    int reads = 0;
};

}  // namespace imaparc::test
