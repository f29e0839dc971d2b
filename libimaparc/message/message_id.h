// Message IDs (RFC 5322 3.6.4) in the one form that compares: without angle brackets, comments, white space and quoting
// (RFC 5256, THREAD REFERENCES: <"01KF8JCEOCBS0045PS"@xxx.yyy.com> is <01KF8JCEOCBS0045PS@xxx.yyy.com>). Case counts.
//
// Any thread; pure functions.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace imaparc::message {

// A longer one is none: it would not fit on a line (RFC 5322 2.1.1).
constexpr std::size_t max_message_id = 998;

// Each message ID of an unfolded field body (References, In-Reply-To, Message-ID), in order, normalised; what stands
// between them is passed over. Mail is lenient about what is one: text in angle brackets with an '@', even where a dot
// or a sign is that RFC 5322 would have quoted; "<nobody>" is none. `visit` returns false to stop. Linear in the text.
void each_message_id(std::string_view text, const std::function<bool(std::string&& id)>& visit);

// The same as a list, at most `limit`.
std::vector<std::string> message_ids(std::string_view text, std::size_t limit = 1000);

// The first, as RFC 5256 takes it from Message-ID and In-Reply-To; nullopt: there is no valid one.
std::optional<std::string> first_message_id(std::string_view text);

}  // namespace imaparc::message
