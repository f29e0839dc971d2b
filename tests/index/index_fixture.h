// An index in a directory of its own, opened and closed at will; messages with IDs made of a word.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "helpers/fake_clock.h"
#include "helpers/temp_dir.h"
#include "index/index.h"

namespace imaparc::index::test {

using imaparc::test::FakeClock;
using imaparc::test::TempDir;

constexpr Seconds day = 86'400;
constexpr Seconds start_of_time = 1'700'000'000;  // 2023-11-14

inline MessageId id_of(std::string_view word) { return message_id("store", "owner", "folder", word); }

inline NewMessage message(std::string_view word, Seconds date = start_of_time - day, std::uint8_t system = 0,
                          std::vector<std::string> keywords = {}, std::string store = "2024") {
    NewMessage m;
    m.id = id_of(word);
    m.date = date;
    m.store = std::move(store);
    m.flags = {system, std::move(keywords)};
    return m;
}

inline FolderChange folder_with(std::string path, std::vector<NewMessage> added, std::vector<MessageId> removed = {}) {
    return {std::move(path), true, std::move(added), std::move(removed)};
}

inline Change change_of(std::vector<FolderChange> folders, std::vector<std::string> removed = {}, bool first = false) {
    Change change;
    change.folders = std::move(folders);
    change.removed_folders = std::move(removed);
    change.first = first;
    return change;
}

struct Fixture {
    TempDir dir;
    FakeClock clock{start_of_time};
    std::unique_ptr<Index> index;
    std::vector<std::string> log_lines;
    Log log{LogLevel::info, LogFormat::text, [this](std::string_view line) { log_lines.emplace_back(line); }};
    Options options;

    Fixture() {
        options.directory = dir.path();
        options.cache_pages = 256;
        options.window_months = 0;
    }
    Index& open() {
        index.reset();
        index = Index::open(options, clock, log);
        return *index;
    }
    std::shared_ptr<Owner> owner(std::string_view name = "ann") { return index->owner(name); }
    std::filesystem::path file() const { return dir / "IMAPDB.FDB"; }
    bool logged(std::string_view event) const {
        for (const auto& line : log_lines)
            if (line.find(event) != std::string::npos) return true;
        return false;
    }
};

// Errors and warnings only.
inline std::vector<std::string> complaints(Index& index) {
    std::vector<std::string> lines;
    for (const Finding& finding : index.check())
        if (finding.weight != Finding::Weight::note)
            lines.push_back(finding.owner + "/" + finding.folder + ": " + finding.text);
    return lines;
}

struct ShownMessage {
    std::uint32_t uid = 0;
    MessageId id;
    Seconds date = 0;
    std::uint8_t system = 0;
    std::vector<std::string> keywords;  // sorted
    bool operator==(const ShownMessage&) const = default;
};

inline std::vector<ShownMessage> shown(const View& view) {
    std::vector<ShownMessage> all;
    for (std::size_t block = 0; block < view.blocks().size(); ++block) {
        const auto rows = view.rows(block);
        CHECK(rows->size() == view.blocks()[block].count);
        CHECK(view.blocks()[block].first.value == all.size() + 1);
        for (std::size_t i = 0; i < rows->size(); ++i) {
            ShownMessage s{rows->uid(i).value, rows->id(i), rows->date(i), rows->flags(i).system, {}};
            for (std::size_t bit = 0; bit < view.keywords().size(); ++bit)
                if (rows->flags(i).keywords >> bit & 1) s.keywords.push_back(view.keywords()[bit]);
            std::sort(s.keywords.begin(), s.keywords.end());
            all.push_back(std::move(s));
        }
    }
    CHECK(view.count() == all.size());
    return all;
}

inline std::shared_ptr<const View> view_of(Owner& owner, std::string_view path, std::string_view user = "ann") {
    const auto folder = owner.find(path);
    REQUIRE(folder.has_value());
    auto view = owner.view(folder->number, owner.user(user));
    if (!view) FAIL(view.error().text);
    return *view;
}

inline std::vector<ShownMessage> shown(Owner& owner, std::string_view path, std::string_view user = "ann") {
    return shown(*view_of(owner, path, user));
}

template <class T>
T good(Result<T> result) {
    if (!result) FAIL(result.error().text);
    return std::move(result).value();
}
inline void good(const Result<void>& result) {
    if (!result) FAIL(result.error().text);
}

inline std::vector<std::string> paths(const Owner& owner) {
    std::vector<std::string> all;
    for (const Folder& folder : *owner.folders()) all.push_back(folder.path);
    return all;
}

}  // namespace imaparc::index::test
