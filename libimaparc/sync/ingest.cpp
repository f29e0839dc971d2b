#include "sync/ingest.h"

#include <algorithm>
#include <limits>

#include "base/file.h"

namespace imaparc::sync {

namespace {

constexpr std::size_t asked_at_once = 64;
constexpr std::size_t handed_over_at_once = 4096;  // a segment of the index
constexpr unsigned too_many_failures = 16;         // in a row: it is the store, not the messages

}  // namespace

Ingest::Ingest(archive::Archive& archive, index::Index& index, const Clock& clock, Metrics& metrics,
               const std::atomic<bool>& stopping, std::string owner)
    : archive_(archive),
      index_(index),
      clock_(clock),
      metrics_(metrics),
      stopping_(stopping),
      name_(std::move(owner)),
      handed_over_(clock.steady()) {}

void Ingest::start(bool everything) {
    everything_ = everything_ || everything;
    surveyed_ = false;
    failures_in_a_row_ = 0;
    trouble_.clear();
}

void Ingest::prefer(const std::vector<std::string>& folders) {
    for (const auto& folder : folders)
        if (std::find(preferred_.begin(), preferred_.end(), folder) == preferred_.end()) preferred_.push_back(folder);
}

bool Ingest::known(const index::Message& message) const {
    return message.octets && (message.content_known || !owner_->wants_contents());
}

void Ingest::survey() {
    struct Work {
        FolderNumber folder;
        Seconds newest;
    };
    std::vector<Work> work;
    total_ = done_ = unreadable_ = 0;
    const auto all = owner_->folders();
    for (const auto& folder : *all) {
        if (folder.kind != index::FolderKind::ordinary) continue;
        Seconds newest = std::numeric_limits<Seconds>::min();
        std::uint64_t lacking = 0;
        value_or_throw(owner_->for_each(folder.number, [&](const index::Message& message) {
            if (known(message) && !everything_) return !stopping_.load(std::memory_order_relaxed);
            ++lacking;
            newest = std::max(newest, message.date);
            return !stopping_.load(std::memory_order_relaxed);
        }));
        if (folder.path == "INBOX") newest = std::numeric_limits<Seconds>::max();
        if (lacking > 0) work.push_back({folder.number, newest});
        total_ += lacking;
    }
    std::stable_sort(work.begin(), work.end(), [](const Work& a, const Work& b) { return a.newest > b.newest; });
    folders_.clear();
    for (const auto& entry : work) folders_.push_back(entry.folder);
    current_.reset();
    left_.clear();
    surveyed_ = looked_through_ = true;
}

bool Ingest::all_mail_is_there() const {
    const auto all = owner_->folders();
    for (const auto& folder : *all)
        if (folder.kind == index::FolderKind::all_mail)
            return owner_->for_each(folder.number, [](const index::Message&) { return false; }).ok();
    return true;
}

void Ingest::collect(FolderNumber folder) {
    left_.clear();
    current_ = folder;
    value_or_throw(owner_->for_each(folder, [&](const index::Message& message) {
        if (!known(message) || everything_) left_.push_back({message.uid, message.id, known(message)});
        return !stopping_.load(std::memory_order_relaxed);
    }));
}

bool Ingest::open_next() {
    if (!preferred_.empty() && surveyed_) {
        const auto folder = owner_->find(preferred_.back());
        preferred_.pop_back();
        if (folder) {
            hand_over();
            if (current_ && *current_ != folder->number && !left_.empty()) folders_.push_front(*current_);
            const auto before = current_ == folder->number ? left_.size() : 0;
            collect(folder->number);
            if (left_.size() > before) total_ = std::max(total_, done_ + left_.size());
            return true;
        }
    }
    while (left_.empty()) {
        hand_over();
        if (folders_.empty()) return !preferred_.empty();
        collect(folders_.front());
        folders_.pop_front();
    }
    return true;
}

Ingest::Slice Ingest::work(std::chrono::milliseconds budget) {
    const auto until = clock_.steady() + budget;
    owner_ = index_.owner(name_);
    Slice slice;
    if (owner_->state() == index::OwnerState::ready) {
        if (!surveyed_) survey();
        for (slice.more = true; slice.more;) {
            if (left_.empty() || !preferred_.empty()) slice.more = open_next();
            if (slice.more && !left_.empty()) slice.more = read_some();
            if (stopping_.load(std::memory_order_relaxed)) slice.more = false;
            if (clock_.steady() >= until) break;
        }
        if (!slice.more || learned_.size() >= handed_over_at_once ||
            clock_.steady() - handed_over_ >= std::chrono::seconds(2))
            hand_over();
    }
    if (!slice.more && surveyed_ && trouble_.empty() && owner_->state() == index::OwnerState::ready &&
        !stopping_.load(std::memory_order_relaxed)) {
        if (looked_through_) {
            // What could not be read by now is not among All Mail until it can be.
            value_or_throw(owner_->settle_all_mail());
        } else if (!all_mail_is_there()) {
            // New mail alone was read, after the last look through all folders had come to a bad end.
            surveyed_ = false;
            slice.more = true;
        }
    }
    if (!slice.more) everything_ = false;
    owner_.reset();
    slice.done = done_;
    slice.total = std::max(total_, done_);
    slice.unreadable = unreadable_;
    slice.trouble = trouble_;
    return slice;
}

// false: the store cannot be read now; another day.
bool Ingest::read_some() {
    const auto n = std::min(left_.size(), asked_at_once);
    std::vector<Left> batch(left_.end() - static_cast<std::ptrdiff_t>(n), left_.end());
    std::reverse(batch.begin(), batch.end());
    std::vector<MessageId> ids;
    ids.reserve(n);
    for (const auto& message : batch) ids.push_back(message.id);
    const auto cached = archive_.cached(name_, ids);
    for (std::size_t i = 0; i < n; ++i) {
        if (stopping_.load(std::memory_order_relaxed)) return true;
        index::Learned learned;
        learned.uid = batch[i].uid;
        const auto note = [&](const message::Summary& summary) {
            learned.octets = summary.wire_size;
            if (owner_->wants_contents()) learned.content = index::content_key(name_, summary.digest);
        };
        bool read = true;
        if (i < cached.size() && cached[i]) {
            note(cached[i]->summary);
        } else {
            // What an older catalog knows is not read again: after the index was rebuilt only the sizes are lacking.
            const auto details = archive_.details(name_, ids[i]);
            if (details) {
                note(details->summary);
                ++metrics_.messages_detailed_total;
                failures_in_a_row_ = 0;
            } else {
                // Gone meanwhile: the next round says so. Unreadable: its size stays unknown and is computed when asked
                // for.
                ++unreadable_;
                read = false;
                if (details.error().kind != ErrorKind::not_found && ++failures_in_a_row_ >= too_many_failures) {
                    trouble_ = details.error().text;
                    left_.clear();
                    folders_.clear();
                    preferred_.clear();
                    return false;
                }
            }
        }
        left_.pop_back();
        ++done_;
        if (read && !batch[i].known) learned_.push_back(learned);
    }
    return true;
}

void Ingest::hand_over() {
    handed_over_ = clock_.steady();
    archive_.flush(name_);
    if (learned_.empty() || !current_) return;
    std::sort(learned_.begin(), learned_.end(), [](const auto& a, const auto& b) { return a.uid < b.uid; });
    const auto told = owner_->learn(*current_, learned_);
    learned_.clear();
    // The folder went away with its messages.
    if (!told && told.error().kind != ErrorKind::not_found) throw Fault(told.error());
}

}  // namespace imaparc::sync
