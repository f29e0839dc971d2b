// The words on the control socket. Each side sends lines: one JSON object and LF. A request, then any number of events
// and one answer; then the next request.
//
//   {"version":1,"verb":"resync","request":{"user":"ann","wait":true}}
//   {"version":1,"event":{"owners_done":0,...}}
//   {"version":1,"answer":{"finished":true,...}}       or  {"version":1,"error":{"kind":"not_found","text":"..."}}
//
// Members that are missing keep their defaults and unknown ones are ignored, so that a newer ctl and an older daemon
// understand each other; a member of the wrong type or out of range is an error.
//
// Any thread; pure functions.
#pragma once

#include <boost/describe.hpp>
#include <boost/json/value.hpp>
#include <boost/mp11/algorithm.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/error.h"
#include "control/verbs.h"

namespace imaparc::control {

inline constexpr int protocol_version = 1;
inline constexpr std::size_t request_limit = 8U << 20;  // bytes of a line; a configuration of 1 MiB, each byte escaped
inline constexpr std::size_t answer_limit = 64U << 20;  // 10,000 owners or folders take some MB
inline constexpr std::size_t deepest = 16;              // levels of objects and lists

// ---- any described struct of verbs.h

template <class T>
boost::json::value to_json(const T& value);
// invalid: the text names the member.
template <class T>
Result<void> from_json(const boost::json::value& json, T& value, std::string_view name = "");

// ---- lines

struct RequestLine {
    std::string verb;
    boost::json::value request;
};

struct AnswerLine {
    enum class Kind { event, answer, error };
    Kind kind = Kind::error;
    boost::json::value value;  // of event and answer
    Error error;
};

std::string write_request(std::string_view verb, const boost::json::value& request);
std::string write_event(const boost::json::value& event);
std::string write_answer(const boost::json::value& answer);
std::string write_error(const Error& error);
// The line without its LF. invalid: not JSON, too deep, not of this form, or of another version.
Result<RequestLine> read_request(std::string_view line);
Result<AnswerLine> read_answer(std::string_view line);

std::string to_text(const boost::json::value& json);         // one line
std::string to_pretty_text(const boost::json::value& json);  // indented; ends with a newline

// ---- inside

namespace codec {

template <class T>
struct IsOptional : std::false_type {};
template <class T>
struct IsOptional<std::optional<T>> : std::true_type {};
template <class T>
struct IsVector : std::false_type {};
template <class T>
struct IsVector<std::vector<T>> : std::true_type {};

template <class T>
using Members = boost::describe::describe_members<T, boost::describe::mod_public | boost::describe::mod_inherited>;

// The scalars, out of line.
boost::json::value scalar(bool value);
boost::json::value scalar(std::uint64_t value);
boost::json::value scalar(std::int64_t value);
boost::json::value scalar(double value);
boost::json::value scalar(const std::string& value);  // invalid UTF-8 is made printable
Result<void> read_scalar(const boost::json::value& json, bool& value, std::string_view name);
Result<void> read_scalar(const boost::json::value& json, std::uint64_t& value, std::string_view name);
Result<void> read_scalar(const boost::json::value& json, std::int64_t& value, std::string_view name);
Result<void> read_scalar(const boost::json::value& json, double& value, std::string_view name);
Result<void> read_scalar(const boost::json::value& json, std::string& value, std::string_view name);
Error wrong(std::string_view name, std::string_view wanted);

void add_member(boost::json::value& object, std::string_view name, boost::json::value member);
const boost::json::value* member(const boost::json::value& object, std::string_view name);  // nullptr: not there
void add_item(boost::json::value& list, boost::json::value item);
std::size_t items(const boost::json::value& list);
const boost::json::value& item(const boost::json::value& list, std::size_t i);
boost::json::value empty_object();
boost::json::value empty_list();

}  // namespace codec

template <class T>
boost::json::value to_json(const T& value) {
    if constexpr (codec::IsOptional<T>::value) {
        return value ? to_json(*value) : boost::json::value();
    } else if constexpr (codec::IsVector<T>::value) {
        auto list = codec::empty_list();
        for (const auto& one : value) codec::add_item(list, to_json(one));
        return list;
    } else if constexpr (std::is_same_v<T, bool> || std::is_same_v<T, double> || std::is_same_v<T, std::string>) {
        return codec::scalar(value);
    } else if constexpr (std::is_integral_v<T> && std::is_signed_v<T>) {
        return codec::scalar(std::int64_t{value});
    } else if constexpr (std::is_integral_v<T>) {
        return codec::scalar(std::uint64_t{value});
    } else {
        auto object = codec::empty_object();
        boost::mp11::mp_for_each<codec::Members<T>>(
            [&](auto d) { codec::add_member(object, d.name, to_json(value.*d.pointer)); });
        return object;
    }
}

template <class T>
Result<void> from_json(const boost::json::value& json, T& value, std::string_view name) {
    if constexpr (codec::IsOptional<T>::value) {
        if (json.is_null()) {
            value.reset();
            return {};
        }
        value.emplace();
        return from_json(json, *value, name);
    } else if constexpr (codec::IsVector<T>::value) {
        if (!json.is_array()) return codec::wrong(name, "a list");
        value.clear();
        value.reserve(codec::items(json));
        for (std::size_t i = 0; i < codec::items(json); ++i) {
            value.emplace_back();
            if (auto read = from_json(codec::item(json, i), value.back(), name); !read) return read;
        }
        return {};
    } else if constexpr (std::is_same_v<T, bool> || std::is_same_v<T, double> || std::is_same_v<T, std::string>) {
        return codec::read_scalar(json, value, name);
    } else if constexpr (std::is_integral_v<T>) {
        std::conditional_t<std::is_signed_v<T>, std::int64_t, std::uint64_t> wide{};
        if (auto read = codec::read_scalar(json, wide, name); !read) return read;
        if (!std::in_range<T>(wide)) return codec::wrong(name, "a smaller number");
        value = static_cast<T>(wide);
        return {};
    } else {
        if (!json.is_object()) return codec::wrong(name, "an object");
        Result<void> result;
        boost::mp11::mp_for_each<codec::Members<T>>([&](auto d) {
            if (!result) return;
            if (const auto* found = codec::member(json, d.name)) result = from_json(*found, value.*d.pointer, d.name);
        });
        return result;
    }
}

}  // namespace imaparc::control
