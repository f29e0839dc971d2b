// THREAD (RFC 5256 3): ORDEREDSUBJECT and REFERENCES step by step as the RFC has them, and REFS, which is REFERENCES
// without its subject step, the threads in the order of their latest INTERNALDATE.
//
// A tree is written as the response has it, with the places in the mailbox (from 0 on) mapped by the caller.
#pragma once

#include <algorithm>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "model/plain_message.h"
#include "model/plain_text.h"

namespace imaparc::model {

struct Node {
    int place = -1;  // -1: a dummy
    Node* parent = nullptr;
    std::vector<Node*> children;
};

class Threading {
  public:
    Threading(const Mailbox& mailbox, std::vector<std::size_t> places)
        : mailbox_(mailbox), places_(std::move(places)) {}

    std::vector<Node*> ordered_subject() {
        std::map<std::string, std::vector<std::size_t>> threads;
        for (auto place : places_) threads[fold(base_subject(mailbox_[place].subject).base)].push_back(place);
        std::vector<Node*> roots;
        for (auto& [subject, members] : threads) {
            std::stable_sort(members.begin(), members.end(), [&](auto a, auto b) { return earlier(a, b); });
            Node* root = make(static_cast<int>(members[0]));
            for (std::size_t i = 1; i < members.size(); ++i) {
                Node* child = make(static_cast<int>(members[i]));
                adopt(root, child);
            }
            roots.push_back(root);
        }
        sort_by_sent(roots);
        return roots;
    }

    std::vector<Node*> references() {
        auto roots = linked();
        sort_by_sent(roots);  // (4)
        gather_subjects(roots);
        sort_deep(roots);  // (6)
        return roots;
    }

    std::vector<Node*> refs() {
        auto roots = linked();
        sort_deep(roots);
        std::stable_sort(roots.begin(), roots.end(), [&](Node* a, Node* b) { return latest(a) < latest(b); });
        return roots;
    }

  private:
    Node* make(int place) {
        nodes_.push_back(std::make_unique<Node>());
        nodes_.back()->place = place;
        return nodes_.back().get();
    }
    static void adopt(Node* parent, Node* child) {
        child->parent = parent;
        parent->children.push_back(child);
    }
    static void leave(Node* child) {
        if (child->parent == nullptr) return;
        std::erase(child->parent->children, child);
        child->parent = nullptr;
    }
    static bool is_below(const Node* node, const Node* above) {  // or the same
        for (; node != nullptr; node = node->parent)
            if (node == above) return true;
        return false;
    }
    bool earlier(std::size_t a, std::size_t b) const {
        const auto x = mailbox_[a].sent_utc(), y = mailbox_[b].sent_utc();
        return x != y ? x < y : a < b;
    }
    // The message that a node is sorted by: a dummy's is its first child's, once those are sorted.
    std::size_t stands_for(const Node* node) const {
        while (node->place < 0) node = node->children.front();
        return static_cast<std::size_t>(node->place);
    }
    void sort_by_sent(std::vector<Node*>& siblings) {
        for (Node* node : siblings)
            if (node->place < 0) sort_by_sent(node->children);
        std::stable_sort(siblings.begin(), siblings.end(),
                         [&](Node* a, Node* b) { return earlier(stands_for(a), stands_for(b)); });
    }
    void sort_deep(std::vector<Node*>& siblings) {
        for (Node* node : siblings) sort_deep(node->children);
        sort_by_sent(siblings);
    }
    std::pair<std::int64_t, std::size_t> latest(const Node* node) const {
        std::pair<std::int64_t, std::size_t> result{std::numeric_limits<std::int64_t>::min(), 0};
        if (node->place >= 0) {
            const auto place = static_cast<std::size_t>(node->place);
            result = {mailbox_[place].internal_date, place};
        }
        for (const Node* child : node->children) result = std::max(result, latest(child));
        return result;
    }

