// The first words of a text part, for PREVIEW (RFC 8970 3.3): what its author says, not what is quoted or decoration.
//
//   part's bytes -> transfer encoding undone -> UTF-8 -> of HTML the text -> folded, quoted lines set aside
//
// All in pieces, memory bounded, whatever comes; nothing is looked at beyond preview_octets of the part.
//
// One thread at a time.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "message/summary.h"

namespace imaparc::message {

constexpr std::size_t preview_octets = 64 * 1024;  // of a part, as encoded: style sheets of HTML mail are long

class PreviewText {
  public:
    // Whether a preview can come from the part: text that is not declared an attachment, plain or HTML.
    static bool possible(const Part& part);
    static bool is_html(const Part& part);

    explicit PreviewText(const Part& part);  // possible(part)
    ~PreviewText();
    PreviewText(PreviewText&&) noexcept;
    PreviewText& operator=(PreviewText&&) noexcept;

    // The part's next raw bytes.
    void feed(std::string_view raw);
    // Nothing that may come makes a difference.
    bool full() const;
    // What to show; where all is quoted, the quotation. "" if there is no text. Once, at the part's end or when full.
    std::string finish();

  private:
    struct Inside;
    std::unique_ptr<Inside> inside_;
};

}  // namespace imaparc::message
