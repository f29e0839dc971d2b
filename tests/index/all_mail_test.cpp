// All Mail: by examples, and against a plain model with random changes, flags, restarts and rebuilds.
#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <random>
#include <set>

#include "index/index_fixture.h"

namespace imaparc::index::test {

namespace {

ContentKey content(std::string_view word) { return content_key("ann", sha256(word)); }

// What every message contains; one that is not named here is never read.
using Contents = std::map<MessageId, std::string>;

// As the synchronisation does: all that was not learned yet, folder by folder.
void learn_all(Owner& owner, const Contents& contents, std::size_t at_most = SIZE_MAX) {
    for (const Folder& folder : *owner.folders()) {
        if (folder.kind != FolderKind::ordinary) continue;
        std::vector<Learned> learned;
        good(owner.for_each(folder.number, [&](const Message& message) {
            const auto found = contents.find(message.id);
            if (!message.content_known && found != contents.end() && at_most > 0) {
                learned.push_back({message.uid, found->second.size(), content(found->second)});
                --at_most;
            }
            return true;
        }));
        good(owner.learn(folder.number, learned));
    }
}

struct World : Fixture {
    Contents contents;
    std::shared_ptr<Owner> ann;

    World() {
        options.all_mail = true;
        reopen();
    }
    void reopen() {
        ann.reset();
        open();
        ann = owner();
    }
    void rebuild() {
        ann.reset();
        index.reset();
        std::filesystem::remove(file());
        reopen();
        CHECK(ann->state() == OwnerState::rebuilding);
        good(ann->rebuild());
    }
    NewMessage with(std::string_view word, std::string text, Seconds date = start_of_time - day,
                    std::uint8_t system = 0, std::vector<std::string> keywords = {}) {
        contents[id_of(word)] = std::move(text);
        return message(word, date, system, std::move(keywords));
    }
    void settle() {
        learn_all(*ann, contents);
        good(ann->settle_all_mail());
    }
    FolderNumber number(std::string_view path) { return ann->find(path)->number; }
    void flags(std::string_view path, std::uint32_t uid, FlagAction action, std::uint8_t system,
               std::vector<std::string> keywords = {}, std::string_view user = "ann") {
        NumberSet uids;
        uids.add(uid);
        good(ann->store_flags(number(path), ann->user(user), uids, action, {system, std::move(keywords)}, std::nullopt,
                              Durability::before_return));
    }
    // Words, by UID.
    std::string all() {
        std::string text;
        for (const auto& m : shown(*ann, "All Mail")) {
            for (const auto& [id, what] : contents)
                if (id == m.id) text += std::to_string(m.uid) + what + " ";
        }
        return text;
    }
};

ShownMessage one(Owner& owner, std::string_view path, std::uint32_t uid, std::string_view user = "ann") {
    for (auto& m : shown(owner, path, user))
        if (m.uid == uid) return m;
    FAIL("no such UID");
    return {};
}

}  // namespace

TEST_CASE("all mail: there only if it is switched on, and readable when everything was read") {
    Fixture off;
    off.open();
    good(off.owner()->commit(change_of({folder_with("A", {message("a")})}, {}, true)));
    CHECK(paths(*off.owner()) == std::vector<std::string>{"INBOX", "A"});
    CHECK(!off.owner()->wants_contents());
    good(off.owner()->settle_all_mail());
    CHECK(paths(*off.owner()) == std::vector<std::string>{"INBOX", "A"});

    World w;
    CHECK(paths(*w.ann) == std::vector<std::string>{"INBOX"});  // not synchronised: INBOX alone
    good(w.ann->commit(change_of({folder_with("A", {w.with("a", "x")})}, {}, true)));
    CHECK(w.ann->wants_contents());
    CHECK(paths(*w.ann) == std::vector<std::string>{"INBOX", "A", "All Mail"});
    const auto folder = *w.ann->find("All Mail");
    CHECK(folder.kind == FolderKind::all_mail);
    CHECK(w.ann->find("A")->kind == FolderKind::ordinary);
    CHECK(w.ann->view(folder.number, UserNumber{0}).error().kind == ErrorKind::unavailable);
    CHECK(w.ann->for_each(folder.number, [](const Message&) { return true; }).error().kind == ErrorKind::unavailable);
    CHECK(w.ann->view_if_resident(folder.number, UserNumber{0}) == nullptr);
    CHECK(w.ann->subscribed(UserNumber{0}, "All Mail"));
    w.reopen();
    CHECK(w.ann->find("All Mail")->uid_validity == folder.uid_validity);
    CHECK(w.ann->view(folder.number, UserNumber{0}).error().kind == ErrorKind::unavailable);
    w.settle();
    CHECK(w.all() == "1x ");
    CHECK(view_of(*w.ann, "All Mail")->uid_validity() == folder.uid_validity);
    CHECK(w.index->owners().front().messages == 1);
    CHECK(w.index->owners().front().folders == 2);
    CHECK(good(w.ann->usage()).messages == 1);
    CHECK(complaints(*w.index).empty());
}

TEST_CASE("all mail: every content once, by date at first, then as it comes") {
    World w;
    good(w.ann->commit(change_of({folder_with("INBOX", {w.with("i1", "late", 300), w.with("i2", "twice", 200)}),
                                  folder_with("A", {w.with("a1", "twice", 100), w.with("a2", "early", 50)})},
                                 {}, true)));
    w.settle();
    CHECK(w.all() == "1early 2twice 3late ");
    CHECK((one(*w.ann, "All Mail", 2).id == id_of("a1")));  // the oldest copy
    const auto before = view_of(*w.ann, "All Mail");
    good(w.ann->commit(change_of({folder_with("A", {w.with("a3", "late", 10), w.with("a4", "new", 5)})})));
    CHECK(view_of(*w.ann, "All Mail") == before);  // not read yet
    learn_all(*w.ann, w.contents);
    CHECK(w.all() == "1early 2twice 3late 4new ");
    CHECK((one(*w.ann, "All Mail", 3).id == id_of("i1")));

    // One copy of two goes; then the other; then one comes back.
    auto known = view_of(*w.ann, "All Mail");
    good(w.ann->commit(change_of({folder_with("A", {}, {id_of("a1")})})));
    CHECK(w.all() == "1early 2twice 3late 4new ");
    CHECK((one(*w.ann, "All Mail", 2).id == id_of("i2")));
    auto now = view_of(*w.ann, "All Mail");
    CHECK(now->vanished_since(known->highest_modseq()).empty());
    CHECK(now->rows(0)->modseq(1) > known->highest_modseq());
    CHECK(step(known, now).expunged.empty());
    CHECK(step(known, now).flags_changed.count() == 1);
    known = now;
    good(w.ann->commit(change_of({folder_with("INBOX", {}, {id_of("i2")})})));
    CHECK(w.all() == "1early 3late 4new ");
    now = view_of(*w.ann, "All Mail");
    CHECK(now->vanished_since(known->highest_modseq()).contains(2));
    const auto uid_next = now->uid_next();
    good(w.ann->commit(change_of({folder_with("B", {w.with("b1", "twice", 400)})})));
    learn_all(*w.ann, w.contents);
    CHECK(w.all() == "1early 2twice 3late 4new ");
    CHECK(view_of(*w.ann, "All Mail")->uid_next() > uid_next);
    CHECK(view_of(*w.ann, "All Mail")->vanished_since(known->highest_modseq()).empty());
    // With a folder.
    good(w.ann->commit(change_of({}, {"B"})));
    CHECK(w.all() == "1early 3late 4new ");
    CHECK(complaints(*w.index).empty());
    w.reopen();
    CHECK(w.all() == "1early 3late 4new ");
    w.rebuild();
    CHECK(w.all() == "1early 3late 4new ");
    CHECK(complaints(*w.index).empty());
    learn_all(*w.ann, w.contents);
    CHECK(w.all() == "1early 3late 4new ");
    good(w.ann->commit(change_of({folder_with("A", {}, {id_of("a2")})})));
    CHECK(w.all() == "3late 4new ");
}

TEST_CASE("all mail: flags are those of the message it stands on, in both places, of each user") {
    World w;
    good(w.ann->commit(
        change_of({folder_with("INBOX", {w.with("i1", "x", 1, flag::seen, {"$Old"}), w.with("i2", "y", 2)}),
                   folder_with("A", {w.with("a1", "x", 3)})},
                  {}, true)));
    w.flags("INBOX", 2, FlagAction::add, flag::flagged, {"Work"}, "bob");
    w.settle();
    CHECK(one(*w.ann, "All Mail", 1).system == flag::seen);
    CHECK(one(*w.ann, "All Mail", 1).keywords == std::vector<std::string>{"$Old"});
    CHECK(one(*w.ann, "All Mail", 1, "bob").system == 0);
    CHECK(one(*w.ann, "All Mail", 2).system == 0);
    CHECK(one(*w.ann, "All Mail", 2, "bob").system == flag::flagged);
    CHECK(one(*w.ann, "All Mail", 2, "bob").keywords == std::vector<std::string>{"Work"});
    CHECK(view_of(*w.ann, "All Mail")->unseen() == 1);

    auto inbox = view_of(*w.ann, "INBOX"), all = view_of(*w.ann, "All Mail"), a = view_of(*w.ann, "A");
    w.flags("All Mail", 2, FlagAction::add, flag::seen, {"Home"});
    CHECK(one(*w.ann, "INBOX", 2).system == flag::seen);
    CHECK(one(*w.ann, "INBOX", 2).keywords == std::vector<std::string>{"Home"});
    CHECK(one(*w.ann, "All Mail", 2).keywords == std::vector<std::string>{"Home"});
    CHECK(view_of(*w.ann, "INBOX")->highest_modseq() > inbox->highest_modseq());
    CHECK(view_of(*w.ann, "INBOX")->rows(0)->modseq(1) > inbox->highest_modseq());
    CHECK(view_of(*w.ann, "All Mail")->rows(0)->modseq(1) > all->highest_modseq());
    CHECK(view_of(*w.ann, "All Mail")->unseen() == 0);
    CHECK(one(*w.ann, "INBOX", 2, "bob").system == flag::flagged);

    all = view_of(*w.ann, "All Mail");
    w.flags("INBOX", 1, FlagAction::replace, flag::answered, {"Home", "Third"});
    CHECK(one(*w.ann, "All Mail", 1).system == flag::answered);
    CHECK(one(*w.ann, "All Mail", 1).keywords == std::vector<std::string>{"Home", "Third"});
    CHECK(view_of(*w.ann, "All Mail")->rows(0)->modseq(0) > all->highest_modseq());
    // The other copy is not what it stands on.
    all = view_of(*w.ann, "All Mail");
    w.flags("A", 1, FlagAction::add, flag::draft);
    CHECK(view_of(*w.ann, "All Mail") == all);
    CHECK(one(*w.ann, "INBOX", 1).system == flag::answered);
    // UNCHANGEDSINCE counts with All Mail's modseqs.
    NumberSet both;
    both.add(1, 2);
    const auto since = all->rows(0)->modseq(1);
    const auto outcome = good(w.ann->store_flags(w.number("All Mail"), UserNumber{0}, both, FlagAction::add,
                                                 {flag::flagged, {}}, since, Durability::before_return));
    CHECK(outcome.modified.contains(1));
    CHECK(outcome.changed.contains(2));
    CHECK(one(*w.ann, "INBOX", 1).system == flag::answered);
    CHECK(one(*w.ann, "INBOX", 2).system == (flag::seen | flag::flagged));
    // The copy takes over, with its flags.
    good(w.ann->commit(change_of({folder_with("INBOX", {}, {id_of("i1")})})));
    CHECK(one(*w.ann, "All Mail", 1).system == flag::draft);
    CHECK(one(*w.ann, "All Mail", 1).keywords.empty());
    for (int round = 0; round < 2; ++round) {
        CHECK(complaints(*w.index).empty());
        round == 0 ? w.reopen() : w.rebuild();
        CHECK(one(*w.ann, "All Mail", 1).system == flag::draft);
        CHECK(one(*w.ann, "All Mail", 2).system == (flag::seen | flag::flagged));
        CHECK(one(*w.ann, "All Mail", 2, "bob").keywords == std::vector<std::string>{"Work"});
    }
}

TEST_CASE("all mail: a full table of keywords shows a message without the last, and its folder keeps it") {
    World w;
    std::vector<FolderChange> folders;
    for (int f = 0; f < 2; ++f)
        folders.push_back(
            folder_with("F" + std::to_string(f), {w.with("m" + std::to_string(f), std::to_string(f), f)}));
    good(w.ann->commit(change_of(folders, {}, true)));
    w.settle();
    for (int k = 0; k < 40; ++k) {
        w.flags("F0", 1, FlagAction::add, 0, {"a" + std::to_string(k)});
        w.flags("F1", 1, FlagAction::add, 0, {"b" + std::to_string(k)});
    }
    CHECK(one(*w.ann, "F1", 1).keywords.size() == 40);
    CHECK(one(*w.ann, "All Mail", 1).keywords.size() + one(*w.ann, "All Mail", 2).keywords.size() == 64);
    w.flags("All Mail", 2, FlagAction::add, flag::seen);
    CHECK(one(*w.ann, "F1", 1).keywords.size() == 40);
    CHECK(one(*w.ann, "F1", 1).system == flag::seen);
    CHECK(complaints(*w.index).empty());
}

TEST_CASE("all mail: when the copy it stands on goes, the oldest of the others takes its place") {
    World w;
    good(
        w.ann->commit(change_of({folder_with("A", {w.with("a", "x", 1000)}), folder_with("B", {w.with("b", "x", 3000)}),
                                 folder_with("C", {w.with("c", "x", 2000)})},
                                {}, true)));
    w.settle();
    CHECK(one(*w.ann, "All Mail", 1).id == id_of("a"));
    good(w.ann->commit(change_of({}, {"A"})));
    CHECK(one(*w.ann, "All Mail", 1).id == id_of("c"));
    good(w.ann->commit(change_of({}, {"C"})));
    CHECK(one(*w.ann, "All Mail", 1).id == id_of("b"));
    CHECK(complaints(*w.index).empty());
}

TEST_CASE("all mail: UNCHANGEDSINCE 0 asks whether keywords are absent, as elsewhere") {
    World w;
    good(w.ann->commit(change_of({folder_with("A", {w.with("a", "x"), w.with("b", "y")})}, {}, true)));
    w.settle();
    w.flags("All Mail", 1, FlagAction::add, 0, {"$MDNSent"});
    NumberSet both;
    both.add(1);
    both.add(2);
    for (const auto* path : {"All Mail", "A"}) {
        const auto outcome = good(w.ann->store_flags(w.number(path), UserNumber{0}, both, FlagAction::add,
                                                     {0, {"$MDNSent"}}, ModSeq{}, Durability::before_return));
        CHECK(outcome.modified.contains(1));
        CHECK(outcome.modified.contains(2) == (path == std::string_view("A")));  // it has it by now
    }
    CHECK(one(*w.ann, "A", 2).keywords == std::vector<std::string>{"$MDNSent"});
}

TEST_CASE("all mail: its name gives way to a store's folder") {
    World w;
    good(w.ann->commit(change_of({folder_with("INBOX", {w.with("i", "x")})}, {}, true)));
    w.settle();
    const auto number = w.number("All Mail");
    good(w.ann->commit(change_of({folder_with("All Mail", {w.with("a", "y")})})));
    CHECK(paths(*w.ann) == std::vector<std::string>{"INBOX", "All Mail", "All Mail 2"});
    CHECK(w.ann->find("All Mail")->kind == FolderKind::ordinary);
    CHECK(w.number("All Mail 2") == number);
    CHECK(w.logged("index_all_mail_renamed"));
    learn_all(*w.ann, w.contents);
    CHECK(shown(*w.ann, "All Mail 2").size() == 2);
    CHECK(shown(*w.ann, "All Mail").size() == 1);
    good(w.ann->commit(change_of({folder_with("All Mail 2/below", {})})));
    CHECK(w.ann->find("All Mail 3")->number == number);
    good(w.ann->commit(change_of({}, {"All Mail", "All Mail 2/below"})));
    CHECK(w.number("All Mail") == number);
    CHECK(complaints(*w.index).empty());
    w.options.all_mail_name = "Alles";
    w.reopen();
    CHECK(paths(*w.ann) == std::vector<std::string>{"INBOX", "Alles"});
    CHECK(shown(*w.ann, "Alles").size() == 1);
}

TEST_CASE("all mail: switched off and on again, it has the same UIDs and the flags of now") {
    World w;
    good(w.ann->commit(change_of({folder_with("INBOX", {w.with("a", "a", 1), w.with("b", "b", 2), w.with("c", "c", 3)}),
                                  folder_with("Copy", {w.with("b2", "b", 9)})},
                                 {}, true)));
    w.settle();
    const auto uid_validity = w.ann->find("All Mail")->uid_validity;
    const auto known = view_of(*w.ann, "All Mail")->highest_modseq();
    w.options.all_mail = false;
    w.reopen();
    CHECK(paths(*w.ann) == std::vector<std::string>{"INBOX", "Copy"});
    CHECK(complaints(*w.index).empty());
    good(w.ann->commit(change_of({folder_with("INBOX", {w.with("d", "d", 0)}, {id_of("a"), id_of("b")})})));
    w.flags("INBOX", 3, FlagAction::add, flag::flagged);
    w.flags("Copy", 1, FlagAction::add, flag::seen);
    w.options.all_mail = true;
    w.reopen();
    CHECK(w.ann->find("All Mail")->uid_validity == uid_validity);
    CHECK(w.ann->view(w.number("All Mail"), UserNumber{0}).error().kind == ErrorKind::unavailable);
    w.settle();
    CHECK(w.all() == "2b 3c 4d ");
    CHECK(one(*w.ann, "All Mail", 2).system == flag::seen);
    CHECK(one(*w.ann, "All Mail", 3).system == flag::flagged);
    const auto view = view_of(*w.ann, "All Mail");
    CHECK(view->vanished_since(known).count() == 1);
    CHECK(view->vanished_since(known).contains(1));
    for (std::size_t i = 0; i < 3; ++i) CHECK(view->rows(0)->modseq(i) > known);
    CHECK(complaints(*w.index).empty());
}

TEST_CASE("all mail: the window applies") {
    World w;
    w.options.window_months = 1;
    w.reopen();
    good(w.ann->commit(change_of({folder_with("A", {w.with("old", "old", start_of_time - 100 * day),
                                                    w.with("new", "new", start_of_time - day)})},
                                 {}, true)));
    w.settle();
    CHECK(w.all() == "2new ");
    CHECK(view_of(*w.ann, "All Mail")->hidden_by_window() == 1);
    w.index->window_months(0);
    CHECK(w.all() == "1old 2new ");
    w.flags("All Mail", 1, FlagAction::add, flag::seen);
    CHECK(one(*w.ann, "A", 1).system == flag::seen);
}

// ---- random

namespace {

struct Model {
    explicit Model(unsigned s) : seed(s), random(s) {}

