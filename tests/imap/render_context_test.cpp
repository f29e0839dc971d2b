#include "imap/render_context.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace imaparc;
using namespace imaparc::imap;

namespace {

std::string rendered(Numbering by, ContextUpdate update, const std::vector<ContextPiece>& pieces) {
    std::string out;
    render_context_update(out, "B01", by, update, pieces);
    return out;
}

}  // namespace

TEST_CASE("contexts: the examples of RFC 5267 4.3.3 and 4.3.4") {
    CHECK(rendered(Numbering::uid, ContextUpdate::add_to, {{0, {32768, 32769}}}) ==
          "* ESEARCH (TAG \"B01\") UID ADDTO (0 32768:32769)\r\n");
    CHECK(rendered(Numbering::uid, ContextUpdate::remove_from, {{0, {32768, 32768}}}) ==
          "* ESEARCH (TAG \"B01\") UID REMOVEFROM (0 32768)\r\n");
    CHECK(rendered(Numbering::uid, ContextUpdate::add_to, {{1, {2733, 2733}}, {1, {2732, 2732}}, {1, {2731, 2731}}}) ==
          "* ESEARCH (TAG \"B01\") UID ADDTO (1 2733 1 2732 1 2731)\r\n");
    CHECK(rendered(Numbering::number, ContextUpdate::add_to, {{0, {1, 1}}, {0, {3, 4}}, {0, {9, 9}}}) ==
          "* ESEARCH (TAG \"B01\") ADDTO (0 1,3:4,9)\r\n");
    CHECK(rendered(Numbering::number, ContextUpdate::add_to, {}).empty());
}

TEST_CASE("contexts: many pieces come in lines of a bounded length, none is lost") {
    std::vector<ContextPiece> pieces;
    for (std::uint32_t i = 0; i < 20000; ++i) pieces.push_back({0, {2 * i + 1, 2 * i + 1}});
    const std::string out = rendered(Numbering::uid, ContextUpdate::add_to, pieces);
    std::size_t lines = 0, begin = 0, numbers = 0;
    while (begin < out.size()) {
        const std::size_t end = out.find("\r\n", begin);
        REQUIRE(end != std::string::npos);
        CHECK(end - begin < 8100);
        const std::string line = out.substr(begin, end - begin);
        CHECK(line.starts_with("* ESEARCH (TAG \"B01\") UID ADDTO (0 "));
        for (const char c : line) numbers += c == ',';
        ++numbers;
        ++lines;
        begin = end + 2;
    }
    CHECK(lines > 1);
    CHECK(numbers == pieces.size());
}
