#include "config/outline.h"

#include <algorithm>

namespace imaparc::config {
namespace {

constexpr int deepest = 64;  // toml++ refuses deeper values before we see them

class Scanner {
  public:
    explicit Scanner(std::string_view text) : text_(text) {}

    std::vector<Section> run() {
        std::vector<Section> sections(1);
        if (text_.starts_with("\xEF\xBB\xBF")) at_ = 3;
        while (at_ < text_.size()) {
            const auto line = at_;
            skip_blanks();
            if (at_end() || here() == '\n' || here() == '\r' || here() == '#') {
                skip_line();
            } else if (here() == '[') {
                sections.push_back(header(line));
            } else {
                auto found = pair(0);
                skip_line();
                found.lines = {line, at_};
                sections.back().pairs.push_back(std::move(found));
            }
            if (at_ == line) break;  // not TOML after all
        }
        return sections;
    }

  private:
    bool at_end() const { return at_ >= text_.size(); }
    char here() const { return text_[at_]; }
    bool next_is(char c) const { return !at_end() && here() == c; }

    void skip_blanks() {
        while (!at_end() && (here() == ' ' || here() == '\t')) ++at_;
    }
    void skip_line() {
        const auto end = text_.find('\n', at_);
        at_ = end == std::string_view::npos ? text_.size() : end + 1;
    }
    // Blanks, line ends and comments, as a list allows them between its members.
    void skip_space() {
        for (;;) {
            skip_blanks();
            if (at_end()) return;
            if (here() == '#')
                skip_line();
            else if (here() == '\n' || here() == '\r')
                ++at_;
            else
                return;
        }
    }

    Section header(std::size_t line) {
        Section section;
        ++at_;
        if (next_is('[')) {
            section.is_list = true;
            ++at_;
        }
        section.path = key();
        skip_line();
        section.header = {line, at_};
        return section;
    }

    // dotted-key = simple-key 1*( dot-sep simple-key )
    Path key() {
        Path path;
        for (;;) {
            skip_blanks();
            path.push_back(simple_key());
            skip_blanks();
            if (!next_is('.')) return path;
            ++at_;
        }
    }

    std::string simple_key() {
        if (next_is('"') || next_is('\'')) {
            const auto begin = at_;
            skip_string();
            const auto inside = text_.substr(begin + 1, at_ > begin + 2 ? at_ - begin - 2 : 0);
            return std::string(inside);  // escapes stay: such a key is none of ours
        }
        const auto begin = at_;
        while (!at_end() && (std::isalnum(static_cast<unsigned char>(here())) || here() == '_' || here() == '-')) ++at_;
        return std::string(text_.substr(begin, at_ - begin));
    }

    Pair pair(int depth) {
        Pair found;
        found.name.begin = at_;
        found.key = key();
        found.name.end = at_;
        while (found.name.end > found.name.begin &&
               (text_[found.name.end - 1] == ' ' || text_[found.name.end - 1] == '\t'))
            --found.name.end;
        if (next_is('=')) ++at_;
        skip_blanks();
        found.value.begin = at_;
        value(depth, found.tables, false);
        found.value.end = at_;
        found.lines = {found.name.begin, found.value.end};
        return found;
    }

    void value(int depth, std::vector<InlineTable>& tables, bool member) {
        if (at_end() || depth > deepest) return;
        if (here() == '"' || here() == '\'') {
            skip_string();
        } else if (here() == '[') {
            ++at_;
            for (;;) {
                skip_space();
                if (at_end()) return;
                if (here() == ']') break;
                const auto before = at_;
                if (here() == ',')
                    ++at_;
                else
                    value(depth + 1, tables, true);
                if (at_ == before) return;
            }
            ++at_;
        } else if (here() == '{') {
            tables.push_back(inline_table(depth, member));
        } else {
            while (!at_end() && std::string_view(",]}#\r\n").find(here()) == std::string_view::npos) ++at_;
            while (at_ > 0 && (text_[at_ - 1] == ' ' || text_[at_ - 1] == '\t')) --at_;
        }
    }

    InlineTable inline_table(int depth, bool member) {
        InlineTable table;
        table.member_of_list = member;
        table.range.begin = at_++;
        for (;;) {
            skip_space();
            if (at_end() || here() == '}') break;
            const auto before = at_;
            if (here() == ',')
                ++at_;
            else
                table.pairs.push_back(pair(depth + 1));
            if (at_ == before) break;
        }
        if (!at_end()) ++at_;
        table.range.end = at_;
        return table;
    }

    void skip_string() {
        const char quote = here();
        const std::string three(3, quote);
        if (text_.substr(at_, 3) == three) {
            at_ += 3;
            while (!at_end() && text_.substr(at_, 3) != three) at_ += (quote == '"' && here() == '\\') ? 2 : 1;
            at_ = std::min(at_ + 3, text_.size());
            // Up to two quotes may stand directly before the closing three.
            for (int extra = 0; extra < 2 && next_is(quote); ++extra) ++at_;
            return;
        }
        ++at_;
        while (!at_end() && here() != quote && here() != '\n') at_ += (quote == '"' && here() == '\\') ? 2 : 1;
        at_ = std::min(at_ + 1, text_.size());
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

}  // namespace

std::vector<Section> outline(std::string_view toml) { return Scanner(toml).run(); }

}  // namespace imaparc::config