    const unsigned seed;
    std::mt19937 random;
    World w;
    const std::vector<std::string> names{"INBOX", "A", "B", "C/D"};
    std::map<std::string, std::map<std::string, std::string>> living;  // folder, word, content
    std::map<std::string, std::uint32_t> uid_of;                       // of a content, for ever
    std::map<std::uint32_t, MessageId> stands_on;
    std::map<std::uint32_t, std::map<std::string, ShownMessage>> last;  // by UID and user
    ModSeq known;
    std::uint32_t greatest = 0;
    unsigned words = 0;

    unsigned pick(unsigned n) { return std::uniform_int_distribution<unsigned>(0, n - 1)(random); }
    std::string user() { return pick(2) ? "ann" : "bob"; }

    NewMessage some(const std::string& folder) {
        const auto word = "w" + std::to_string(++words), text = "c" + std::to_string(pick(25));
        living[folder][word] = text;
        std::vector<std::string> keywords;
        if (pick(4) == 0) keywords.push_back("k" + std::to_string(pick(5)));
        return w.with(word, text, pick(1000), static_cast<std::uint8_t>(pick(16)), keywords);
    }

    void commit() {
        Change change;
        for (const auto& name : names) {
            if (pick(2)) continue;
            if (name != "INBOX" && living.contains(name) && pick(8) == 0) {
                change.removed_folders.push_back(name);
                living.erase(name);
                continue;
            }
            FolderChange folder;
            folder.path = name;
            auto& here = living[name];
            for (auto at = here.begin(); at != here.end();) {
                if (pick(5) == 0) {
                    folder.removed.push_back(id_of(at->first));
                    if (pick(3) == 0) {  // it returns some day
                        gone.emplace_back(name, at->first, at->second);
                    }
                    at = here.erase(at);
                } else {
                    ++at;
                }
            }
            for (auto n = pick(4); n > 0; --n) folder.added.push_back(some(name));
            if (!gone.empty() && std::get<0>(gone.back()) == name &&
                std::find(folder.removed.begin(), folder.removed.end(), id_of(std::get<1>(gone.back()))) ==
                    folder.removed.end()) {
                const auto [path, word, text] = gone.back();
                gone.pop_back();
                here[word] = text;
                folder.added.push_back(w.with(word, text, pick(1000)));
            }
            change.folders.push_back(std::move(folder));
        }
        good(w.ann->commit(change));
    }
    std::vector<std::tuple<std::string, std::string, std::string>> gone;

