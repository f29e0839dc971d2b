#include "search/text_table.h"

#include <doctest/doctest.h>

#include <map>
#include <random>
#include <string>

using namespace imaparc;

TEST_CASE("equal texts have one number, from 0 on") {
    search::TextTable table;
    CHECK(table.number("") == 0);
    CHECK(table.number("a") == 1);
    CHECK(table.number("") == 0);
    CHECK(table.number(std::string_view("a\0", 2)) == 2);
    CHECK(table.number("a") == 1);
    CHECK(table.size() == 3);
    CHECK(table.text(0) == "");
    CHECK(table.text(2) == std::string_view("a\0", 2));
}

TEST_CASE("of a long text so much is kept") {
    search::TextTable table;
    const std::string kept(search::TextTable::max_text, 'x');
    CHECK(table.number(kept + "1") == table.number(kept + "2"));
    CHECK(table.text(0) == kept);
}

TEST_CASE("random texts are found again") {
    const unsigned seed = std::random_device{}();
    CAPTURE(seed);
    std::mt19937 random(seed);
    search::TextTable table;
    std::map<std::string, std::uint32_t> expected;
    for (int i = 0; i < 20'000; ++i) {
        std::string text(random() % (random() % 50 == 0 ? 990 : 6), 'a');
        for (auto& c : text) c = static_cast<char>(random() % 3 + 'a');
        const auto next = static_cast<std::uint32_t>(expected.size());
        const auto number = expected.emplace(text, next).first->second;
        REQUIRE(table.number(text) == number);
    }
    for (const auto& [text, number] : expected) REQUIRE(table.text(number) == text);
    CHECK(table.size() == expected.size());
}
