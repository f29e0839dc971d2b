#include "store/maildir/listing.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>
#include <unordered_map>
#include <vector>

#include "base/text.h"
#include "store/header_date.h"
#include "store/maildir/filename.h"

namespace imaparc::store {

namespace {

// How often a folder that keeps changing is looked through before what was seen is taken for all there is.
constexpr unsigned most_passes = 6;

bool may_be_message(const Entry& entry) {
    return entry.name[0] != '.' && (entry.type == DT_REG || entry.type == DT_UNKNOWN);
}

bool same(const timespec& a, const timespec& b) { return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec; }

// Tells whether the two directories changed while they were read. Their times advance in ticks of up to 10 ms: a change
// in the tick of the last one shows no new time, so a directory changed just now counts as changing.
class ChangeWatch {
  public:
    explicit ChangeWatch(const MailDirectories& directories) : directories_(directories) {}
    // 0, or an errno.
    int start() {
        timespec now{};
        ::clock_gettime(CLOCK_REALTIME, &now);  // the clock that file times are made of
        recent_ = now;
        recent_.tv_nsec -= 20'000'000;
        if (recent_.tv_nsec < 0) {
            recent_.tv_nsec += 1'000'000'000;
            --recent_.tv_sec;
        }
        return read(before_);
    }
    int stop(bool& changed) {
        std::array<timespec, 2> after{};
        if (const int failed = read(after)) return failed;
        changed = false;
        for (std::size_t i = 0; i < after.size(); ++i) {
            const bool fresh = after[i].tv_sec > recent_.tv_sec ||
                               (after[i].tv_sec == recent_.tv_sec && after[i].tv_nsec >= recent_.tv_nsec);
            changed = changed || fresh || !same(after[i], before_[i]);
        }
        return 0;
    }

  private:
    int read(std::array<timespec, 2>& times) const {
        std::size_t i = 0;
        for (const auto* directory : {&directories_.fresh, &directories_.cur}) {
            struct stat st {};
            if (directory->is_open() && ::fstat(directory->descriptor(), &st) != 0) return errno;
            times[i++] = st.st_mtim;
        }
        return 0;
    }

    const MailDirectories& directories_;
    timespec recent_{};
    std::array<timespec, 2> before_{};
};

// A directory entry that was seen; its name lies in the Listing's arena, NUL behind it.
struct Row {
    std::uint64_t inode = 0;
    std::size_t name = 0;
    std::uint32_t size = 0;     // of the name
    std::uint32_t unique = 0;   // of its beginning that is the unique name
    std::uint32_t twin = none;  // another entry of this pass with the same unique name
    bool in_cur = false;
    bool done = false;  // visited, or seen not to be a message
    static constexpr std::uint32_t none = 0xFFFFFFFF;
};

class Listing {
  public:
    Listing(const MailDirectories& directories, DateFrom date, const std::string& where,
            const std::function<bool(StoreItem&&)>& visit)
        : directories_(directories), date_(date), where_(where), visit_(visit) {}

    Result<void> run() {
        ChangeWatch watch(directories_);
        for (unsigned pass = 0; pass < most_passes && !stopped_; ++pass) {
            vanished_ = false;
            bool changed = false;
            if (const int failed = watch.start()) return unavailable(failed, where_);
            if (auto read = read_pass(); !read) return read;
            if (auto visited = visit_pending(); !visited) return visited;
            if (const int failed = watch.stop(changed)) return unavailable(failed, where_);
            if (!changed && !vanished_) break;
        }
        return {};
    }

  private:
    std::string_view name_of(const Row& row) const { return std::string_view(arena_).substr(row.name, row.size); }
    std::string_view unique_of(const Row& row) const { return std::string_view(arena_).substr(row.name, row.unique); }
    int directory_of(const Row& row) const {
        return row.in_cur ? directories_.cur.descriptor() : directories_.fresh.descriptor();
    }

