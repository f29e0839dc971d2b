// The text of an HTML document, roughly as it would be read: tags, comments, scripts and styles gone, entities decoded.
// No parser: mail's HTML is broken, and what is wanted are words.
//
// One thread at a time.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace imaparc::message {

class HtmlText {
  public:
    // UTF-8 in, in pieces of any size. Text is appended to `out`: a block ends in LF, white space is left as it is;
    // what stands in <blockquote> is between SO and SI, which appear nowhere else.
    void feed(std::string_view html, std::string& out);
    // No more will come.
    void finish(std::string& out);

    static constexpr char quote_begins = '\x0E', quote_ends = '\x0F';

  private:
    enum class At : std::uint8_t { text, entity, tag_open, tag, tag_quoted, comment, markup };
    void text(char c, std::string& out);
    void end_entity(std::string_view end, std::string& out);
    // In scripts and styles only the closing tag is one.
    bool tags_count() const { return hidden_.empty() || hidden_ == "head"; }
    void end_tag(std::string& out);

    At at_ = At::text;
    std::string held_;    // the entity's or tag's name so far
    std::string hidden_;  // the element whose content does not count ("style"); "" if none
    char quote_ = '\0';
    char last_ = '\0', before_last_ = '\0';  // in a comment
    bool name_ended_ = false;
    unsigned quotes_ = 0;  // depth of <blockquote>
};

}  // namespace imaparc::message
