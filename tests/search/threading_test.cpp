#include "search/threading.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <random>

using namespace imaparc;
using search::ThreadAlgorithm;

namespace {

struct Mail {
    std::string id;
    std::vector<std::string> references;
    std::string subject;
    bool reply = false;
    Seconds sent = 0, received = 0;
};

// As THREAD shows them, numbers from 1.
std::string shown(const search::Threads& threads) {
    std::function<std::string(std::uint32_t)> members = [&](std::uint32_t node) {
        std::string text = threads.dummy(node) ? "" : std::to_string(threads.numbers[node]);
        const auto children = threads.children_of(node);
        if (children.size() == 1) return text + " " + members(children[0]);
        if (!children.empty() && !text.empty()) text += " ";
        for (const auto child : children) text += "(" + members(child) + ")";
        return text;
    };
    std::string text;
    for (const auto root : threads.roots) text += "(" + members(root) + ")";
    return text;
}

search::Threads threads_of(ThreadAlgorithm algorithm, const std::vector<Mail>& mails, search::Deadline deadline) {
    search::Threading threading(algorithm, search::Collation::unicode_casemap);
    std::uint32_t number = 0;
    for (const auto& mail : mails) {
        std::vector<std::string_view> references(mail.references.begin(), mail.references.end());
        search::ThreadFacts facts;
        facts.number = ++number;
        facts.sent = mail.sent;
        facts.received = mail.received;
        facts.message_id = mail.id;
        facts.references = references;
        facts.subject = mail.subject;
        facts.reply_or_forward = mail.reply;
        threading.add(facts);
    }
    while (!threading.advance(deadline)) continue;
    return threading.take();
}

std::string threaded(ThreadAlgorithm algorithm, const std::vector<Mail>& mails,
                     search::Deadline deadline = search::Deadline::max()) {
    return shown(threads_of(algorithm, mails, deadline));
}

// The algorithms step by step as RFC 5256 3 words them, on a tree of nodes with lists, without a thought for cost.
class Model {
  public:
    explicit Model(const std::vector<Mail>& mails) : mails_(mails) {}

    std::string ordered_subject() {
        std::vector<std::size_t> all(mails_.size());
        for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
        std::stable_sort(all.begin(), all.end(), [&](auto a, auto b) {
            return std::pair(mails_[a].subject, mails_[a].sent) < std::pair(mails_[b].subject, mails_[b].sent);
        });
        for (const auto i : all) {
            const bool same =
                !root_.children.empty() && mails_[root_.children.back()->mail].subject == mails_[i].subject;
            Node* parent = same ? root_.children.back() : &root_;
            attach(parent, real(i));
        }
        sort(root_, false);
        return text();
    }
    std::string references(bool refs_only) {
        link_all();
        for (auto& node : nodes_)
            if (node.parent == nullptr) attach(&root_, &node);  // (2)
        while (prune_one()) continue;                           // (3)
        if (!refs_only) {
            sort(root_, false);
            gather();
        }
        sort(root_, refs_only);
        return text();
    }

  private:
    struct Node {
        std::size_t mail = dummy;
        Node* parent = nullptr;
        std::list<Node*> children;
    };
    static constexpr std::size_t dummy = ~std::size_t{0};

    Node* real(std::size_t mail) {
        nodes_.push_back({});
        nodes_.back().mail = mail;
        return &nodes_.back();
    }
    void detach(Node* node) {
        if (node->parent) node->parent->children.remove(node);
        node->parent = nullptr;
    }
    void attach(Node* parent, Node* child) {
        parent->children.push_back(child);
        child->parent = parent;
    }
    void link(Node* parent, Node* child) {  // unless it would make a loop
        for (const Node* up = parent; up; up = up->parent)
            if (up == child) return;
        attach(parent, child);
    }

