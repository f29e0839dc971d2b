#include "message/parameters.h"

#include <doctest/doctest.h>

#include <chrono>
#include <string>

#include "helpers/summary_print.h"

using namespace imaparc;
using namespace imaparc::message;

namespace {

std::string list(std::string_view text, std::size_t limit = max_parameters) {
    TextArena arena(4 << 20);
    return test::to_text(test::value_of(parse_parameters(text, arena, limit)));
}

std::string value(std::string_view text, std::string_view name) {
    TextArena arena(1 << 20);
    return parameter_value(parse_parameters(text, arena, 100), name).value_or("(none)");
}

}  // namespace

TEST_CASE("parameters: RFC 2045 5.1") {
    CHECK(list("; charset=us-ascii (Plain text)") == R"(("charset" "us-ascii"))");
    CHECK(list("; charset=\"us-ascii\"") == R"(("charset" "us-ascii"))");
    CHECK(list(" ;a = b ; C=\"d \\\" e\"") == R"(("a" "b" "C" "d " e"))");
    CHECK(list("") == "NIL");
    CHECK(list(";") == "NIL");
}

TEST_CASE("parameters: RFC 2231's examples") {
    CHECK(list("; access-type=URL; URL*0=\"ftp://\"; URL*1=\"cs.utk.edu/pub/moore/bulk-mailer/bulk-mailer.tar\"") ==
          R"(("access-type" "URL" "URL" "ftp://cs.utk.edu/pub/moore/bulk-mailer/bulk-mailer.tar"))");
    CHECK(list("; title*=us-ascii'en-us'This%20is%20%2A%2A%2Afun%2A%2A%2A") ==
          R"(("title*" "us-ascii'en-us'This%20is%20%2A%2A%2Afun%2A%2A%2A"))");
    const std::string three =
        ";title*0*=us-ascii'en'This%20is%20even%20more%20 ;title*1*=%2A%2A%2Afun%2A%2A%2A%20 ;title*2=\"isn't it!\"";
    CHECK(list(three) == R"(("title*" "us-ascii'en'This%20is%20even%20more%20%2A%2A%2Afun%2A%2A%2A%20isn%27t%20it!"))");
    CHECK(value(three, "title") == "This is even more ***fun*** isn't it!");
}

TEST_CASE("parameters: continuations out of order, with gaps, without beginning") {
    CHECK(list("; n*1=b; x=y; n*0=a; n*2=c") == R"(("n" "abc" "x" "y"))");
    CHECK(list("; n*0=a; n*2=c") == R"(("n" "a"))");
    CHECK(list("; n*1=b") == "NIL");
    CHECK(list("; n*0=a; n*1*=%20b") == R"(("n*" "''a%20b"))");
    CHECK(list("; N*0=a; n*1=b; n*0=z") == R"(("N" "a"))");
    CHECK(list("; n*99999999999=b; n*x=c") == R"(("n*99999999999" "b" "n*x" "c"))");
}

TEST_CASE("parameters: broken ones are read as they were meant") {
    CHECK(list("; charset") == "NIL");
    CHECK(list("; charset; format=flowed") == R"(("format" "flowed"))");
    CHECK(list(" charset=utf-8") == R"(("charset" "utf-8"))");
    CHECK(list("; charset=utf-8 format=flowed; name=annual report 2003.txt; x=y;") ==
          R"(("charset" "utf-8" "format" "flowed" "name" "annual report 2003.txt" "x" "y"))");
    CHECK(list(";; charset=utf-8; =a; b=; name=\"never closed") ==
          R"(("charset" "utf-8" "b" "" "name" "never closed"))");
    CHECK(list("; name==?utf-8?q?x?=; boundary=----=_a") == R"(("name" "=?utf-8?q?x?=" "boundary" "----=_a"))");
    CHECK(list("; boundary=\\\"=-x\\\"") == R"(("boundary" "=-x"))");
    CHECK(list("; name=that's why.eml\"") == R"(("name" "that's why.eml"))");
    CHECK(list("; name=\"a.txt\" junk; x=y") == R"(("name" "a.txt" "x" "y"))");
    CHECK(list("; name=\"a\"size=3") == R"(("name" "a" "size" "3"))");
}

TEST_CASE("parameters: no more than the limit, and in linear time") {
    std::string many;
    for (int i = 0; i < 1000; ++i) many += ";a=b";
    CHECK(list(many, 3) == R"(("a" "b" "a" "b" "a" "b"))");
    for (const char* hostile : {";", "\"", "(", "a ", "a=", ";a*0=\"", "; x y", ";a=b c", "=", ";a=\\\"", "\\"}) {
        CAPTURE(hostile);
        std::string text = "; a=b";
        while (text.size() < 1 << 20) text += hostile;
        const auto start = std::chrono::steady_clock::now();
        TextArena arena(4 << 20);
        CHECK(parse_parameters(text, arena, max_parameters).size() <= max_parameters);
        CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(5));  // quadratic would be minutes
    }
}
