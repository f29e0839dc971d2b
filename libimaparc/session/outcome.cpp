#include "session/outcome.h"

namespace imaparc::session {

namespace {

imap::Code code_of(ErrorKind kind) {
    switch (kind) {
        case ErrorKind::invalid:
            return imap::Code::cannot;
        case ErrorKind::not_found:
            return imap::Code::nonexistent;
        case ErrorKind::refused:
        case ErrorKind::denied:
            return imap::Code::no_perm;
        case ErrorKind::unavailable:
            return imap::Code::unavailable;
        case ErrorKind::limit:
            return imap::Code::limit;
        case ErrorKind::conflict:
            return imap::Code::in_use;
        case ErrorKind::damaged:
        case ErrorKind::io:
            return imap::Code::unavailable;
    }
    return imap::Code::server_bug;
}

constexpr const char* inside_hidden = "The archive cannot be read at the moment";

}  // namespace

Outcome ok(std::string text, imap::StatusCode code) {
    return {imap::Condition::ok, std::move(code), std::move(text), false};
}

Outcome no(imap::StatusCode code, std::string text) {
    return {imap::Condition::no, std::move(code), std::move(text), false};
}

Outcome bad(std::string text, imap::StatusCode code) {
    return {imap::Condition::bad, std::move(code), std::move(text), false};
}

Outcome answered() { return {imap::Condition::ok, {}, {}, true}; }

Outcome outcome_of(const Error& error) {
    const bool inside = error.kind == ErrorKind::io || error.kind == ErrorKind::damaged;
    return no(code_of(error.kind), inside ? inside_hidden : error.text);
}

Outcome outcome_of(const Fault&) { return no(imap::Code::unavailable, inside_hidden); }

Outcome not_synchronised(const std::optional<Progress>& progress) {
    return no(imap::Code::unavailable,
              "The archive is being synchronised: " + (progress ? progress->text() : std::string("just started")) +
                  ". Please try again later");
}

}  // namespace imaparc::session
