// LANGUAGE, COMPARATOR (RFC 5255), COMPRESS (RFC 4978), UNAUTHENTICATE (RFC 8437); quoted strings once names are UTF-8.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "imap/cursor.h"
#include "imap/parse.h"

using namespace imaparc;
using namespace imaparc::imap;
using Words = std::vector<std::string>;

namespace {

template <class T>
T command(std::string_view text, NameForm names = NameForm::modified_utf7) {
    const auto parsed = parse_request(text, names);
    const auto* request = std::get_if<Request>(&parsed);
    REQUIRE(request != nullptr);
    REQUIRE(std::holds_alternative<T>(request->command));
    return std::get<T>(request->command);
}

std::string wrong(std::string_view text, NameForm names = NameForm::modified_utf7) {
    const auto parsed = parse_request(text, names);
    const auto* bad = std::get_if<BadRequest>(&parsed);
    return bad != nullptr ? bad->text : "";
}

std::string repeated(std::size_t count, std::string_view text) {
    std::string result;
    for (std::size_t i = 0; i < count; ++i) result += text;
    return result;
}

}  // namespace

TEST_CASE("the examples of RFC 5255 and RFC 4978") {
    CHECK(command<Language>("A002 LANGUAGE MUL").ranges == Words{"MUL"});
    CHECK(command<Language>("A003 LANGUAGE").ranges.empty());
    CHECK(command<Language>("D003 LANGUAGE \"default\"").ranges == Words{"default"});
    CHECK(command<Language>("E001 LANGUAGE FR-CA EN-CA").ranges == Words{"FR-CA", "EN-CA"});
    CHECK(command<Comparator>("A001 COMPARATOR \"cz;*\" i;basic").names == Words{"cz;*", "i;basic"});
    CHECK(command<Comparator>("A001 COMPARATOR i;*").names == Words{"i;*"});
    CHECK(command<Comparator>("A001 COMPARATOR  ").names.empty());
    CHECK(command<Compress>("c compress deflate").mechanism == "DEFLATE");
    command<Unauthenticate>("c unauthenticate");
}

TEST_CASE("and what they are not") {
    CHECK(wrong("a LANGUAGE (de)").starts_with("LANGUAGE: "));
    CHECK(wrong("a LANGUAGE \"de").starts_with("LANGUAGE: "));
    CHECK(wrong("a LANGUAGE" + repeated(101, " de")).starts_with("LANGUAGE: More than"));
    CHECK(command<Language>("a LANGUAGE" + repeated(100, " de")).ranges.size() == 100);
    CHECK(wrong("a COMPARATOR (i;octet)").starts_with("COMPARATOR: "));
    CHECK(wrong("a COMPRESS").starts_with("COMPRESS: "));
    CHECK(wrong("a COMPRESS DEFLATE 9").starts_with("COMPRESS: "));
    CHECK(wrong("a UNAUTHENTICATE x").starts_with("UNAUTHENTICATE: "));
}

TEST_CASE("quoted strings that are no UTF-8 are refused once UTF-8 is agreed on (RFC 6855 3)") {
    for (const char* octets : {"\xFC", "\xC0\xAF", "\xED\xA0\x80", "\xF5\x80\x80\x80", "\xC3"}) {
        const std::string text = std::string("a STATUS \"") + octets + "\" (MESSAGES)";
        CHECK(wrong(text, NameForm::utf8).find("not UTF-8") != std::string::npos);
    }
    CHECK(command<Status>("a STATUS \"B\xC3\xBC"
                          "cher\" (MESSAGES)",
                          NameForm::utf8)
              .mailbox.path ==
          "B\xC3\xBC"
          "cher");
}

TEST_CASE("lists that are read past are not nested without end") {
    CHECK(wrong("a APPEND x " + repeated(50, "(") + "y" + repeated(50, ")")).empty());
    CHECK(wrong("a APPEND x " + repeated(51, "(") + "y" + repeated(51, ")")).find("nested") != std::string::npos);
    CHECK(wrong("a APPEND x " + repeated(2'000'000, "(")).find("nested") != std::string::npos);
    CHECK(wrong("a APPEND x " + repeated(200, "(y) ") + "(y)").empty());  // one behind the other is not nested
}

TEST_CASE("a set of 100,000 single UIDs") {
    std::string set = "1";
    for (unsigned uid = 3; uid < 200'000; uid += 2) set += "," + std::to_string(uid);
    const auto fetch = command<Fetch>("a UID FETCH " + set + " (FLAGS)");
    CHECK(fetch.set.ranges().size() == 100'000);
}
