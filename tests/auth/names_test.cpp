#include "auth/names.h"

#include <doctest/doctest.h>

using namespace imaparc;
using namespace imaparc::auth;

namespace {

std::string prepared(std::string_view name) {
    const auto result = prepare_name(name);
    return result ? *result : "! " + result.error().text;
}

std::string password(std::string_view text) {
    const auto result = prepare_password(text);
    return result ? std::string(result->view()) : "!";
}

}  // namespace

TEST_CASE("names: the examples of RFC 8265 3.6 and 3.3") {
    CHECK(prepared("juliet@example.com") == "juliet@example.com");
    CHECK(prepared("fussball") == "fussball");
    CHECK(prepared("fu\xC3\x9F"
                   "ball") ==
          "fu\xC3\x9F"
          "ball");                                   // sharp s stays
    CHECK(prepared("\xCF\x80") == "\xCF\x80");       // small pi
    CHECK(prepared("\xCE\xA3") == "\xCF\x83");       // capital sigma -> small sigma
    CHECK(prepared("\xCF\x83") == "\xCF\x83");       // small sigma
    CHECK(prepared("\xCF\x82") == "\xCF\x82");       // final sigma
    CHECK_FALSE(prepare_name("\xE2\x99\x9A"));       // BLACK CHESS KING is a symbol
    CHECK_FALSE(prepare_name(""));                   // zero bytes
    CHECK_FALSE(prepare_name("foo bar"));            // a space is for userparts to be joined with
    CHECK_FALSE(prepare_name("henry\xE2\x85\xA3"));  // ROMAN NUMERAL FOUR has a compatibility form
}

TEST_CASE("names: ASCII keeps what is printable and loses its case") {
    CHECK(prepared("Ann.O'Hara+x@Example.ORG") == "ann.o'hara+x@example.org");
    CHECK_FALSE(prepare_name("ann\n"));
    CHECK_FALSE(prepare_name("ann\x7F"));
    CHECK_FALSE(prepare_name(std::string_view("ann\0", 4)));
    CHECK(prepare_name(std::string(255, 'a')));
    CHECK_FALSE(prepare_name(std::string(256, 'a')));
}

TEST_CASE("names: one user however typed") {
    const std::string composed = "\xC3\xA4nne";  // ä composed
    CHECK(prepared("\xC3\x84NNE") == composed);
    CHECK(prepared("a\xCC\x88nne") == composed);  // a + combining diaeresis
    CHECK(prepared("A\xCC\x88NNE") == composed);
    CHECK(prepared("\xEF\xBC\xA1\xEF\xBC\xAE\xEF\xBC\xAE") == "ann");  // fullwidth ANN
    CHECK(prepared("\xEF\xBD\xB1") == "\xE3\x82\xA2");                 // halfwidth katakana A -> katakana A
}

TEST_CASE("names: what looks like another name is refused") {
    CHECK_FALSE(prepare_name("an\xC2\xADn"));      // soft hyphen: default ignorable
    CHECK_FALSE(prepare_name("ann\xE2\x80\x8B"));  // zero width space
    CHECK_FALSE(prepare_name("ann\xE2\x80\x8D"));  // zero width joiner without a virama before it
    CHECK(prepare_name("\xE0\xA4\x95\xE0\xA5\x8D\xE2\x80\x8D\xE0\xA4\xB7"));  // with one (Devanagari)
    CHECK_FALSE(prepare_name("\xEF\xAC\x81x"));                               // ligature fi
    CHECK_FALSE(prepare_name("\xEE\x80\x80"));                                // private use
    CHECK_FALSE(prepare_name("\xE1\x84\x80"));                                // old hangul jamo
    CHECK_FALSE(prepare_name("\xED\xA0\x80"));                                // surrogate: no UTF-8
    CHECK_FALSE(prepare_name("\xFF"));
}

TEST_CASE("names: contextual characters (RFC 5892 appendix A)") {
    CHECK(prepare_name("col\xC2\xB7lecci\xC3\xB3"));  // middle dot between two l
    CHECK_FALSE(prepare_name("a\xC2\xB7z"));
    CHECK(prepare_name("\xE3\x82\xA2\xE3\x83\xBB"));  // katakana middle dot beside katakana
    CHECK_FALSE(prepare_name("a\xE3\x83\xBB"));
    CHECK_FALSE(prepare_name("\xD8\xA7\xD9\xA0\xDB\xB0"));  // Arabic-Indic and extended digits mixed
}

TEST_CASE("names: writing direction (RFC 5893)") {
    CHECK(prepare_name("\xD7\x90\xD7\x91"));  // Hebrew
    CHECK(
        prepare_name("\xD7\x90"
                     "1"));                  // ending in a European digit
    CHECK_FALSE(prepare_name("a\xD7\x90"));  // Latin, then Hebrew
    CHECK_FALSE(
        prepare_name("\xD7\x90"
                     "a"));                  // Hebrew, then Latin
    CHECK_FALSE(prepare_name("1\xD7\x90"));  // must not begin with a digit
}

TEST_CASE("passwords: the examples of RFC 8265 4.3") {
    CHECK(password("correct horse battery staple") == "correct horse battery staple");
    CHECK(password("Correct Horse Battery Staple") == "Correct Horse Battery Staple");
    CHECK(password("\xCF\x80\xC3\x9F\xC3\xA5") == "\xCF\x80\xC3\x9F\xC3\xA5");
    CHECK(password("Jack of \xE2\x99\xA6s") == "Jack of \xE2\x99\xA6s");
    CHECK(password("foo\xE1\x9A\x80"
                   "bar") == "foo bar");  // OGHAM SPACE MARK
    CHECK(password("") == "!");
    CHECK(password("my cat is a \x09 by") == "!");  // TAB
}

TEST_CASE("passwords: NFC, and bounds") {
    CHECK(password("pa\xCC\x88ss") == "p\xC3\xA4ss");
    CHECK(password("\xFF") == "!");
    CHECK(password(std::string(1024, 'p')) == std::string(1024, 'p'));
    CHECK(password(std::string(1025, 'p')) == "!");
}
