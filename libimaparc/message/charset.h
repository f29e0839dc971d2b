// Charsets to UTF-8, in pieces (iconv behind it, the usual ones done here).
//
// A converter belongs to one thread at a time.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"

namespace imaparc::message {

class Utf8Converter {
  public:
    // From a charset by any name mail uses (iconv's and some that only mail knows). Text in US-ASCII that is none is
    // read as with mixed(). invalid if the charset is unknown.
    static Result<Utf8Converter> from(std::string_view charset);
    // For text of unknown charset: sequences that are UTF-8 as such, other bytes as Windows-1252.
    static Utf8Converter mixed();

    Utf8Converter(Utf8Converter&&) noexcept;
    Utf8Converter& operator=(Utf8Converter&&) noexcept;
    ~Utf8Converter();

    // Appends what the bytes mean; an unfinished character waits for the next piece. What does not convert becomes
    // U+FFFD.
    void convert(std::string_view bytes, std::string& out);
    // No more will come: an unfinished character becomes U+FFFD. The converter is as new.
    void finish(std::string& out);

  private:
    struct Inside;
    explicit Utf8Converter(std::unique_ptr<Inside> inside);
    std::unique_ptr<Inside> inside_;
};

// How many bytes the well-formed UTF-8 sequence at the front has (RFC 3629); 0: there is none. `cut_short` (if given)
// tells whether it is but the beginning of one.
std::size_t utf8_sequence(std::string_view text, bool* cut_short = nullptr);

// How many bytes at the front are ASCII.
std::size_t ascii_run(std::string_view text);

}  // namespace imaparc::message
