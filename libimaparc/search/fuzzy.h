// What FUZZY finds (RFC 6203): the words of a phrase, in any order, each as it is, as a part of a longer word, or with
// a slip of the pen; case and accents make no difference. How well they are found is a strength.
//
// A FuzzyPhrase is immutable and may be shared; a FuzzySearch belongs to one thread. Cost grows with the text times the
// phrase's words, whatever the text is.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace imaparc::search {

class FuzzyPhrase {
  public:
    static constexpr std::size_t max_words = 16;  // further ones are not looked for
    static constexpr std::size_t max_word = 64;   // characters of a word that are compared, here and in texts

    // UTF-8. What separates words is no part of them; a phrase of nothing else has no words and is found nowhere.
    explicit FuzzyPhrase(std::string_view phrase);
    const std::vector<std::u32string>& words() const { return words_; }

  private:
    std::vector<std::u32string> words_;  // folded
};

// How alike two folded words are: 100 the same, 0 not worth mention. One slip (a letter wrong, missing, too many, or
// two exchanged) is forgiven in a word of four letters, two from eight on; part of a longer word from three on.
unsigned likeness(std::u32string_view wanted, std::u32string_view word);

// One text, which may come in pieces.
class FuzzySearch {
  public:
    explicit FuzzySearch(const FuzzyPhrase& phrase) : phrase_(phrase), found_(phrase.words().size(), 0) {}

    // The next piece, UTF-8; it may end within a word, even within a character. false: nothing can get better.
    bool feed(std::string_view piece);
    // Where a text ends, a word does.
    void finish();
    // 0 while a word of the phrase is missing; else 1 to 100, the mean of its words.
    unsigned strength() const;

  private:
    void look(std::string_view whole_characters);
    void end_word();

    const FuzzyPhrase& phrase_;
    std::vector<std::uint8_t> found_;  // the best likeness yet, for each word of the phrase
    std::u32string word_;              // the text's, as far as it came
    std::string rest_;                 // the bytes of a character that the last piece cut
};

}  // namespace imaparc::search