    // (1), (2), (3)
    std::vector<Node*> linked() {
        std::map<std::string, Node*> by_id;
        std::vector<std::pair<std::size_t, Node*>> messages;
        for (auto place : places_) {
            const auto& id = mailbox_[place].message_id;
            Node* node = make(static_cast<int>(place));
            messages.emplace_back(place, node);
            by_id.emplace(id.empty() || by_id.contains(id) ? " " + std::to_string(place) : id, node);
        }
        for (const auto& [place, node] : messages) {
            auto references = mailbox_[place].references;
            if (references.empty() && !mailbox_[place].in_reply_to.empty())
                references = {mailbox_[place].in_reply_to[0]};
            Node* last = nullptr;
            for (const auto& id : references) {  // (A)
                auto& there = by_id[id];
                if (there == nullptr) there = make(-1);
                if (last != nullptr && there->parent == nullptr && !is_below(last, there)) adopt(last, there);
                last = there;
            }
            leave(node);  // (B)
            if (last != nullptr && !is_below(last, node)) adopt(last, node);
        }
        std::vector<Node*> roots;
        for (const auto& node : nodes_)
            if (node->parent == nullptr) roots.push_back(node.get());
        return pruned(roots, true);
    }
    std::vector<Node*> pruned(const std::vector<Node*>& siblings, bool at_root) {
        std::vector<Node*> result;
        for (Node* node : siblings) {
            node->children = pruned(node->children, false);
            if (node->place < 0 && (node->children.empty() || !at_root || node->children.size() == 1))
                result.insert(result.end(), node->children.begin(), node->children.end());
            else
                result.push_back(node);
        }
        return result;
    }

    // (5)
    std::string thread_subject(const Node* node) const {
        return fold(base_subject(mailbox_[stands_for(node)].subject).base);
    }
    bool is_reply(const Node* node) const {
        return node->place >= 0 && base_subject(mailbox_[static_cast<std::size_t>(node->place)].subject).reply;
    }
    void gather_subjects(std::vector<Node*>& roots) {
        std::map<std::string, Node*> table;
        std::map<Node*, std::string> subjects;
        for (Node* node : roots) {  // (B)
            const auto subject = subjects[node] = thread_subject(node);
            if (subject.empty()) continue;
            Node*& there = table[subject];
            if (there == nullptr || (there->place >= 0 && (node->place < 0 || (is_reply(there) && !is_reply(node)))))
                there = node;
        }
        for (Node* node : std::vector<Node*>(roots)) {  // (C)
            const auto& subject = subjects[node];
            if (subject.empty()) continue;
            Node*& there = table[subject];
            if (there == node) continue;
            std::erase(roots, node);
            if (there->place < 0 && node->place < 0) {
                for (Node* child : node->children) adopt(there, child);
            } else if (there->place < 0 || (is_reply(node) && !is_reply(there))) {
                adopt(there, node);
            } else {
                Node* dummy = make(-1);
                std::replace(roots.begin(), roots.end(), there, dummy);
                adopt(dummy, there);
                adopt(dummy, node);
                there = dummy;
            }
        }
    }

    const Mailbox& mailbox_;
    const std::vector<std::size_t> places_;
    std::vector<std::unique_ptr<Node>> nodes_;
};

// thread-list = "(" (thread-members / thread-nested) ")"; a chain without branches needs no parentheses of its own.
inline std::string written(const std::vector<Node*>& roots, const std::function<std::string(int)>& number) {
    std::string result;
    const std::function<void(const Node*)> members = [&](const Node* node) {
        if (node->place >= 0) result += number(node->place);
        if (node->children.empty()) return;
        if (node->place >= 0) result += ' ';
        if (node->children.size() == 1 && node->place >= 0) return members(node->children[0]);
        for (const Node* child : node->children) {
            result += '(';
            members(child);
            result += ')';
        }
    };
    for (const Node* root : roots) {
        result += '(';
        members(root);
        result += ')';
    }
    return result;
}

}  // namespace imaparc::model
