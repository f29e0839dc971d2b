#include "index/drafts.h"

namespace imaparc::index {

namespace {

void apply_to(OverlayEditor& editor, std::vector<std::string>& keywords, const Record& record) {
    if (const auto* added = std::get_if<record::KeywordsAdded>(&record)) {
        if (added->first > keywords.size() || added->first + added->names.size() > keywords_at_most)
            throw Fault(ErrorKind::damaged, "the ledger has keywords out of order");
        keywords.resize(added->first);
        keywords.insert(keywords.end(), added->names.begin(), added->names.end());
        editor.set_keywords(keywords);
    } else if (const auto* set = std::get_if<record::FlagsSet>(&record)) {
        for (const NumberRange& range : set->uids.ranges())
            for (std::uint64_t uid = range.first; uid <= range.last; ++uid)
                editor.set(Uid{static_cast<std::uint32_t>(uid)}, set->flags, set->modseq);
    } else if (const auto* moved = std::get_if<record::WindowMoved>(&record)) {
        editor.move_window({moved->cutoff, moved->modseq});
    }
}

}  // namespace

BaseEditor& Drafts::editor(FolderNumber folder, const Facts& facts) {
    auto& editor = bases_[folder];
    if (!editor) editor = std::make_unique<BaseEditor>(latest_.base_of(facts.folders.at(folder)), source_, version_);
    return *editor;
}

void Drafts::apply(const Record& record, const Facts& facts) {
    const auto put = [&](FolderNumber folder, const std::vector<StoredMessage>& messages) {
        auto& base = editor(folder, facts);
        for (const StoredMessage& message : messages) base.put(message);
        weight_ += messages.size();
    };
    std::visit(
        [&]<class T>(const T& r) {
            if constexpr (std::is_same_v<T, record::FolderCreated>) {
                editor(r.folder, facts);
            } else if constexpr (std::is_same_v<T, record::Assigned> || std::is_same_v<T, record::Returned>) {
                put(r.folder, r.messages);
            } else if constexpr (std::is_same_v<T, record::Removed>) {
                auto& base = editor(r.folder, facts);
                for (const NumberRange& range : r.uids.ranges())
                    for (std::uint64_t uid = range.first; uid <= range.last; ++uid)
                        base.remove(Uid{static_cast<std::uint32_t>(uid)}, r.at);
                weight_ += static_cast<std::size_t>(r.uids.count());
            } else if constexpr (std::is_same_v<T, record::UidNext> || std::is_same_v<T, record::FolderUidValidity>) {
                editor(r.folder, facts);
            } else if constexpr (std::is_same_v<T, record::FlagsSet> || std::is_same_v<T, record::KeywordsAdded> ||
                                 std::is_same_v<T, record::WindowMoved>) {
                overlays_[{r.folder, r.user}].push_back(record);
                weight_ += 4;
                if constexpr (std::is_same_v<T, record::FlagsSet>) weight_ += static_cast<std::size_t>(r.uids.count());
            }
        },
        record);
}

std::optional<StoredMessage> Drafts::learn(FolderNumber folder, const Learned& message, const Facts& facts) {
    auto& base = editor(folder, facts);
    const auto before = base.find(message.uid);
    if (!before) return std::nullopt;
    base.set_octets(message.uid, message.octets);
    if (!message.content) return std::nullopt;
    base.set_content(message.uid, *message.content);
    return before->content ? std::nullopt : base.find(message.uid);
}

Edits Drafts::finish(const Facts& facts) {
    Edits edits;
    for (auto& [number, editor] : bases_) {
        const FolderFacts& folder = facts.folders.at(number);
        editor->raise_uid_next(folder.uid_next);
        editor->raise_highest_modseq(folder.base_modseq);
        BaseEdit edit = editor->finish();
        if (edit.base->uid_validity != folder.uid_validity) {
            auto renamed = std::make_shared<Base>(*edit.base);
            renamed->uid_validity = folder.uid_validity;
            edit.base = std::move(renamed);
        }
        edits.bases.emplace(number, std::move(edit));
        editor.reset();
    }
    bases_.clear();
    for (auto& [key, records] : overlays_) {
        const auto base = edits.bases.find(key.first);
        const auto old = latest_.overlay_of(key);
        OverlayEditor editor(
            old, base != edits.bases.end() ? base->second.base : latest_.base_of(facts.folders.at(key.first)), source_,
            version_);
        std::vector<std::string> keywords = old->keywords;
        for (const Record& record : records) apply_to(editor, keywords, record);
        records.clear();
        edits.overlays.emplace(key, editor.finish());
    }
    overlays_.clear();
    weight_ = 0;
    return edits;
}

}  // namespace imaparc::index
