// What a client's user reads, in the user's language (LANGUAGE, RFC 5255 3). The runners write English; this puts it
// into the language of the session as it leaves. A text that the catalog lacks stays English: tests/structure holds
// the catalog against the sources of this room. Texts from the rooms below (where a command is malformed, why the
// synchronisation waits) are for support and stay as they are, but for what the catalog has of them.
//
// Any thread; pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "imap/render.h"

namespace imaparc::session {

enum class Language : std::uint8_t {
    i_default,  // English in US-ASCII: what every client begins with (RFC 5255 3.1)
    english,
    german,
};

// In the order in which LANGUAGE lists them.
std::span<const std::string_view> language_tags();
std::string_view tag_of(Language language);

// The first of the ranges that a language here is meant by: the tag itself, "*" and "default" (English), or one that
// begins with it ("de-AT": lookup, RFC 4647 3.4). nullopt: none; a range that is no range matches nothing.
std::optional<Language> chosen_language(std::span<const std::string> ranges);

// The English text in that language; as it is, if the catalog lacks it.
std::string in_language(Language language, std::string_view english);

// Whether the client is ready for UTF-8 in texts (RFC 5255 3.5).
inline imap::TextForm text_form(Language language) {
    return language == Language::i_default ? imap::TextForm::us_ascii : imap::TextForm::utf8;
}

// The catalog, English and German; "{}" stands for what the text is about: a name, a number.
std::span<const std::pair<std::string_view, std::string_view>> german_texts();

}  // namespace imaparc::session
