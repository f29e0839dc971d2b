#include "search/folded.h"

#include <string.h>

#include <algorithm>
#include <utility>

namespace imaparc::search {

// A character is a byte that says how many follow it (RFC 3629 3).
std::size_t cut_at_end(std::string_view text) {
    for (std::size_t back = 1; back <= std::min<std::size_t>(3, text.size()); ++back) {
        const auto byte = static_cast<unsigned char>(text[text.size() - back]);
        if (byte < 0x80) return 0;
        if (byte < 0xC0) continue;
        const std::size_t length = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : 2;
        return length > back ? back : 0;
    }
    return 0;
}

bool contains(std::string_view text, std::string_view word) {
    return word.empty() || memmem(text.data(), text.size(), word.data(), word.size()) != nullptr;
}

FoldedSearch::FoldedSearch(const std::vector<std::string>& words, Collation collation)
    : words_(words), collation_(collation), found_(words.size(), false), missing_(words.size()) {
    for (const auto& word : words_) keep_ = std::max(keep_, word.size() - 1);
}

bool FoldedSearch::feed(std::string_view piece) {
    if (missing_ == 0) return false;
    if (rest_.empty()) {
        const auto cut = cut_at_end(piece);
        rest_.assign(piece.substr(piece.size() - cut));
        look(piece.substr(0, piece.size() - cut));
    } else {
        rest_.append(piece);
        const auto cut = cut_at_end(rest_);
        std::string next = rest_.substr(rest_.size() - cut);
        rest_.resize(rest_.size() - cut);
        look(rest_);
        rest_ = std::move(next);
    }
    return missing_ > 0;
}

void FoldedSearch::finish() {
    const std::string last = std::exchange(rest_, {});
    look(last);
    window_.clear();
}

void FoldedSearch::look(std::string_view whole_characters) {
    if (whole_characters.empty()) return;
    window_ += folded(whole_characters, collation_);
    for (std::size_t i = 0; i < words_.size(); ++i) {
        if (found_[i] || !contains(window_, words_[i])) continue;
        found_[i] = true;
        --missing_;
    }
    if (window_.size() > keep_) window_.erase(0, window_.size() - keep_);
}

}  // namespace imaparc::search
