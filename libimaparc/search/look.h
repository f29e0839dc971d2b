// Inside Matcher: the criteria as they are evaluated, and one message looked at.
//
// Nodes and Phrases are immutable and may be shared; a Look belongs to one thread.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "search/collation.h"
#include "search/criteria.h"
#include "search/fuzzy.h"
#include "search/match.h"

namespace imaparc::search {

// A node as it is evaluated: folded, resolved, flag names looked up.
struct Node {
    static constexpr std::size_t none = std::numeric_limits<std::size_t>::max();

    Criteria::Kind kind = Criteria::Kind::all_of;
    std::vector<Node> children;
    std::string field;
    std::string word;              // folded
    std::size_t body_word = none;  // index into Phrases::body_words
    std::size_t fuzzy = none;      // index into Phrases::fuzzy; none: to be matched exactly
    NumberSet set;
    std::optional<std::uint8_t> system;
    std::string keyword;  // object identifiers, too
    std::int64_t day = 0;
    std::uint64_t size = 0;
};

// What the nodes look for, and how.
struct Phrases {
    std::vector<std::string> body_words;  // of all body and text nodes, folded, each once
    std::vector<FuzzyPhrase> fuzzy;
    std::vector<std::size_t> fuzzy_in_body;  // those that are looked for in bodies, indices into `fuzzy`
    Collation collation = Collation::unicode_casemap;
    Seconds now = 0;
    Fields fields = Fields::header;
};

// One message looked at: what was read of it is kept until the verdict.
class Look {
  public:
    Look(const Facts& facts, const Phrases& phrases) : facts_(facts), phrases_(phrases) {}

    Result<Verdict> at(const Node& node);
    // Of a message for which at() said yes: 1 to 100, or nullopt if nothing in `node` is fuzzy. The mean where all
    // have to match, the best where one is enough.
    Result<std::optional<unsigned>> score(const Node& node);

  private:
    struct Field {
        std::string_view name;
        std::string folded;  // the value: decoded, then folded
    };

    Result<Verdict> all_of(const std::vector<Node>& children, Verdict decisive);
    bool flag(const Node& node) const;
    Seconds target(std::uint64_t interval) const;
    Verdict size(const Node& node) const;
    Verdict sent(const Node& node) const;
    Verdict saved(const Node& node) const;

    // How strongly a node finds its text: 0 not at all, 100 word for word; nullopt: what decides is not at hand.
    using Strength = std::optional<unsigned>;
    Result<Strength> strength(const Node& node);
    unsigned in_text(const Node& node, std::string_view folded_text) const;
    Result<bool> load_header();
    Result<Strength> in_fields(const Node& node, std::string_view name);
    Result<Strength> in_field(const Node& node);
    Strength in_envelope(const Node& node) const;
    bool loses_text(const Node& node) const;
    Result<bool> load_body();
    Result<Strength> in_body(const Node& node);
    Result<Strength> in_message(const Node& node);

    const Facts& facts_;
    const Phrases& phrases_;
    bool header_loaded_ = false;
    std::string header_;
    std::vector<Field> header_fields_;
    std::string header_text_;  // folded, for TEXT
    bool body_loaded_ = false;
    std::vector<bool> body_found_;              // as body_words
    std::vector<std::uint8_t> body_strengths_;  // as Phrases::fuzzy
};

}  // namespace imaparc::search
