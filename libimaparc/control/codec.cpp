#include "control/codec.h"

#include <boost/json/parse.hpp>
#include <boost/json/parse_options.hpp>
#include <boost/json/serialize.hpp>
#include <cmath>

#include "base/text.h"

namespace imaparc::control {

namespace json = boost::json;

namespace codec {

json::value scalar(bool value) { return value; }
json::value scalar(std::uint64_t value) { return value; }
json::value scalar(std::int64_t value) { return value; }
json::value scalar(double value) { return std::isfinite(value) ? json::value(value) : json::value(0.0); }
json::value scalar(const std::string& value) {
    if (valid_utf8(value)) return json::value(json::string_view(value));
    return json::value(json::string_view(printable(value, 4 * value.size() + 16)));
}

Error wrong(std::string_view name, std::string_view wanted) {
    return {ErrorKind::invalid,
            (name.empty() ? std::string("it") : std::string(name)) + " must be " + std::string(wanted)};
}

Result<void> read_scalar(const json::value& json, bool& value, std::string_view name) {
    if (!json.is_bool()) return wrong(name, "true or false");
    value = json.get_bool();
    return {};
}

Result<void> read_scalar(const json::value& json, std::uint64_t& value, std::string_view name) {
    if (json.is_uint64()) {
        value = json.get_uint64();
    } else if (json.is_int64() && json.get_int64() >= 0) {
        value = static_cast<std::uint64_t>(json.get_int64());
    } else {
        return wrong(name, "a whole number, not negative");
    }
    return {};
}

Result<void> read_scalar(const json::value& json, std::int64_t& value, std::string_view name) {
    if (!json.is_int64()) return wrong(name, "a whole number");
    value = json.get_int64();
    return {};
}

Result<void> read_scalar(const json::value& json, double& value, std::string_view name) {
    if (json.is_double())
        value = json.get_double();
    else if (json.is_int64())
        value = static_cast<double>(json.get_int64());
    else if (json.is_uint64())
        value = static_cast<double>(json.get_uint64());
    else
        return wrong(name, "a number");
    return {};
}

Result<void> read_scalar(const json::value& json, std::string& value, std::string_view name) {
    if (!json.is_string()) return wrong(name, "a text");
    value.assign(json.get_string().data(), json.get_string().size());
    return {};
}

void add_member(json::value& object, std::string_view name, json::value member) {
    object.get_object().emplace(json::string_view(name.data(), name.size()), std::move(member));
}

const json::value* member(const json::value& object, std::string_view name) {
    return object.get_object().if_contains(json::string_view(name.data(), name.size()));
}

void add_item(json::value& list, json::value item) { list.get_array().push_back(std::move(item)); }
std::size_t items(const json::value& list) { return list.get_array().size(); }
const json::value& item(const json::value& list, std::size_t i) { return list.get_array()[i]; }
json::value empty_object() { return json::object(); }
json::value empty_list() { return json::array(); }

}  // namespace codec

namespace {

std::string line(std::string_view what, json::value value) {
    json::value object = json::object();
    codec::add_member(object, "version", protocol_version);
    codec::add_member(object, what, std::move(value));
    return json::serialize(object) + "\n";
}

// An object of our version.
Result<json::value> read_line(std::string_view line, std::size_t limit) {
    if (line.size() > limit) return Error{ErrorKind::limit, "a line of more than " + std::to_string(limit) + " bytes"};
    json::parse_options options;
    options.max_depth = deepest;
    json::error_code code;
    auto value = json::parse(json::string_view(line.data(), line.size()), code, {}, options);
    if (code) return Error{ErrorKind::invalid, "not JSON: " + code.message()};
    if (!value.is_object()) return codec::wrong("a line", "an object");
    const auto* version = codec::member(value, "version");
    if (!version || !version->is_int64()) return codec::wrong("version", "a number");
    if (version->get_int64() != protocol_version)
        return Error{ErrorKind::invalid, "version " + std::to_string(version->get_int64()) +
                                             " of the control protocol is not known here, " +
                                             std::to_string(protocol_version) + " is: ctl and daemon differ too much"};
    return value;
}

ErrorKind kind_of(std::string_view word) {
    for (const auto kind :
         {ErrorKind::invalid, ErrorKind::not_found, ErrorKind::refused, ErrorKind::denied, ErrorKind::unavailable,
          ErrorKind::limit, ErrorKind::conflict, ErrorKind::damaged, ErrorKind::io})
        if (word == to_string(kind)) return kind;
    return ErrorKind::io;  // of a newer daemon
}

void write_pretty(std::string& out, const json::value& value, std::size_t indent) {
    const auto new_line = [&](std::size_t depth) { out += "\n" + std::string(2 * depth, ' '); };
    if (value.is_object() && !value.get_object().empty()) {
        out += '{';
        bool first = true;
        for (const auto& [key, member] : value.get_object()) {
            if (!first) out += ',';
            first = false;
            new_line(indent + 1);
            out += json::serialize(json::value(key)) + ": ";
            write_pretty(out, member, indent + 1);
        }
        new_line(indent);
        out += '}';
    } else if (value.is_array() && !value.get_array().empty() && !value.get_array().front().is_primitive()) {
        out += '[';
        bool first = true;
        for (const auto& item : value.get_array()) {
            if (!first) out += ',';
            first = false;
            new_line(indent + 1);
            write_pretty(out, item, indent + 1);
        }
        new_line(indent);
        out += ']';
    } else if (value.is_array() && !value.get_array().empty()) {
        out += '[';
        bool first = true;
        for (const auto& item : value.get_array()) {
            if (!first) out += ", ";
            first = false;
            write_pretty(out, item, indent);
        }
        out += ']';
    } else {
        out += json::serialize(value);
    }
}

}  // namespace

std::string write_request(std::string_view verb, const json::value& request) {
    json::value object = json::object();
    codec::add_member(object, "version", protocol_version);
    codec::add_member(object, "verb", codec::scalar(std::string(verb)));
    codec::add_member(object, "request", request);
    return json::serialize(object) + "\n";
}

std::string write_event(const json::value& event) { return line("event", event); }
std::string write_answer(const json::value& answer) { return line("answer", answer); }

std::string write_error(const Error& error) {
    json::value object = json::object();
    codec::add_member(object, "kind", codec::scalar(std::string(to_string(error.kind))));
    codec::add_member(object, "text", codec::scalar(error.text));
    return line("error", std::move(object));
}

Result<RequestLine> read_request(std::string_view text) {
    auto object = read_line(text, request_limit);
    if (!object) return object.error();
    RequestLine request;
    const auto* verb = codec::member(*object, "verb");
    if (!verb) return codec::wrong("verb", "a text");
    if (auto read = codec::read_scalar(*verb, request.verb, "verb"); !read) return read.error();
    if (const auto* body = codec::member(*object, "request"))
        request.request = *body;
    else
        request.request = json::object();
    return request;
}

Result<AnswerLine> read_answer(std::string_view text) {
    auto object = read_line(text, answer_limit);
    if (!object) return object.error();
    AnswerLine answer;
    if (const auto* event = codec::member(*object, "event")) {
        answer.kind = AnswerLine::Kind::event;
        answer.value = *event;
    } else if (const auto* value = codec::member(*object, "answer")) {
        answer.kind = AnswerLine::Kind::answer;
        answer.value = *value;
    } else if (const auto* error = codec::member(*object, "error"); error && error->is_object()) {
        std::string kind;
        const auto* word = codec::member(*error, "kind");
        const auto* said = codec::member(*error, "text");
        if (!word || !said) return codec::wrong("error", "an object with kind and text");
        if (auto read = codec::read_scalar(*word, kind, "kind"); !read) return read.error();
        if (auto read = codec::read_scalar(*said, answer.error.text, "text"); !read) return read.error();
        answer.error.kind = kind_of(kind);
    } else {
        return Error{ErrorKind::invalid, "a line with neither event, answer nor error"};
    }
    return answer;
}

std::string to_text(const json::value& value) { return json::serialize(value); }

std::string to_pretty_text(const json::value& value) {
    std::string out;
    write_pretty(out, value, 0);
    return out + "\n";
}

}  // namespace imaparc::control