    void link_all() {
        std::map<std::string, Node*> by_id;
        std::vector<Node*> own;
        for (std::size_t i = 0; i < mails_.size(); ++i) {
            own.push_back(real(i));
            if (!mails_[i].id.empty()) by_id.emplace(mails_[i].id, own.back());
        }
        for (std::size_t i = 0; i < mails_.size(); ++i) {
            Node* before = nullptr;
            for (const auto& id : mails_[i].references) {
                auto& node = by_id[id];
                if (!node) node = real(dummy);
                if (before && !node->parent) link(before, node);
                before = node;
            }
            detach(own[i]);
            if (before) link(before, own[i]);
        }
    }

    bool prune_one() {
        for (auto& node : nodes_) {
            if (node.mail != dummy || node.parent == nullptr) continue;
            if (!node.children.empty() && node.parent == &root_ && node.children.size() != 1) continue;
            const auto children = node.children;
            for (Node* child : children) {
                detach(child);
                attach(node.parent, child);
            }
            detach(&node);
            return true;
        }
        return false;
    }

    const Mail& first_mail(const Node* node) const {
        return mails_[node->mail == dummy ? node->children.front()->mail : node->mail];
    }
    std::pair<Seconds, std::size_t> by_sent(const Node* node) const {
        const auto mail = node->mail == dummy ? node->children.front()->mail : node->mail;
        return {mails_[mail].sent, mail};
    }
    std::pair<Seconds, std::size_t> by_latest(const Node* node) const {
        std::pair<Seconds, std::size_t> latest{std::numeric_limits<Seconds>::min(), 0};
        if (node->mail != dummy) latest = {mails_[node->mail].received, node->mail};
        for (const Node* child : node->children) latest = std::max(latest, by_latest(child));
        return latest;
    }
    void sort(Node& node, bool by_arrival) {
        for (Node* child : node.children) sort(*child, false);
        node.children.sort([&](const Node* a, const Node* b) {
            return by_arrival ? by_latest(a) < by_latest(b) : by_sent(a) < by_sent(b);
        });
    }

    void gather() {
        std::map<std::string, Node*> table;
        const auto is_dummy = [](const Node* node) { return node->mail == dummy; };
        const auto is_reply = [&](const Node* node) { return !is_dummy(node) && mails_[node->mail].reply; };
        for (Node* current : root_.children) {
            const auto subject = first_mail(current).subject;
            if (subject.empty()) continue;
            auto [found, is_new] = table.emplace(subject, current);
            if (!is_new && !is_dummy(found->second) &&
                (is_dummy(current) || (is_reply(found->second) && !is_reply(current))))
                found->second = current;
        }
        const auto children = root_.children;
        for (Node* current : children) {
            if (current->parent != &root_) continue;
            const auto subject = first_mail(current).subject;
            if (subject.empty()) continue;
            Node*& found = table[subject];
            if (found == current) continue;
            if (is_dummy(found) && is_dummy(current)) {
                const auto theirs = current->children;
                for (Node* child : theirs) {
                    detach(child);
                    attach(found, child);
                }
                detach(current);
            } else if (is_dummy(found) || (is_reply(current) && !is_reply(found))) {
                detach(current);
                attach(found, current);
            } else {
                Node* both = real(dummy);
                attach(&root_, both);
                detach(found);
                attach(both, found);
                detach(current);
                attach(both, current);
                found = both;
            }
        }
    }

    std::string members(const Node* node) const {
        std::string text = node->mail == dummy ? "" : std::to_string(node->mail + 1);
        if (node->children.size() == 1 && node->mail != dummy) return text + " " + members(node->children.front());
        if (!node->children.empty() && node->mail != dummy) text += " ";
        for (const Node* child : node->children) text += "(" + members(child) + ")";
        return text;
    }
    std::string text() const {
        std::string text;
        for (const Node* child : root_.children) text += "(" + members(child) + ")";
        return text;
    }

    const std::vector<Mail>& mails_;
    std::list<Node> nodes_;
    Node root_;
};

Mail mail(std::string id, std::vector<std::string> references, Seconds sent, std::string subject = {},
          bool reply = false) {
    return {std::move(id), std::move(references), std::move(subject), reply, sent, sent};
}

}  // namespace