    // new/ before cur/: a message moves in this direction.
    Result<void> read_pass() {
        const auto first = rows_.size();
        for (const bool in_cur : {false, true}) {
            const auto& directory = in_cur ? directories_.cur : directories_.fresh;
            if (!directory.is_open()) continue;
            const int failed = for_each_entry(directory.descriptor(), [&](const Entry& entry) {
                if (!may_be_message(entry)) return;
                const auto unique = unique_name(entry.name);
                if (unique.empty()) return;
                Row row;
                row.inode = entry.inode;
                row.name = arena_.size();
                row.size = static_cast<std::uint32_t>(entry.name.size());
                row.unique = static_cast<std::uint32_t>(unique.size());
                row.in_cur = in_cur;
                arena_.append(entry.name);
                arena_.push_back('\0');
                rows_.push_back(row);
            });
            if (failed) return unavailable(failed, where_);
        }
        if (rows_.size() >= Row::none) return Error{ErrorKind::limit, where_ + ": more messages than can be listed"};
        pending_.clear();
        make_room();
        for (auto i = static_cast<std::uint32_t>(first); i < rows_.size(); ++i) {
            auto& slot = find(rows_[i]);
            if (slot == Row::none) {
                slot = i;
                pending_.push_back(i);
            } else if (slot < first) {  // of an earlier pass
                if (rows_[slot].done) continue;
                slot = i;
                pending_.push_back(i);
            } else {
                rows_[i].twin = rows_[slot].twin;
                rows_[slot].twin = i;
            }
        }
        // Disks like it.
        std::sort(pending_.begin(), pending_.end(),
                  [&](std::uint32_t a, std::uint32_t b) { return rows_[a].inode < rows_[b].inode; });
        return {};
    }

    Result<void> visit_pending() {
        for (const auto head : pending_) {
            auto& row = rows_[head];
            if (row.twin != Row::none) {
                if (auto visited = visit_twins(head); !visited) return visited;
            } else if (auto visited = visit_row(row, 0); !visited) {
                return visited.error();
            } else {
                row.done = *visited;
                vanished_ = vanished_ || !*visited;
            }
            if (stopped_) break;
        }
        return {};
    }

    // Entries with one unique name: the same file before and after a rename, or truly several files.
    Result<void> visit_twins(std::uint32_t head) {
        std::vector<std::uint32_t> group;
        for (auto i = head; i != Row::none; i = rows_[i].twin) group.push_back(i);
        std::sort(group.begin(), group.end(), [&](std::uint32_t a, std::uint32_t b) {
            if (name_of(rows_[a]) != name_of(rows_[b])) return name_of(rows_[a]) < name_of(rows_[b]);
            return rows_[a].in_cur > rows_[b].in_cur;
        });
        std::vector<std::uint64_t> seen;
        for (const auto i : group) {
            if (std::find(seen.begin(), seen.end(), rows_[i].inode) != seen.end()) continue;
            auto visited = visit_row(rows_[i], seen.empty() ? 0 : rows_[i].inode);
            if (!visited) return visited.error();
            if (*visited) seen.push_back(rows_[i].inode);
            if (stopped_) break;
        }
        rows_[head].done = !seen.empty();
        vanished_ = vanished_ || seen.empty();
        return {};
    }

    // False: the entry is not there any more.
    Result<bool> visit_row(const Row& row, std::uint64_t inode) {
        struct stat st {};
        if (::fstatat(directory_of(row), arena_.data() + row.name, &st, AT_SYMLINK_NOFOLLOW) != 0) {
            if (errno == ENOENT) return false;
            return unavailable(errno, where_ + "/" + std::string(name_of(row)));
        }
        if (!S_ISREG(st.st_mode)) return true;
        StoreItem item;
        item.name = unique_of(row);
        if (inode != 0) item.name += "/" + std::to_string(inode);
        item.locator.reserve(row.size + 4);
        item.locator = row.in_cur ? "cur/" : "new/";
        item.locator += name_of(row);
        item.flags = flags_of(name_of(row));
        item.raw_size = static_cast<std::uint64_t>(st.st_size);
        auto date = date_of(row, static_cast<Seconds>(st.st_mtim.tv_sec));
        if (!date) return date.error();
        if (!*date) return false;
        item.date = **date;
        if (!visit_(std::move(item))) stopped_ = true;
        return true;
    }

