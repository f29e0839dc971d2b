#include "session/texts.h"

#include <doctest/doctest.h>

#include "base/text.h"

using namespace imaparc;
using namespace imaparc::session;

namespace {

std::optional<Language> chosen(std::vector<std::string> ranges) { return chosen_language(ranges); }

}  // namespace

TEST_CASE("lookup of a language (RFC 4647 3.4)") {
    CHECK(chosen({"de"}) == Language::german);
    CHECK(chosen({"DE"}) == Language::german);
    CHECK(chosen({"de-AT"}) == Language::german);
    CHECK(chosen({"de-Latn-AT-1901"}) == Language::german);
    CHECK(chosen({"fr-CA", "en-CA"}) == Language::english);
    CHECK(chosen({"fr", "de", "en"}) == Language::german);
    CHECK(chosen({"i-default"}) == Language::i_default);
    CHECK(chosen({"default"}) == Language::i_default);
    CHECK(chosen({"*"}) == Language::i_default);
    CHECK(chosen({"fr", "*"}) == Language::i_default);
}

TEST_CASE("ranges that mean none of them, or are no ranges") {
    for (const char* range :
         {"mul", "deu", "d", "de_AT", "de-", "-de", "", "de--AT", "123", "de-abcdefghi", "en*", "i"})
        CHECK(!chosen({range}));
    CHECK(!chosen({}));
}

TEST_CASE("texts in German, with what they are about in its place") {
    CHECK(in_language(Language::german, "Logged in") == "Angemeldet");
    CHECK(in_language(Language::german, "NOOP completed") == "NOOP ausgeführt");
    CHECK(in_language(Language::german, "UID MOVE: this is a read-only archive") ==
          "UID MOVE: Dieses Archiv kann nur gelesen werden");
    CHECK(in_language(Language::german,
                      "The archive is being synchronised: 37 %, about 12 s left. Please try again later") ==
          "Das Archiv wird synchronisiert: 37 %, noch etwa 12 s. Bitte versuchen Sie es später wieder");
    CHECK(in_language(Language::german, "nobody says this") == "nobody says this");
    CHECK(in_language(Language::german, "") == "");
    for (const auto language : {Language::i_default, Language::english})
        CHECK(in_language(language, "Logged in") == "Logged in");
}

TEST_CASE("the catalog: English in US-ASCII, German in UTF-8, no control characters, nothing that looks like a code") {
    for (const auto& [english, german] : german_texts()) {
        CHECK(ascii_only(english));
        CHECK(valid_utf8(german));
        for (const auto text : {english, german}) {
            REQUIRE(!text.empty());
            CHECK(text.find_first_of("[\r\n") == std::string_view::npos);
        }
        // Each row is found by its own text, and nothing is left of the English.
        CHECK(in_language(Language::german, english) == german);
    }
}
