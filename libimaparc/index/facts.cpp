#include "index/facts.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/digest.h"

namespace imaparc::index {

namespace {

constexpr std::uint8_t facts_format = 1;

template <class T>
concept about_a_folder = requires(const T& record) {
    record.folder;
};

void raise(ModSeq& value, ModSeq to) { value = std::max(value, to); }
void raise(Uid& value, Uid to) { value = std::max(value, to); }

struct Applying {
    Facts& facts;
    FolderFacts* folder;  // of records that are about one; never nullptr for them

    void operator()(const record::FolderCreated& r) {
        FolderFacts made;
        made.number = r.folder;
        made.path = r.path;
        made.selectable = r.selectable;
        made.uid_validity = r.uid_validity;
        if (folder) {  // applied twice: counters stay
            made.uid_next = folder->uid_next;
            made.base_modseq = folder->base_modseq;
            made.highest_modseq = folder->highest_modseq;
            made.ceiling = folder->ceiling;
        }
        facts.by_path[r.path] = r.folder;
        facts.folders[r.folder] = std::move(made);
    }
    void operator()(const record::FolderGone&) { folder->living = false; }
    void operator()(const record::FolderBack&) { folder->living = true; }
    void operator()(const record::FolderSelectable& r) { folder->selectable = r.selectable; }
    void operator()(const record::FolderUidValidity& r) { folder->uid_validity = r.uid_validity; }
    void operator()(const record::Assigned& r) { messages(r.messages, r.added); }
    void operator()(const record::Returned& r) { messages(r.messages, r.added); }
    void messages(const std::vector<StoredMessage>& list, ModSeq added) {
        if (!list.empty()) raise(folder->uid_next, Uid{list.back().uid.value + 1});
        base_change(added);
    }
    void base_change(ModSeq at) {
        raise(folder->base_modseq, at);
        raise(folder->highest_modseq, at);
    }
    void operator()(const record::Removed& r) { base_change(r.at); }
    void operator()(const record::UidNext& r) { raise(folder->uid_next, r.uid_next); }
    void operator()(const record::UserNamed& r) { facts.users[r.user] = r.name; }
    void operator()(const record::StoreNamed& r) { facts.stores[r.store] = r.name; }
    void operator()(const record::KeywordsAdded&) {}
    void operator()(const record::FlagsSet& r) { raise(folder->highest_modseq, r.modseq); }
    void operator()(const record::Subscribed& r) { facts.subscriptions[r.user][r.path] = r.subscribed; }
    void operator()(const record::Note& r) { facts.notes[r.key] = r.value; }
    void operator()(const record::WindowMoved& r) { raise(folder->highest_modseq, r.modseq); }
    // The last one read holds: a clean stop takes back what was reserved and not used.
    void operator()(const record::FolderCeiling& r) {
        raise(folder->uid_next, r.uid_next);
        folder->ceiling = r.highest_modseq;
    }
    void operator()(const record::NumberCeiling&) {}
    void operator()(const record::CleanStop&) { facts.clean = true; }
};

}  // namespace

std::optional<FolderNumber> folder_of(const Record& record) {
    return std::visit(
        []<class T>(const T& r) -> std::optional<FolderNumber> {
            if constexpr (about_a_folder<T>)
                return r.folder;
            else
                return std::nullopt;
        },
        record);
}

Result<void> Facts::apply(const Record& record) {
    FolderFacts* folder = nullptr;
    if (const auto number = folder_of(record)) {
        const auto found = folders.find(*number);
        if (found != folders.end()) folder = &found->second;
        if (!folder && !std::holds_alternative<record::FolderCreated>(record))
            return Error{ErrorKind::damaged,
                         "the ledger speaks of folder " + std::to_string(number->value) + " before it is created"};
    }
    clean = false;
    std::visit(Applying{*this, folder}, record);
    return {};
}

void Facts::skip_to_ceilings() {
    for (auto& [number, folder] : folders) {
        if (folder.ceiling <= folder.highest_modseq) continue;
        folder.highest_modseq = folder.ceiling;
        folder.base_modseq = folder.ceiling;  // so that no view's HIGHESTMODSEQ is below one that was shown
    }
}

FolderFacts* Facts::find(std::string_view path) {
    const auto found = by_path.find(std::string(path));
    return found == by_path.end() ? nullptr : &folders.at(found->second);
}

const FolderFacts* Facts::find(std::string_view path) const { return const_cast<Facts*>(this)->find(path); }

FolderNumber Facts::next_folder() const {
    return FolderNumber{folders.empty() ? 1 : folders.rbegin()->first.value + 1};
}

std::optional<UserNumber> Facts::user(std::string_view name) const {
    for (const auto& [number, theirs] : users)
        if (theirs == name) return number;
    return std::nullopt;
}

std::optional<StoreNumber> Facts::store(std::string_view name) const {
    for (const auto& [number, theirs] : stores)
        if (theirs == name) return number;
    return std::nullopt;
}

std::string Facts::encode() const {
    std::string bytes;
    Writer w(bytes);
    w.u8(facts_format);
    w.varint(users.size());
    for (const auto& [number, name] : users) {
        w.varint(number.value);
        w.text(name);
    }
    w.varint(stores.size());
    for (const auto& [number, name] : stores) {
        w.varint(number.value);
        w.text(name);
    }
    w.varint(subscriptions.size());
    for (const auto& [user, paths] : subscriptions) {
        w.varint(user.value);
        w.varint(paths.size());
        for (const auto& [path, subscribed] : paths) {
            w.text(path);
            w.u8(subscribed ? 1 : 0);
        }
    }
    w.varint(notes.size());
    for (const auto& [key, value] : notes) {
        w.text(key);
        w.text(value);
    }
    w.u32(crc32c(bytes));
    return bytes;
}

Result<void> Facts::decode(std::string_view bytes) {
    const Error damaged{ErrorKind::damaged, "an owner's facts in the index are damaged"};
    if (bytes.size() < 5) return damaged;
    Reader checksum(bytes.substr(bytes.size() - 4));
    bytes.remove_suffix(4);
    if (checksum.u32() != crc32c(bytes)) return damaged;
    Reader r(bytes);
    if (r.u8() != facts_format) return damaged;
    users.clear();
    stores.clear();
    subscriptions.clear();
    notes.clear();
    for (std::uint64_t n = r.varint(); n > 0 && r.ok(); --n) {
        const UserNumber number{static_cast<std::uint32_t>(r.varint())};
        users[number] = r.text();
    }
    for (std::uint64_t n = r.varint(); n > 0 && r.ok(); --n) {
        const StoreNumber number{static_cast<std::uint16_t>(r.varint())};
        stores[number] = r.text();
    }
    for (std::uint64_t n = r.varint(); n > 0 && r.ok(); --n) {
        auto& paths = subscriptions[UserNumber{static_cast<std::uint32_t>(r.varint())}];
        for (std::uint64_t m = r.varint(); m > 0 && r.ok(); --m) {
            const auto path = r.text();
            paths[std::string(path)] = r.u8() != 0;
        }
    }
    for (std::uint64_t n = r.varint(); n > 0 && r.ok(); --n) {
        const auto key = r.text();
        notes[std::string(key)] = r.text();
    }
    if (!r.ok() || !r.at_end()) return damaged;
    return {};
}

}  // namespace imaparc::index
