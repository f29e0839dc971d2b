#include "message/subject.h"

#include "base/text.h"
#include "message/text.h"

namespace imaparc::message {

namespace {

bool is_wsp(char c) { return c == ' ' || c == '\t'; }

std::string_view without_leading_wsp(std::string_view text) {
    while (!text.empty() && is_wsp(text.front())) text.remove_prefix(1);
    return text;
}

// Tabs and continuations become spaces, several spaces one: step (1).
std::string plain_spaces(std::string_view text) {
    std::string result;
    result.reserve(text.size());
    for (const char c : text) {
        const bool space = is_wsp(c) || c == '\r' || c == '\n';
        if (!space)
            result.push_back(c);
        else if (result.empty() || result.back() != ' ')
            result.push_back(' ');
    }
    return result;
}

// subj-blob = "[" *BLOBCHAR "]" *WSP
// What stands behind it; `text` where there is none.
std::string_view behind_blob(std::string_view text) {
    if (!text.starts_with('[')) return text;
    const auto end = text.find_first_of("[]", 1);
    if (end == std::string_view::npos || text[end] != ']') return text;
    return without_leading_wsp(text.substr(end + 1));
}

// subj-refwd = ("re" / ("fw" ["d"])) *WSP [subj-blob] ":"
std::string_view behind_refwd(std::string_view text) {
    auto rest = text;
    if (ascii_istarts_with(rest, "re") || ascii_istarts_with(rest, "fw"))
        rest.remove_prefix(2);
    else
        return text;
    if (ascii_istarts_with(text, "fwd")) rest.remove_prefix(1);
    rest = behind_blob(without_leading_wsp(rest));
    return rest.starts_with(':') ? rest.substr(1) : text;
}

// Step (2): subj-trailer = "(fwd)" / WSP
bool remove_trailers(std::string_view& text) {
    constexpr std::string_view forwarded = "(fwd)";
    bool removed = false;
    for (;;) {
        if (!text.empty() && is_wsp(text.back())) {
            text.remove_suffix(1);
        } else if (text.size() >= forwarded.size() &&
                   ascii_iequals(text.substr(text.size() - forwarded.size()), forwarded)) {
            text.remove_suffix(forwarded.size());
            removed = true;
        } else {
            return removed;
        }
    }
}

// Steps (3) to (5): subj-leader = (*subj-blob subj-refwd) / WSP, and blobs that leave something behind them.
//
// The blobs in a row are looked at together, so that a row of them costs no more than its length: if a subj-refwd
// follows, all of it is a leader; if not, no subj-refwd follows any later one of them either, and each goes that has
// something behind it.
bool remove_leaders(std::string_view& text) {
    bool removed = false;
    for (;;) {
        text = without_leading_wsp(text);
        auto behind_blobs = text, last_blob = text;
        for (auto next = behind_blob(behind_blobs); next.size() != behind_blobs.size(); next = behind_blob(next)) {
            last_blob = behind_blobs;
            behind_blobs = next;
        }
        const auto behind = behind_refwd(behind_blobs);
        if (behind.size() != behind_blobs.size()) {
            removed = true;
            text = behind;
            continue;
        }
        text = behind_blobs.empty() ? last_blob : behind_blobs;
        return removed;
    }
}

// Step (6): subj-fwd = subj-fwd-hdr subject subj-fwd-trl
bool remove_forward(std::string_view& text) {
    constexpr std::string_view header = "[fwd:";
    if (!ascii_istarts_with(text, header) || !text.ends_with(']')) return false;
    text.remove_prefix(header.size());
    text.remove_suffix(1);
    return true;
}

}  // namespace

BaseSubject base_subject(std::string_view subject) {
    const std::string decoded = plain_spaces(decode_header(subject));
    std::string_view text = decoded;
    BaseSubject base;
    for (bool again = true; again;) {
        base.reply_or_forward |= remove_trailers(text);
        base.reply_or_forward |= remove_leaders(text);
        again = remove_forward(text);
        base.reply_or_forward |= again;
    }
    base.text = text;
    return base;
}

}  // namespace imaparc::message
