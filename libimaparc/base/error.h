// Error and Result: how a room tells its caller that an input could not be honoured.
//
// A value for what an input can cause (a name that does not exist, a setting out of range, a message that cannot be
// read); an exception (Fault) for a world that is gone (the database, the disk). One place a program turns either into
// words: session/outcome for IMAP, the ctl for exit codes, config for file, line and caret.
//
// Any thread; values only.
#pragma once

#include <stdexcept>
#include <string>
#include <utility>
#include <variant>

namespace imaparc {

enum class ErrorKind {
    invalid,      // the input is malformed or out of range; the text says what is allowed
    not_found,    // the thing named does not exist
    refused,      // understood and declined (a writing verb on an archive)
    denied,       // the caller may not
    unavailable,  // there, but not now: try again
    limit,        // a bound was reached; the text names it
    conflict,     // exists already, is taken by another
    damaged,      // data on disk that fails its checks
    io,           // the operating system said no; the text carries strerror
};

// The word for a kind, as logs and JSON show it: "not_found".
const char* to_string(ErrorKind kind);

struct Error {
    ErrorKind kind = ErrorKind::invalid;
    std::string text;  // one line, names the thing, no full stop at its end
};

// A world that is gone: thrown, never returned. what() is Error::text.
class Fault : public std::runtime_error {
  public:
    Fault(ErrorKind kind, const std::string& text) : std::runtime_error(text), kind_(kind) {}
    explicit Fault(const Error& error) : Fault(error.kind, error.text) {}
    ErrorKind kind() const { return kind_; }
    Error error() const { return {kind_, what()}; }

  private:
    ErrorKind kind_;
};

// An Error of kind io whose text is "WHAT: strerror(number)"; ENOENT becomes not_found, EACCES and EPERM denied.
Error system_error(int number, const std::string& what);

// Either a T or an Error. Reading the one that is not there throws std::bad_variant_access (a programming error).
template <class T>
class [[nodiscard]] Result {
  public:
    Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
    Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

    bool ok() const { return state_.index() == 0; }
    explicit operator bool() const { return ok(); }
    T& value() & { return std::get<0>(state_); }
    const T& value() const& { return std::get<0>(state_); }
    T&& value() && { return std::get<0>(std::move(state_)); }
    T& operator*() & { return value(); }
    const T& operator*() const& { return value(); }
    T&& operator*() && { return std::move(*this).value(); }
    T* operator->() { return &value(); }
    const T* operator->() const { return &value(); }
    Error& error() { return std::get<1>(state_); }
    const Error& error() const { return std::get<1>(state_); }

  private:
    std::variant<T, Error> state_;
};

// Nothing, or an Error.
template <>
class [[nodiscard]] Result<void> {
  public:
    Result() = default;
    Result(Error error) : failed_(true), error_(std::move(error)) {}
    bool ok() const { return !failed_; }
    explicit operator bool() const { return ok(); }
    Error& error() { return error_; }
    const Error& error() const { return error_; }

  private:
    bool failed_ = false;
    Error error_;
};

}  // namespace imaparc
