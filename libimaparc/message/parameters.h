// Parameters of structured MIME fields (RFC 2045 5.1, RFC 2231).
//
// Any thread; pure functions but for the arena.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "message/summary.h"
#include "message/text_arena.h"

namespace imaparc::message {

// The parameters of a field, from the first ';' of the text on, at most `limit`. Lenient as mail is: a missing value,
// ';' or closing '"', and values that ought to have been quoted ("name=annual report.pdf") are read as they were meant.
//
// Continuations are joined (RFC 2231 6 wants that of IMAP servers); if a piece was in extended form, the whole is (name
// "filename*", value "charset'language'percent-encoded"), for the client to decode. Dovecot and Cyrus do the same.
std::vector<Parameter> parse_parameters(std::string_view text, TextArena& arena, std::size_t limit);

// The value of the first parameter of that name, for our own use: of the extended form ("name*") without charset and
// language, its percent-encoding undone. nullopt if there is none.
std::optional<std::string> parameter_value(const std::vector<Parameter>& parameters, std::string_view name);

}  // namespace imaparc::message
