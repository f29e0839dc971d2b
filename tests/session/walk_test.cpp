#include "session/walk.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>

using namespace imaparc;
using session::Waiting;
using session::Walk;

namespace {

// Folders written out, a few messages a block.
class PlainRows : public index::Rows {
  public:
    explicit PlainRows(std::vector<std::uint32_t> uids) : uids_(std::move(uids)) {}
    std::size_t size() const override { return uids_.size(); }
    Uid uid(std::size_t i) const override { return Uid(uids_[i]); }
    Seconds date(std::size_t) const override { return 0; }
    std::optional<std::uint64_t> octets(std::size_t) const override { return std::nullopt; }
    const MessageId& id(std::size_t) const override { return id_; }
    StoreNumber store(std::size_t) const override { return StoreNumber(1); }
    FlagBits flags(std::size_t) const override { return {}; }
    ModSeq modseq(std::size_t i) const override { return changed.contains(uids_[i]) ? ModSeq(9) : ModSeq(1); }
    std::optional<Seconds> saved(std::size_t) const override { return std::nullopt; }

    NumberSet changed;  // UIDs

  private:
    std::vector<std::uint32_t> uids_;
    MessageId id_;
};

class PlainView : public index::View {
  public:
    PlainView(const std::vector<std::vector<std::uint32_t>>& blocks, std::uint32_t slack) {
        for (const auto& uids : blocks) {
            index::Block block;
            block.first = Number(count_ + 1);
            block.count = static_cast<std::uint32_t>(uids.size());
            // Bounds are those of the whole segment; what is visible lies within.
            block.first_uid = Uid(uids.front() - std::min(slack, uids.front() - last_ - 1));
            block.last_uid = Uid(uids.back());
            block.highest_modseq = ModSeq(1);
            blocks_.push_back(block);
            rows_.push_back(std::make_shared<PlainRows>(uids));
            count_ += block.count;
            last_ = uids.back();
        }
    }
    FolderNumber folder() const override { return FolderNumber(1); }
    UserNumber user() const override { return UserNumber(0); }
    UidValidity uid_validity() const override { return UidValidity(1); }
    Uid uid_next() const override { return Uid(last_ + 1); }
    ModSeq highest_modseq() const override { return ModSeq(1); }
    std::uint32_t count() const override { return count_; }
    std::uint32_t unseen() const override { return count_; }
    std::uint32_t hidden_by_window() const override { return 0; }
    const std::vector<std::string>& keywords() const override { return keywords_; }
    Uid last_uid() const override { return Uid(last_); }
    const std::vector<index::Block>& blocks() const override { return blocks_; }
    std::shared_ptr<const index::Rows> rows(std::size_t block) const override {
        ++loads;
        return rows_[block];
    }
    std::shared_ptr<const index::Rows> rows_if_resident(std::size_t block) const override {
        return resident ? rows_[block] : nullptr;
    }
    void change(std::uint32_t uid) {
        const auto block = *block_with(Uid(uid));
        blocks_[block].highest_modseq = ModSeq(9);
        rows_[block]->changed.add(uid);
    }
    std::optional<Number> first_unseen() const override { return std::nullopt; }
    NumberSet vanished_since(ModSeq) const override { return {}; }

    mutable std::size_t loads = 0;
    bool resident = true;

  private:
    std::vector<index::Block> blocks_;
    std::vector<std::shared_ptr<PlainRows>> rows_;
    std::vector<std::string> keywords_;
    std::uint32_t count_ = 0, last_ = 0;
};

std::vector<std::pair<std::uint32_t, std::uint32_t>> walked(Walk walk) {
    std::vector<std::pair<std::uint32_t, std::uint32_t>> all;  // number, UID
    while (walk.next(Waiting::allowed) == Walk::Step::block) {
        CHECK(!walk.picked().empty());
        for (const auto& picked : walk.picked())
            all.emplace_back(picked.number.value, walk.rows().uid(picked.row).value);
    }
    return all;
}

}  // namespace

