// A message's flags as rooms hand them around (RFC 3501 2.3.2). \Recent is never set; \Deleted is never stored.
//
// Any thread; values only.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace imaparc {

namespace flag {
constexpr std::uint8_t seen = 1;
constexpr std::uint8_t answered = 2;
constexpr std::uint8_t flagged = 4;
constexpr std::uint8_t draft = 8;
constexpr std::uint8_t deleted = 16;  // may be asked for, is never kept
constexpr std::uint8_t kept = seen | answered | flagged | draft;
}  // namespace flag

// System flags as bits, keywords as bits of a table that belongs to the folder and user (at most 64 of them).
struct FlagBits {
    std::uint8_t system = 0;
    std::uint64_t keywords = 0;
    bool operator==(const FlagBits&) const = default;
};

// Flags by name, as commands carry them. Keywords keep the case they were first seen with; they compare by ASCII case.
struct FlagNames {
    std::uint8_t system = 0;
    std::vector<std::string> keywords;
    bool operator==(const FlagNames&) const = default;
};

// "\Seen" (any case) to its bit; nullopt for anything else, \Recent included.
std::optional<std::uint8_t> system_flag(std::string_view name);

// "\Answered", "\Flagged", "\Deleted", "\Seen", "\Draft" of the bits, separated by spaces; "" for none.
std::string system_flag_text(std::uint8_t system);

}  // namespace imaparc