TEST_CASE("references make threads") {
    const std::vector<Mail> mails = {mail("a", {}, 1), mail("b", {"a"}, 2), mail("c", {"a", "b"}, 3), mail("d", {}, 4)};
    CHECK(threaded(ThreadAlgorithm::references, mails) == "(1 2 3)(4)");
    CHECK(threaded(ThreadAlgorithm::references, {}) == "");
}

TEST_CASE("RFC 5256's picture of a thread") {
    // 3 has the child 6, which has 4 (with 23) and 44 (with 7, with 96): here 2 to 7.
    const std::vector<Mail> mails = {mail("2", {}, 1),     mail("3", {}, 2),          mail("6", {"3"}, 3),
                                     mail("4", {"6"}, 4),  mail("23", {"4"}, 5),      mail("44", {"6"}, 6),
                                     mail("7", {"44"}, 7), mail("96", {"44", "7"}, 8)};
    CHECK(threaded(ThreadAlgorithm::references, mails) == "(1)(2 3 (4 5)(6 7 8))");
}

TEST_CASE("siblings whose parent is missing stay together, an only child stands alone") {
    CHECK(threaded(ThreadAlgorithm::references, {mail("b", {"a"}, 1), mail("c", {"a"}, 2)}) == "((1)(2))");
    CHECK(threaded(ThreadAlgorithm::references, {mail("b", {"x", "a"}, 1)}) == "(1)");
    // A dummy below the top gives its children to what is above it.
    CHECK(threaded(ThreadAlgorithm::references,
                   {mail("r", {}, 1), mail("b", {"r", "a"}, 2), mail("c", {"r", "a"}, 3)}) == "(1 (2)(3))");
}

TEST_CASE("a duplicate message ID belongs to the first, and loops are not made") {
    CHECK(threaded(ThreadAlgorithm::references, {mail("a", {}, 1), mail("a", {}, 2), mail("b", {"a"}, 3)}) ==
          "(1 3)(2)");
    CHECK(threaded(ThreadAlgorithm::references, {mail("a", {"b"}, 1), mail("b", {"a"}, 2)}) == "(2 1)");
    CHECK(threaded(ThreadAlgorithm::references, {mail("a", {"a"}, 1)}) == "(1)");
    CHECK(threaded(ThreadAlgorithm::references, {mail("", {}, 1), mail("", {}, 2)}) == "(1)(2)");
}

TEST_CASE("the last reference is the parent, whatever was linked before") {
    // The first says that b hangs under a; b itself says that it answers c.
    CHECK(threaded(ThreadAlgorithm::references, {mail("x", {"a", "b"}, 4), mail("a", {}, 1), mail("b", {"c"}, 2),
                                                 mail("c", {}, 3)}) == "(2)(4 3 1)");
}

TEST_CASE("one subject makes one thread") {
    const auto refs = ThreadAlgorithm::references;
    CHECK(threaded(refs, {mail("a", {}, 1, "s"), mail("b", {}, 2, "s", true)}) == "(1 2)");
    CHECK(threaded(refs, {mail("a", {}, 2, "s"), mail("b", {}, 1, "s", true)}) == "(1 2)");  // the reply came first
    CHECK(threaded(refs, {mail("a", {}, 1, "s"), mail("b", {}, 2, "s")}) == "((1)(2))");
    CHECK(threaded(refs, {mail("a", {}, 1, "s", true), mail("b", {}, 2, "s", true)}) == "((1)(2))");
    CHECK(threaded(refs, {mail("a", {}, 1), mail("b", {}, 2)}) == "(1)(2)");  // no subject is no common one
    // A dummy in the table takes the others in; two dummies become one.
    CHECK(threaded(refs, {mail("a", {"x"}, 1, "s"), mail("b", {"x"}, 2, "s"), mail("c", {}, 3, "s")}) == "((1)(2)(3))");
    CHECK(threaded(refs, {mail("a", {"x"}, 1, "s"), mail("b", {"x"}, 2, "s"), mail("c", {"y"}, 3, "s"),
                          mail("d", {"y"}, 4, "t")}) == "((1)(2)(3)(4))");
    CHECK(threaded(ThreadAlgorithm::refs, {mail("a", {}, 1, "s"), mail("b", {}, 2, "s", true)}) == "(1)(2)");
}