TEST_CASE("a walk picks what a plain model picks") {
    const unsigned seed = std::random_device{}();
    CAPTURE(seed);
    std::mt19937 random(seed);
    for (int round = 0; round < 300; ++round) {
        std::vector<std::vector<std::uint32_t>> blocks;
        std::vector<std::uint32_t> uids;
        std::uint32_t uid = 0;
        for (unsigned b = random() % 5; b > 0; --b) {
            std::vector<std::uint32_t> block;
            for (unsigned i = 1 + random() % 6; i > 0; --i) block.push_back(uid += 1 + random() % 4);
            uids.insert(uids.end(), block.begin(), block.end());
            blocks.push_back(std::move(block));
        }
        const auto view = std::make_shared<PlainView>(blocks, random() % 3);
        NumberSet set;
        for (unsigned r = 1 + random() % 3; r > 0; --r) {
            const std::uint32_t a = random() % 30, b = random() % 30;  // 0 is '*'
            set.add(a, b);
        }
        CAPTURE(set.text());
        for (const auto by : {Walk::By::number, Walk::By::uid}) {
            const auto largest =
                by == Walk::By::uid ? (uids.empty() ? 0 : uids.back()) : static_cast<std::uint32_t>(uids.size());
            std::vector<std::pair<std::uint32_t, std::uint32_t>> expected;
            for (std::uint32_t i = 0; i < uids.size(); ++i) {
                const auto value = by == Walk::By::uid ? uids[i] : i + 1;
                bool in = false;
                for (auto [first, last] : set.ranges()) {
                    if (first == 0) first = largest;
                    if (last == 0) last = largest;
                    in |= std::min(first, last) <= value && value <= std::max(first, last);
                }
                if (in) expected.emplace_back(i + 1, uids[i]);
            }
            CHECK(walked(Walk(view, set, by)) == expected);
            std::ranges::reverse(expected);
            CHECK(walked(Walk(view, set, by).backwards()) == expected);
        }
        CHECK(walked(Walk::everything(view)).size() == uids.size());
    }
}

TEST_CASE("blocks that the set does not touch are not loaded") {
    const auto view =
        std::make_shared<PlainView>(std::vector<std::vector<std::uint32_t>>{{1, 2, 3}, {10, 11}, {20}, {30, 31}}, 0);
    NumberSet set;
    set.add(11);
    set.add(25, 29);
    CHECK(walked(Walk(view, set, Walk::By::uid)) == std::vector<std::pair<std::uint32_t, std::uint32_t>>{{5, 11}});
    CHECK(view->loads == 1);
}

TEST_CASE("where waiting is forbidden nothing moves") {
    const auto view = std::make_shared<PlainView>(std::vector<std::vector<std::uint32_t>>{{1, 2}, {3}}, 0);
    view->resident = false;
    Walk walk = Walk::everything(view);
    CHECK(walk.next(Waiting::forbidden) == Walk::Step::would_wait);
    CHECK(walk.next(Waiting::forbidden) == Walk::Step::would_wait);
    REQUIRE(walk.next(Waiting::allowed) == Walk::Step::block);
    CHECK(walk.picked().size() == 2);
    CHECK(walk.next(Waiting::forbidden) == Walk::Step::would_wait);
    view->resident = true;
    REQUIRE(walk.next(Waiting::forbidden) == Walk::Step::block);
    CHECK(walk.picked().size() == 1);
    CHECK(walk.next(Waiting::forbidden) == Walk::Step::end);
}

TEST_CASE("what changed since: blocks that nothing changed in are not loaded (RFC 7162 3.1.4.1)") {
    std::vector<std::vector<std::uint32_t>> blocks;
    for (std::uint32_t block = 0; block < 250; ++block) {
        blocks.emplace_back();
        for (std::uint32_t i = 1; i <= 8; ++i) blocks.back().push_back(block * 10 + i);
    }
    const auto view = std::make_shared<PlainView>(blocks, 0);
    for (const std::uint32_t uid : {3, 7, 2491}) view->change(uid);
    NumberSet all;
    all.add(1, NumberRange::star);
    const std::vector<std::pair<std::uint32_t, std::uint32_t>> changed = {{3, 3}, {7, 7}, {249 * 8 + 1, 2491}};
    for (const auto by : {Walk::By::number, Walk::By::uid}) {
        view->loads = 0;
        CHECK(walked(Walk(view, all, by).changed_since(ModSeq(8))) == changed);
        CHECK(view->loads == 2);
        CHECK(walked(Walk(view, all, by).changed_since(ModSeq(9))).empty());
        CHECK(view->loads == 2);
        CHECK(walked(Walk(view, all, by).changed_since(ModSeq(0))).size() == 2000);
    }
    NumberSet some;
    some.add(4, 2491);
    CHECK(walked(Walk(view, some, Walk::By::uid).changed_since(ModSeq(1))).size() == 2);
}