    // nullopt: the entry is not there any more.
    Result<std::optional<Seconds>> date_of(const Row& row, Seconds mtime) const {
        if (date_ == DateFrom::mtime) return std::optional(mtime);
        if (date_ == DateFrom::name) return std::optional(date_in_name(name_of(row)).value_or(mtime));
        auto opened = open_beneath(directory_of(row), name_of(row), O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
        if (opened.error == ENOENT) return std::optional<Seconds>();
        if (opened.error) return unavailable(opened.error, where_ + "/" + std::string(name_of(row)));
        const auto header = read_header(opened.file);
        if (!header)
            return Error{ErrorKind::unavailable, where_ + "/" + printable(name_of(row)) + ": " + header.error().text};
        std::optional<Seconds> date;
        if (date_ == DateFrom::received) date = received_date(*header);
        if (!date) date = sent_date(*header);
        return std::optional(date.value_or(mtime));
    }

    // ---- unique name -> row, open addressing
    void make_room() {
        std::size_t size = 64;
        while (size < rows_.size() * 2) size *= 2;
        if (size <= slots_.size()) return;
        const auto old = std::exchange(slots_, std::vector<std::uint32_t>(size, Row::none));
        for (const auto row : old)
            if (row != Row::none) find(rows_[row]) = row;
    }
    std::uint32_t& find(const Row& wanted) {
        const auto unique = unique_of(wanted);
        const auto mask = slots_.size() - 1;
        for (auto at = std::hash<std::string_view>()(unique) & mask;; at = (at + 1) & mask)
            if (slots_[at] == Row::none || unique_of(rows_[slots_[at]]) == unique) return slots_[at];
    }

    const MailDirectories& directories_;
    const DateFrom date_;
    const std::string& where_;
    const std::function<bool(StoreItem&&)>& visit_;
    std::string arena_;
    std::vector<Row> rows_;
    std::vector<std::uint32_t> slots_, pending_;
    bool vanished_ = false, stopped_ = false;
};

}  // namespace

Result<MailDirectories> MailDirectories::open(int owner, const std::string& location) {
    MailDirectories directories;
    const auto open_one = [&](const char* which, File& file) -> int {
        auto opened = open_beneath(owner, location + which, O_RDONLY | O_DIRECTORY);
        file = std::move(opened.file);
        return opened.error;
    };
    const int cur = open_one("/cur", directories.cur);
    const int fresh = open_one("/new", directories.fresh);
    if (cur == ENOENT && fresh == ENOENT) return Error{ErrorKind::not_found, printable(location) + " is not there"};
    for (const int failed : {cur, fresh})
        if (failed != 0 && failed != ENOENT) return unavailable(failed, location);
    return directories;
}

Result<void> list_messages(const MailDirectories& directories, DateFrom date, const std::string& where,
                           const std::function<bool(StoreItem&&)>& visit) {
    return Listing(directories, date, where, visit).run();
}

Result<std::string> find_message(const MailDirectories& directories, std::string_view name, const std::string& where) {
    const auto wanted = MessageName::of(name);
    ChangeWatch watch(directories);
    for (unsigned pass = 0; pass < most_passes; ++pass) {
        std::string best;  // the first in the order of names, as list_messages has it
        bool best_in_cur = false;
        bool changed = false;
        if (const int failed = watch.start()) return unavailable(failed, where);
        for (const bool in_cur : {false, true}) {
            const auto& directory = in_cur ? directories.cur : directories.fresh;
            if (!directory.is_open()) continue;
            const int failed = for_each_entry(directory.descriptor(), [&](const Entry& entry) {
                if (!may_be_message(entry) || !entry.name.starts_with(wanted.unique) ||
                    unique_name(entry.name) != wanted.unique)
                    return;
                if (wanted.inode != 0 && entry.inode != wanted.inode) return;
                if (!best.empty() && std::string_view(best) < entry.name) return;
                best = entry.name;
                best_in_cur = in_cur;
            });
            if (failed) return unavailable(failed, where);
        }
        if (!best.empty()) return (best_in_cur ? "cur/" : "new/") + best;
        if (const int failed = watch.stop(changed)) return unavailable(failed, where);
        if (!changed) break;
    }
    return Error{ErrorKind::not_found, where + "/" + printable(name) + " is not there"};
}

MessageName MessageName::of(std::string_view name) {
    const auto slash = name.rfind('/');
    if (slash == std::string_view::npos) return {name, 0};
    return {name.substr(0, slash), parse_decimal(name.substr(slash + 1)).value_or(0)};
}

}  // namespace imaparc::store