    void store() {
        const auto folders = w.ann->folders();
        const auto& folder = (*folders)[pick(static_cast<unsigned>(folders->size()))];
        if (!w.ann->view(folder.number, UserNumber{0})) return;  // All Mail, before it is settled
        NumberSet uids;
        std::uint32_t at = 0;
        for (auto n = 1 + pick(4); n > 0; --n) uids.add(at += 1 + pick(12));
        std::vector<std::string> keywords;
        if (pick(2)) keywords.push_back("k" + std::to_string(pick(8)));
        good(w.ann->store_flags(folder.number, w.ann->user(user()), uids, static_cast<FlagAction>(pick(3)),
                                {static_cast<std::uint8_t>(pick(16)), keywords}, std::nullopt,
                                pick(2) ? Durability::before_return : Durability::soon));
    }

    // Everything was read: All Mail is what it has to be.
    void check() {
        std::map<std::string, std::set<std::string>> expected;  // content, words
        std::map<MessageId, std::pair<std::string, std::string>> places;
        for (const auto& [folder, messages] : living)
            for (const auto& [word, text] : messages) {
                expected[text].insert(word);
                places[id_of(word)] = {folder, text};
            }
        const auto view = view_of(*w.ann, "All Mail");
        const auto vanished = view->vanished_since(known);
        std::map<std::uint32_t, std::map<std::string, ShownMessage>> now;
        for (const auto* name : {"ann", "bob"}) {
            std::map<std::string, std::map<MessageId, ShownMessage>> there;
            for (const auto& [folder, messages] : living)
                for (auto& m : shown(*w.ann, folder, name)) there[folder][m.id] = m;
            std::set<std::string> contents;
            std::uint32_t last_uid = 0;
            for (const auto& m : shown(*w.ann, "All Mail", name)) {
                REQUIRE(places.contains(m.id));  // of a message that lives
                const auto& [folder, text] = places.at(m.id);
                CHECK(contents.insert(text).second);
                CHECK(m.uid > last_uid);
                last_uid = m.uid;
                const auto [uid, fresh] = uid_of.emplace(text, m.uid);
                CHECK(uid->second == m.uid);
                if (fresh) CHECK(m.uid > greatest);
                CHECK(!vanished.contains(m.uid));
                const auto& theirs = there[folder].at(m.id);
                CHECK(m.system == theirs.system);
                CHECK(m.keywords == theirs.keywords);
                CHECK(m.date == theirs.date);
                now[m.uid][name] = m;
            }
            CHECK(contents.size() == expected.size());
            // What a client has to be told has a new modseq, and nothing else makes it forget a message.
            const auto users_view = view_of(*w.ann, "All Mail", name);
            for (std::size_t b = 0; b < users_view->blocks().size(); ++b) {
                const auto rows = users_view->rows(b);
                for (std::size_t i = 0; i < rows->size(); ++i) {
                    const auto before = last.find(rows->uid(i).value);
                    const bool same = before != last.end() && before->second[name] == now[rows->uid(i).value][name];
                    if (!same) CHECK(rows->modseq(i) > known);
                    CHECK(rows->modseq(i) <= users_view->highest_modseq());
                    CHECK(rows->modseq(i) <= users_view->blocks()[b].highest_modseq);
                }
            }
        }
        for (const auto& [uid, m] : last)
            if (!now.contains(uid)) CHECK(vanished.contains(uid));
        // The copy it stands on changes only when that one has gone.
        for (const auto& [uid, users] : now) {
            const auto& id = users.at("ann").id;
            if (const auto before = stands_on.find(uid); before != stands_on.end() && places.contains(before->second))
                CHECK((before->second == id));
            stands_on[uid] = id;
            greatest = std::max(greatest, uid);
        }
        for (auto at = stands_on.begin(); at != stands_on.end();)
            at = now.contains(at->first) ? std::next(at) : stands_on.erase(at);
        last = std::move(now);
        known = std::max(view_of(*w.ann, "All Mail", "bob")->highest_modseq(), view->highest_modseq());
    }

