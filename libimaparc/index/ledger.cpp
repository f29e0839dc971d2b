#include "index/ledger.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <random>

#include "index/ledger_frames.h"

namespace imaparc::index {
namespace {

constexpr std::size_t write_piece = 4U << 20;

Error at(const std::filesystem::path& path, const Error& error) {
    return {error.kind, path.string() + ": " + error.text};
}

// What one reading of the file from `start` on finds.
struct Survey {
    struct Span {
        std::uint64_t begin = 0, commit = 0;  // offsets of these records
    };
    std::vector<Span> committed;
    std::uint64_t end = 0;  // behind the last valid record
};

// damaged: something invalid with something valid behind it.
Result<Survey> survey(FrameReader& frames, std::uint64_t start, const std::filesystem::path& path) {
    Survey result;
    result.end = start;
    std::uint64_t begun = 0;  // no record lies there: none
    while (result.end < frames.size()) {
        const auto frame = frames.at(result.end);
        if (!frame) return at(path, frame.error());
        if (!*frame) break;
        const auto type = static_cast<std::uint8_t>((*frame)->body.front());
        if (type == frame_begin) {
            begun = result.end;
        } else if (type == frame_commit && begun != 0) {
            result.committed.push_back({begun, result.end});
            begun = 0;
        }
        result.end = (*frame)->next;
    }
    if (result.end == frames.size()) return result;
    if (const auto behind = frames.find(result.end + 1); !behind)
        return at(path, behind.error());
    else if (*behind)
        return Error{ErrorKind::damaged, path.string() + ": damaged at offset " + std::to_string(result.end) +
                                             ", valid records follow at " + std::to_string(**behind)};
    return result;
}

// Whether the last record is CleanStop.
Result<bool> ends_clean(FrameReader& frames, std::uint64_t first, std::uint64_t end) {
    const auto body = encode(record::CleanStop{}).front();
    const auto length = frame_head + body.size();
    if (end < first + length) return false;
    const auto frame = frames.at(end - length);
    if (!frame) return frame.error();
    return *frame && (*frame)->body == body && (*frame)->next == end;
}

// Visits what counts; the number of records that do not.
Result<std::uint64_t> visit_all(FrameReader& frames, std::uint64_t start, const Survey& found,
                                const Ledger::Visitor& visit, const std::filesystem::path& path) {
    std::uint64_t passed_over = 0;
    auto span = found.committed.begin();
    for (auto offset = start; offset < found.end;) {
        const auto frame = frames.at(offset);
        if (!frame) return at(path, frame.error());
        if (!*frame) return Error{ErrorKind::damaged, path.string() + ": changed while it was read"};
        auto body = std::string((*frame)->body);
        const auto here = std::exchange(offset, (*frame)->next);
        const auto type = static_cast<std::uint8_t>(body.front());
        if (type == frame_begin || type == frame_commit) continue;
        if (type & frame_in_transaction) {
            while (span != found.committed.end() && span->commit < here) ++span;
            if (span == found.committed.end() || here < span->begin) {
                ++passed_over;
                continue;
            }
            body.front() = static_cast<char>(type & ~frame_in_transaction);
        }
        const auto record = decode(body);
        if (!record)
            return Error{record.error().kind,
                         path.string() + ": at offset " + std::to_string(here) + ": " + record.error().text};
        if (auto visited = visit(*record); !visited) return visited.error();
    }
    return passed_over;
}

Result<File> open_locked(const std::filesystem::path& path) {
    auto file = File::open(path, O_RDWR);
    if (!file) return file.error();
    if (::flock(file->descriptor(), LOCK_EX | LOCK_NB) != 0) {
        if (errno == EWOULDBLOCK)
            return Error{ErrorKind::conflict, path.string() + ": another process has this ledger open"};
        return system_error(errno, path.string());
    }
    return file;
}

std::uint64_t new_generation() {
    std::random_device random;
    return (static_cast<std::uint64_t>(random()) << 32) | random();
}

}  // namespace

// ---- Batch

void Batch::push(std::string body) {
    bytes_ += frame_head + body.size();
    bodies_.push_back(std::move(body));
}

void Batch::add(const Record& record) {
    for (auto& body : encode(record)) push(std::move(body));
}

void Batch::add_in_transaction(const Record& record) {
    for (auto& body : encode(record)) {
        body.front() = static_cast<char>(static_cast<std::uint8_t>(body.front()) | frame_in_transaction);
        push(std::move(body));
    }
}

void Batch::begin() { push(std::string(1, static_cast<char>(frame_begin))); }
void Batch::commit() { push(std::string(1, static_cast<char>(frame_commit))); }

// ---- Ledger

Ledger::Ledger(File file, std::filesystem::path path, std::string owner, std::uint64_t generation, std::uint64_t end)
    : file_(std::move(file)),
      path_(std::move(path)),
      owner_(std::move(owner)),
      generation_(generation),
      end_(end),
      durable_(end) {}

Ledger::~Ledger() = default;

Result<std::unique_ptr<Ledger>> Ledger::create(const std::filesystem::path& path, std::string_view owner) {
    struct stat st {};
    if (::lstat(path.c_str(), &st) == 0)
        return Error{ErrorKind::conflict, path.string() + ": there is a ledger already"};
    if (errno != ENOENT) return system_error(errno, path.string());
    // In one step, so that there is never a ledger without its header.
    if (auto written = write_file_atomically(path, ledger_head(owner, new_generation())); !written)
        return written.error();
    auto opened = open(path, std::nullopt, [](const Record&) { return Result<void>(); });
    if (!opened) return opened.error();
    return std::move(opened->ledger);
}

Result<Ledger::Opened> Ledger::open(const std::filesystem::path& path, std::optional<Position> from,
                                    const Visitor& visit) {
    auto file = open_locked(path);
    if (!file) return file.error();
    const auto head = read_ledger_head(*file, path);
    if (!head) return head.error();
    const auto size = file->size();
    if (!size) return at(path, size.error());

    FrameReader frames(*file, head->generation, *size);
    auto start = head->end;
    bool resumed = false;
    const bool ours =
        from && from->generation == head->generation && from->offset >= head->end && from->offset <= *size;
    if (ours) {
        // Where no record begins there is an interrupted append or, if the caller is wrong, anything at all: read from
        // the start to know.
        const auto first = frames.at(from->offset);
        if (!first) return at(path, first.error());
        resumed = from->offset == *size || first->has_value();
        if (resumed) start = from->offset;
    }
    auto found = survey(frames, start, path);
    if (!found) return found.error();
    if (ours && !resumed && from->offset == found->end) {
        resumed = true;
        start = found->end;
        found->committed.clear();
    }

    Opened opened;
    opened.from_start = !resumed;
    auto passed_over = visit_all(frames, start, *found, visit, path);
    if (!passed_over) return passed_over.error();
    opened.void_records = *passed_over;
    opened.cut = *size - found->end;
    const auto clean = ends_clean(frames, head->end, found->end);
    if (!clean) return at(path, clean.error());
    opened.clean_stop = *clean && opened.cut == 0;
    if (opened.cut > 0) {
        if (::ftruncate(file->descriptor(), static_cast<off_t>(found->end)) != 0)
            return system_error(errno, path.string());
    }
    // What a killed process wrote may be in the page cache alone. It counts from now on, so it must outlive the
    // machine.
    if (found->end > start || opened.cut > 0)
        if (auto synced = file->sync(); !synced) return at(path, synced.error());
    opened.ledger.reset(new Ledger(std::move(*file), path, head->owner, head->generation, found->end));
    return opened;
}

Position Ledger::end() const {
    std::lock_guard lock(mutex_);
    return {generation_, end_};
}

Result<Ledger::Ticket> Ledger::append(const Batch& batch) {
    std::lock_guard lock(mutex_);
    if (broken_) return *broken_;
    std::string bytes;
    bytes.reserve(std::min(batch.bytes(), write_piece + record_size_at_most + frame_head));
    auto offset = end_;
    Result<void> written;
    const auto flush = [&] {
        written = file_.write_at(offset, bytes);
        offset += bytes.size();
        bytes.clear();
    };
    for (const auto& body : batch.bodies_) {
        write_frame(bytes, {generation_, offset + bytes.size()}, body);
        if (bytes.size() >= write_piece) flush();
        if (!written) break;
    }
    if (written && !bytes.empty()) flush();
    if (!written) {
        if (::ftruncate(file_.descriptor(), static_cast<off_t>(end_)) != 0)
            broken_ = system_error(errno, path_.string() + ": a half-written record cannot be taken back");
        return at(path_, written.error());
    }
    end_ = offset;
    return end_;
}

// Leader and followers: who comes while nobody syncs, syncs for all that is written by then; who comes later waits, and
// is either covered or leads the next round.
Result<void> Ledger::wait(Ticket ticket) {
    std::unique_lock lock(mutex_);
    while (durable_ < ticket) {
        if (broken_) return *broken_;
        if (syncing_) {
            synced_.wait(lock);
            continue;
        }
        syncing_ = true;
        const auto covered = end_;
        lock.unlock();
        const auto synced = file_.sync();
        lock.lock();
        syncing_ = false;
        if (synced)
            durable_ = std::max(durable_, covered);
        else
            // The kernel may have dropped the pages and would report success next time: nothing here can be vouched for
            // until the file was read again.
            broken_ = at(path_, synced.error());
        synced_.notify_all();
    }
    return {};
}

bool Ledger::durable(Ticket ticket) const {
    std::lock_guard lock(mutex_);
    return durable_ >= ticket;
}

Result<void> Ledger::replay(const Visitor& visit) const {
    const auto head = read_ledger_head(file_, path_);
    if (!head) return head.error();
    FrameReader frames(file_, generation_, end().offset);
    const auto found = survey(frames, head->end, path_);
    if (!found) return found.error();
    if (found->end != frames.size())
        return Error{ErrorKind::damaged, path_.string() + ": damaged at offset " + std::to_string(found->end)};
    const auto visited = visit_all(frames, head->end, *found, visit, path_);
    if (!visited) return visited.error();
    return {};
}

}  // namespace imaparc::index
