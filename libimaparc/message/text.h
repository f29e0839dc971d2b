// Text out of mail, as SEARCH means it: encoded words, charsets and transfer encodings undone, UTF-8.
//
// Any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "message/summary.h"

namespace imaparc::message {

// i;unicode-casemap (RFC 5051): titlecased and decomposed; bytes that are no UTF-8 pass as they are.
std::string casemap(std::string_view utf8);

// A header field's body: unfolded, encoded words decoded (RFC 2047), 8-bit bytes taken as UTF-8 if they are, else
// as Windows-1252. Never fails.
std::string decode_header(std::string_view raw);

// UTF-8 from `charset` (any name iconv knows, aliases included); bytes that do not convert become U+FFFD.
// invalid if the charset is unknown.
Result<std::string> to_utf8(std::string_view charset, std::string_view bytes);
bool known_charset(std::string_view charset);

// One field of a header block (wire or raw form), in order; name without colon, value with its folds but without
// the last line end. Broken lines are skipped.
void for_each_field(std::string_view header,
                    const std::function<void(std::string_view name, std::string_view value)>& f);

// The text that SEARCH BODY looks into: each text part and each nested message's (header and text), decoded to UTF-8,
// given in pieces that end at a line end where lines are shorter than 64 KiB. The piece that ends a part (or a nested
// message's header) says so, and may be empty. `read(raw_offset, buffer)` fills from the message's raw bytes and
// returns how much. `visit` returns false to stop. Memory bounded by the piece size.
enum class Follows : std::uint8_t { same_part, other_part };
using ReadRaw = std::function<Result<std::size_t>(std::uint64_t offset, char* buffer, std::size_t size)>;
using VisitText = std::function<bool(std::string_view utf8, Follows follows)>;
Result<void> visit_body_text(const Summary& summary, const ReadRaw& read, const VisitText& visit);

}  // namespace imaparc::message
