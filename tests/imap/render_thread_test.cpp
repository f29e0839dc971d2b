#include "imap/render_thread.h"

#include <doctest/doctest.h>

using namespace imaparc;

namespace {

// Each message's parent by index, -1 at the top; a parent behind the messages is a dummy. Siblings in order.
search::Threads threads(std::vector<std::uint32_t> numbers, const std::vector<int>& parents, int dummies = 0) {
    search::Threads result;
    const int messages = static_cast<int>(numbers.size());
    result.numbers = std::move(numbers);
    for (int node = 0; node < messages + dummies; ++node) {
        result.begins.push_back(static_cast<std::uint32_t>(result.children.size()));
        for (int child = 0; child < messages; ++child)
            if (parents[static_cast<std::size_t>(child)] == node)
                result.children.push_back(static_cast<std::uint32_t>(child));
        if (node >= messages || parents[static_cast<std::size_t>(node)] < 0)
            result.roots.push_back(static_cast<std::uint32_t>(node));
    }
    result.begins.push_back(static_cast<std::uint32_t>(result.children.size()));
    return result;
}

std::string rendered(const search::Threads& threads, std::size_t piece = 1 << 20) {
    imap::ThreadResponse response(threads);
    std::string out;
    while (!response.fill(out, piece)) continue;
    return out;
}

}  // namespace

TEST_CASE("THREAD as RFC 5256 shows it") {
    CHECK(rendered(threads({}, {})) == "* THREAD\r\n");
    CHECK(rendered(threads({2, 3, 6, 4, 23, 44, 7, 96}, {-1, -1, 1, 2, 3, 2, 5, 6})) ==
          "* THREAD (2)(3 6 (4 23)(44 7 96))\r\n");
    CHECK(rendered(threads({3, 5}, {2, 2}, 1)) == "* THREAD ((3)(5))\r\n");
    CHECK(rendered(threads({166, 170, 179, 171}, {-1, 4, 4, -1}, 1)) == "* THREAD (166)(171)((170)(179))\r\n");
    CHECK(rendered(threads({188, 184, 189, 5}, {4, 0, 0, 4}, 1)) == "* THREAD ((188 (184)(189))(5))\r\n");
}

TEST_CASE("THREAD comes in pieces of any size") {
    const auto some = threads({2, 3, 6, 4, 23, 44, 7, 96}, {-1, -1, 1, 2, 3, 2, 5, 6});
    const auto whole = rendered(some);
    for (const std::size_t piece : {1U, 2U, 7U, 20U}) CHECK(rendered(some, piece) == whole);

    imap::ThreadResponse response(some);
    std::string out;
    CHECK_FALSE(response.fill(out, 5));
    CHECK(out.size() < whole.size());
}

TEST_CASE("THREAD of the deepest nesting costs no stack") {
    // A chain in which each message has a second, childless answer: every level opens a list.
    constexpr std::uint32_t depth = 100'000;
    search::Threads deep;
    deep.roots = {0};
    for (std::uint32_t i = 0; i < 2 * depth + 1; ++i) {
        deep.numbers.push_back(i + 1);
        deep.begins.push_back(static_cast<std::uint32_t>(deep.children.size()));
        if (i % 2 == 0 && i < 2 * depth) deep.children.insert(deep.children.end(), {i + 1, i + 2});
    }
    deep.begins.push_back(static_cast<std::uint32_t>(deep.children.size()));
    const auto text = rendered(deep, 4096);
    CHECK(text.starts_with("* THREAD (1 (2)(3 (4)(5 (6)(7 "));
    CHECK(text.ends_with(std::string(depth + 1, ')') + "\r\n"));
}