TEST_CASE("ORDEREDSUBJECT has no grandchildren") {
    CHECK(threaded(ThreadAlgorithm::ordered_subject, {mail("", {}, 3, "s"), mail("", {}, 1, "t"), mail("", {}, 2, "s"),
                                                      mail("", {}, 4, "s"), mail("", {}, 5, "t")}) ==
          "(2 5)(3 (1)(4))");
}

TEST_CASE("REFS puts the thread last that got mail last") {
    auto mails = std::vector<Mail>{mail("a", {}, 1), mail("b", {}, 2), mail("c", {"a"}, 3)};
    CHECK(threaded(ThreadAlgorithm::refs, mails) == "(2)(1 3)");
    CHECK(threaded(ThreadAlgorithm::references, mails) == "(1 3)(2)");
}

TEST_CASE("random mailboxes have the threads that the text of the RFC gives") {
    const unsigned seed = std::random_device{}();
    CAPTURE(seed);
    std::mt19937 random(seed);
    for (int run = 0; run < 5'000; ++run) {
        const unsigned ids = 1 + random() % 10, subjects = 1 + random() % 4, dates = 1 + random() % 12;
        std::vector<Mail> mails(random() % 12);
        for (auto& m : mails) {
            if (random() % 8 != 0) m.id = std::to_string(random() % ids);
            for (auto count = random() % 4; count > 0; --count) m.references.push_back(std::to_string(random() % ids));
            if (random() % 4 != 0) m.subject = std::string(1, static_cast<char>('a' + random() % subjects));
            m.reply = random() % 2 == 0;
            m.sent = static_cast<Seconds>(random() % dates);
            m.received = static_cast<Seconds>(random() % dates);
        }
        const auto in_steps = search::Deadline::min();
        CAPTURE(run);
        REQUIRE(threaded(ThreadAlgorithm::references, mails, in_steps) == Model(mails).references(false));
        REQUIRE(threaded(ThreadAlgorithm::refs, mails, in_steps) == Model(mails).references(true));
        REQUIRE(threaded(ThreadAlgorithm::ordered_subject, mails, in_steps) == Model(mails).ordered_subject());
    }
}

TEST_CASE("a chain of 100,000 replies, in whatever order, costs little and no stack") {
    constexpr int count = 100'000;
    const unsigned seed = std::random_device{}();
    CAPTURE(seed);
    std::mt19937 random(seed);
    std::vector<Mail> mails;
    for (int i = 0; i < count; ++i)
        mails.push_back(
            mail(std::to_string(i), i == 0 ? std::vector<std::string>{} : std::vector{std::to_string(i - 1)}, i));
    const auto began = std::chrono::steady_clock::now();
    for (int order = 0; order < 4; ++order) {
        CAPTURE(order);
        if (order == 1) std::reverse(mails.begin(), mails.end());
        if (order == 2) std::shuffle(mails.begin(), mails.end(), random);
        if (order == 3) mails.front().references = {std::to_string(count - 1)};  // and one that would close a ring
        for (const auto algorithm : {ThreadAlgorithm::references, ThreadAlgorithm::refs}) {
            const auto threads = threads_of(algorithm, mails, search::Deadline::max());
            REQUIRE(threads.numbers.size() == count);
            std::size_t length = 0;
            for (const auto root : threads.roots) {
                auto at = root;
                for (++length; !threads.children_of(at).empty(); ++length) {
                    REQUIRE(threads.children_of(at).size() == 1);
                    at = threads.children_of(at)[0];
                }
            }
            CHECK(length == count);
            if (order < 3) CHECK(threads.roots.size() == 1);
        }
    }
    CHECK(std::chrono::steady_clock::now() - began < std::chrono::seconds(60));  // quadratic: hours
}
