// Substring search by collation in text that arrives in pieces: several words in one pass, and no match is lost where
// two pieces meet.
//
// One thread at a time.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "search/collation.h"

namespace imaparc::search {

// How many bytes at the end of UTF-8 begin a character whose rest is missing.
std::size_t cut_at_end(std::string_view text);

// Both already folded.
bool contains(std::string_view text, std::string_view word);

class FoldedSearch {
  public:
    // Words already folded, none empty; they outlive the search.
    explicit FoldedSearch(const std::vector<std::string>& words, Collation collation = Collation::unicode_casemap);

    // The next piece, UTF-8, not folded; it may end within a character. false: every word was found, no more is needed.
    bool feed(std::string_view piece);
    // The text ends: a character that never became whole is looked at as it is, and what is fed next is another text,
    // which no match goes on into.
    void finish();
    bool found(std::size_t word) const { return found_[word]; }

  private:
    void look(std::string_view whole_characters);

    const std::vector<std::string>& words_;
    const Collation collation_;
    std::vector<bool> found_;
    std::size_t missing_;
    std::size_t keep_ = 0;  // folded bytes a match may begin in: the longest word's less one
    std::string window_;    // folded: the end of what was fed
    std::string rest_;      // the bytes of a character that the last piece cut
};

}  // namespace imaparc::search
