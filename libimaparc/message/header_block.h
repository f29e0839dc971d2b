// The header of a message or a part while it is read: the fields that a summary is made of, unfolded as they come; all
// others only pass.
//
// One thread at a time.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace imaparc::message {

enum class Field : std::uint8_t {
    date,
    subject,
    from,
    sender,
    reply_to,
    to,
    cc,
    bcc,
    in_reply_to,
    references,
    message_id,
    content_type,
    content_transfer_encoding,
    content_id,
    content_description,
    content_md5,
    content_disposition,
    content_language,
    content_location,
};

class HeaderBlock {
  public:
    // Whether envelope fields matter (a message) or Content-* alone (a part of a multipart).
    enum class Kind : std::uint8_t { message, part };

    void begin(Kind kind);
    // One line without its LF, not the empty line. Beyond max_header_bytes of the block nothing is looked at.
    void add_line(std::string_view line);

    // Visits the field's bodies in order: unfolded as RFC 5322 2.2.3 says (line ends go, white space stays), without
    // white space around them, NUL as 0x80 and stray CR as a space.
    template <class Visit>
    void each(Field field, Visit visit) const {
        for (const Entry& entry : entries_)
            if (entry.field == field) visit(body(entry));
    }
    // RFC 5322 allows one of each; of several the first counts in Content-*, the last in the envelope, as in Dovecot.
    bool has(Field field) const;
    std::string_view first(Field field) const;
    std::string_view last(Field field) const;

  private:
    struct Entry {
        Field field;
        std::size_t begin, end;
    };
    std::string_view body(const Entry& entry) const;
    void append(std::string_view piece);

    Kind kind_ = Kind::part;
    std::size_t seen_ = 0;  // bytes of the block so far
    bool inside_ = false;   // the last field is one of ours: its folds are, too
    std::string text_;      // the bodies, one after the other
    std::vector<Entry> entries_;
};

// The field name of a header line: what stands before the colon, without white space; "" if it is no field.
std::string_view field_name(std::string_view line);

}  // namespace imaparc::message