    void run(unsigned steps) {
        INFO("IMAPARC_SEED=" << seed);
        Change first;
        first.first = true;
        for (const auto& name : names) {
            FolderChange folder;
            folder.path = name;
            for (auto n = pick(8); n > 0; --n) folder.added.push_back(some(name));
            living[name];
            first.folders.push_back(std::move(folder));
        }
        good(w.ann->commit(first));
        store();
        w.settle();
        check();
        for (unsigned step = 0; step < steps; ++step) {
            const auto what = pick(20);
            INFO("step " << step << ": " << what);
            if (what < 8) {
                commit();
                if (pick(2)) learn_all(*w.ann, w.contents, pick(5));
            } else if (what < 16) {
                store();
            } else if (what == 16) {
                w.reopen();
            } else if (what == 17) {
                w.rebuild();
            } else if (what == 18) {  // off for a while
                w.options.all_mail = false;
                w.reopen();
                commit();
                store();
                w.options.all_mail = true;
                w.reopen();
            } else {  // as a killed process leaves it: nothing is closed, Firebird behind the ledger
                std::filesystem::path copy = w.dir.path();
                copy += "-killed";
                std::filesystem::remove_all(copy);
                std::filesystem::copy(w.dir.path(), copy, std::filesystem::copy_options::recursive);
                w.ann.reset();
                w.index.reset();
                for (const auto* part : {"IMAPDB.FDB", "ledger", "uidvalidity"}) {
                    std::filesystem::remove_all(w.dir / part);
                    if (std::filesystem::exists(copy / part))
                        std::filesystem::copy(copy / part, w.dir / part, std::filesystem::copy_options::recursive);
                }
                std::filesystem::remove_all(copy);
                w.reopen();
                if (w.ann->state() == OwnerState::rebuilding) good(w.ann->rebuild());
            }
            w.settle();
            check();
            if (pick(6) == 0) CHECK(complaints(*w.index).empty());
        }
        CHECK(complaints(*w.index).empty());
    }
};

}  // namespace

TEST_CASE("all mail: against a plain model") {
    const auto* given = std::getenv("IMAPARC_SEED");
    const unsigned first = given ? static_cast<unsigned>(std::strtoul(given, nullptr, 10)) : std::random_device{}();
    MESSAGE("IMAPARC_SEED=" << first);
    for (unsigned n = 0; n < (given ? 1U : 6U); ++n) Model(first + n).run(40);
}

}  // namespace imaparc::index::test
