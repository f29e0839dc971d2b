#include "session/fetch_job.h"

#include <algorithm>
#include <ctime>

#include "message/object_id.h"
#include "message/section.h"

namespace imaparc::session {

namespace {

using Kind = imap::FetchItem::Kind;

constexpr std::size_t read_octets = 64 * 1024;
constexpr std::size_t least_batch = 4, first_batch = 16, most_batch = 256;
constexpr std::size_t many_children = 1000;  // of one message; summaries that big come a few at a time

// INTERNALDATE is shown in the server's zone, with the offset it had at that moment.
std::int32_t zone_minutes(Seconds date) {
    const auto time = static_cast<std::time_t>(date);
    std::tm local{};
    if (!localtime_r(&time, &local)) return 0;
    return static_cast<std::int32_t>(local.tm_gmtoff / 60);
}

}  // namespace

FetchJob::FetchJob(archive::Archive& archive, const std::string& owner, Walk walk,
                   const std::vector<imap::FetchItem>& items, Manner manner)
    : archive_(archive),
      owner_(owner),
      walk_(std::move(walk)),
      items_(items),
      manner_(manner),
      batch_limit_(first_batch) {
    for (const auto& item : items) {
        switch (item.kind) {
            case Kind::uid:
            case Kind::internal_date:
            case Kind::thread_id:
            case Kind::save_date:
                break;
            case Kind::mod_seq:
                gives_modseq_ = true;
                break;
            case Kind::flags:
                gives_flags_ = true;
                break;
            case Kind::rfc822_size:
                needs_size_ = true;
                break;
            case Kind::envelope:
            case Kind::body:
            case Kind::body_structure:
            case Kind::email_id:
                needs_summary_ = true;
                all_lazy_ = false;
                break;
            case Kind::preview:
                needs_summary_ = true;
                if (!item.lazy) all_lazy_ = false;
                break;
            case Kind::section:
            case Kind::rfc822:
            case Kind::rfc822_header:
            case Kind::rfc822_text:
            case Kind::binary:
            case Kind::binary_size:
                needs_octets_ = true;
                if (item.peek == imap::Peek::no && manner.seen == Seen::set) marks_seen_ = true;
                break;
        }
    }
}

FetchJob::Step FetchJob::fill(std::size_t piece, Waiting waiting) {
    if (broken_) return Step::broken;
    if (needs_octets_ && waiting == Waiting::forbidden) return Step::would_wait;
    if (response_ && buffer_.empty()) handed_out_ = true;
    try {
        return go_on(piece, waiting);
    } catch (...) {
        if (response_ && !handed_out_) drop_response();
        throw;
    }
}

FetchJob::Step FetchJob::go_on(std::size_t piece, Waiting waiting) {
    for (;;) {
        if (buffer_.size() >= piece) return Step::full;
        if (!response_) {
            Step why_not = Step::done;
            if (at_ >= batch_end_ && !next_batch(waiting, why_not)) return why_not;
            began_ = buffer_.size();
            handed_out_ = false;
            item_ = 0;
            if (manner_.line == Line::uid_fetch)
                response_.emplace(buffer_, walk_.rows().uid(walk_.picked()[at_].row));
            else
                response_.emplace(buffer_, walk_.picked()[at_].number);
        }
        if (!finish_message(piece)) return broken_ ? Step::broken : Step::full;
    }
}

bool FetchJob::next_batch(Waiting waiting, Step& why_not) {
    if (!walking_ || at_ >= walk_.picked().size()) {
        walking_ = false;
        const Walk::Step step = walk_.next(waiting);
        if (step != Walk::Step::block) {
            why_not = step == Walk::Step::end ? Step::done : Step::would_wait;
            return false;
        }
        walking_ = true;
        at_ = 0;
    }
    batch_begin_ = at_;
    batch_end_ = std::min(at_ + batch_limit_, walk_.picked().size());
    if (load_details(waiting)) return true;
    batch_end_ = batch_begin_;
    why_not = Step::would_wait;
    return false;
}

bool FetchJob::needs_summary(std::uint32_t row) const {
    return needs_summary_ || (needs_size_ && !walk_.rows().octets(row));
}

bool FetchJob::load_details(Waiting waiting) {
    details_.clear();
    details_.resize(batch_end_ - batch_begin_);
    if (needs_octets_) return true;  // what is opened brings its summary
    std::vector<MessageId> ids;
    std::vector<std::size_t> places;
    for (std::size_t i = batch_begin_; i < batch_end_; ++i) {
        const auto row = walk_.picked()[i].row;
        if (!needs_summary(row)) continue;
        ids.push_back(walk_.rows().id(row));
        places.push_back(i - batch_begin_);
    }
    if (ids.empty()) {
        batch_limit_ = most_batch;
        return true;
    }
    std::vector<std::optional<archive::Details>> cached = archive_.cached(owner_, ids);
    std::vector<MessageId> missing;
    std::vector<std::size_t> missing_places;
    for (std::size_t i = 0; i < ids.size(); ++i) {
        if (cached[i]) {
            details_[places[i]].emplace(std::move(*cached[i]));
            // "Without undue delay" (RFC 8970 4.1): what is not in the catalog is not computed for that.
        } else if (!all_lazy_ || (needs_size_ && !walk_.rows().octets(walk_.picked()[batch_begin_ + places[i]].row))) {
            missing.push_back(ids[i]);
            missing_places.push_back(places[i]);
        }
    }
    if (!missing.empty()) {
        if (waiting == Waiting::forbidden) return false;
        std::vector<Result<archive::Details>> found = archive_.details(owner_, missing);
        for (std::size_t i = 0; i < missing.size(); ++i) details_[missing_places[i]].emplace(std::move(found[i]));
    }
    const bool heavy = std::ranges::any_of(details_, [](const auto& details) {
        return details && details->ok() && details->value().summary.root.children.size() > many_children;
    });
    batch_limit_ = heavy ? least_batch : std::min(batch_limit_ * 2, most_batch);
    return true;
}

bool FetchJob::finish_message(std::size_t piece) {
    const auto& picked = walk_.picked()[at_];
    const Uid uid = walk_.rows().uid(picked.row);
    if (needs_octets_ && !reader_) {
        auto opened = archive_.open(owner_, walk_.rows().id(picked.row));
        if (!opened) {
            fail(opened.error());
            return !broken_;
        }
        reader_ = std::move(*opened);
        if (!encodings_known()) {
            unknown_encoding_ = true;
            drop_response();
            ++at_;
            return true;
        }
    }
    while (item_ < items_.size()) {
        const Result<void> answered = literal_  ? continue_literal(piece)
                                      : binary_ ? continue_binary(piece)
                                                : answer(items_[item_], piece);
        if (!answered) {
            fail(answered.error());
            return !broken_;
        }
        if (literal_ || binary_) return false;
        ++item_;
    }
    const FlagBits flags = walk_.rows().flags(picked.row);
    const bool becomes_seen = marks_seen_ && !(flags.system & flag::seen);
    const bool tells_seen = becomes_seen && manner_.keeps == Keeps::flags;
    if (tells_seen && !gives_flags_) {
        response_->flags({static_cast<std::uint8_t>(flags.system | flag::seen), flags.keywords},
                         walk_.view().keywords());
    }
    response_->end();
    response_.reset();
    reader_.reset();
    if (becomes_seen) seen_.add(uid.value);
    if (tells_seen || (gives_flags_ && (gives_modseq_ || manner_.keeps == Keeps::flags))) told_.add(uid.value);
    ++at_;
    return true;
}

Result<void> FetchJob::answer(const imap::FetchItem& item, std::size_t piece) {
    const auto row = walk_.picked()[at_].row;
    const index::Rows& rows = walk_.rows();
    if (item.kind == Kind::binary || item.kind == Kind::binary_size) return answer_binary(item, piece);
    if (item.octets()) return answer_octets(item, piece);
    const auto& details = details_[at_ - batch_begin_];
    if (details && !details->ok()) return details->error();
    switch (item.kind) {
        case Kind::uid:
            response_->uid(rows.uid(row));
            break;
        case Kind::internal_date:
            response_->internal_date(rows.date(row), zone_minutes(rows.date(row)));
            break;
        case Kind::flags: {
            FlagBits flags = rows.flags(row);
            if (marks_seen_ && manner_.keeps == Keeps::flags) flags.system |= flag::seen;
            response_->flags(flags, walk_.view().keywords());
            break;
        }
        case Kind::rfc822_size:
            response_->rfc822_size(reader_ || details ? summary().wire_size : *rows.octets(row));
            break;
        case Kind::mod_seq:
            highest_modseq_ = std::max(highest_modseq_, rows.modseq(row));
            response_->mod_seq(rows.modseq(row));
            break;
        case Kind::email_id:
            response_->email_id(message::email_id(summary()));
            break;
        case Kind::thread_id:
            response_->thread_id_nil();  // which messages belong together depends on those that are still to come
            break;
        case Kind::save_date: {
            const std::optional<Seconds> saved = rows.saved(row);
            response_->save_date(saved, saved ? zone_minutes(*saved) : 0);
            break;
        }
        case Kind::preview:
            response_->preview(reader_ || details ? message::Nstring(summary().preview) : std::nullopt);
            break;
        case Kind::envelope:
            response_->envelope(summary().envelope);
            break;
        case Kind::body:
            response_->body(summary().root);
            break;
        case Kind::body_structure:
            response_->body_structure(summary().root);
            break;
        case Kind::section:
        case Kind::rfc822:
        case Kind::rfc822_header:
        case Kind::rfc822_text:
        case Kind::binary:
        case Kind::binary_size:
            break;  // answer_octets, answer_binary
    }
    return {};
}

Result<void> FetchJob::answer_octets(const imap::FetchItem& item, std::size_t piece) {
    const auto range = message::locate(summary(), item.section);
    if (!range) {
        response_->section_nil(item);
        return {};
    }
    const auto text = item.section.text;
    std::uint64_t size = range->end.wire - range->begin.wire;
    if (text == message::Section::Text::header_fields || text == message::Section::Text::header_fields_not) {
        // Filtering wants the header in memory. What lies beyond the part that is looked at for structure is not
        // looked at for fields either.
        size = std::min<std::uint64_t>(size, message::max_header_bytes);
        const std::size_t before = buffer_.size();
        if (auto read = read_exactly(range->begin.wire, static_cast<std::size_t>(size)); !read) return read;
        const std::string filtered =
            message::filter_header(std::string_view(buffer_).substr(before), item.section.fields,
                                   text == message::Section::Text::header_fields);
        buffer_.resize(before);
        std::string_view shown = filtered;
        if (item.partial) shown = shown.substr(std::min<std::size_t>(item.partial->offset, shown.size()));
        if (item.partial) shown = shown.substr(0, item.partial->count);
        response_->section_string(item, shown);
        return {};
    }
    std::uint64_t begin = range->begin.wire;
    if (item.partial) {
        const std::uint64_t skipped = std::min<std::uint64_t>(item.partial->offset, size);
        begin += skipped;
        size = std::min<std::uint64_t>(item.partial->count, size - skipped);
    }
    response_->section_literal(item, size);
    literal_ = Literal{begin, begin + size};
    return continue_literal(piece);
}

Result<void> FetchJob::continue_literal(std::size_t piece) {
    while (literal_->at < literal_->end) {
        if (buffer_.size() >= piece) return {};
        const auto octets =
            static_cast<std::size_t>(std::min<std::uint64_t>(read_octets, literal_->end - literal_->at));
        if (auto read = read_exactly(literal_->at, octets); !read) return read;
        literal_->at += octets;
    }
    literal_.reset();
    return {};
}

namespace {

// How the octets of BINARY are encoded: those of a leaf as it says; a whole message is no part and has no encoding of
// its own. nullopt: unknown, or what no standard knows.
std::optional<message::TransferEncoding> binary_encoding(const message::Part& part, const imap::FetchItem& item) {
    if (item.section.path.empty()) return message::TransferEncoding::identity;
    const auto encoding = message::transfer_encoding(part.encoding);
    if (encoding == message::TransferEncoding::uuencode) return std::nullopt;
    return encoding;
}

bool is_binary(const imap::FetchItem& item) { return item.kind == Kind::binary || item.kind == Kind::binary_size; }

}  // namespace

bool FetchJob::encodings_known() const {
    return std::ranges::all_of(items_, [this](const auto& item) {
        if (!is_binary(item)) return true;
        const message::Part* const part = message::find_part(summary(), item.section.path);
        return !part || binary_encoding(*part, item).has_value();
    });
}

Result<void> FetchJob::answer_binary(const imap::FetchItem& item, std::size_t piece) {
    const bool size_only = item.kind == Kind::binary_size;
    const auto range = message::locate(summary(), item.section);
    if (!range) {
        if (size_only)
            response_->binary_size(item, 0);
        else
            response_->section_nil(item);
        return {};
    }
    const message::Part& part = *message::find_part(summary(), item.section.path);
    const auto encoding = *binary_encoding(part, item);
    if (encoding == message::TransferEncoding::identity) {
        if (size_only) {
            response_->binary_size(item, range->end.wire - range->begin.wire);
            return {};
        }
        if (!summary().has_nul) return answer_octets(item, piece);
    }
    BinaryReader reader(*reader_, *range, encoding, *bookmark_);
    const std::uint64_t offset = item.partial ? item.partial->offset : 0;
    const std::uint64_t most = item.partial ? item.partial->count : UINT64_MAX;
    const auto measure = reader.measure(offset, most);
    if (!measure) return measure.error();
    if (size_only) {
        response_->binary_size(item, measure->octets);
        return {};
    }
    if (measure->nul)
        response_->binary_literal8(item, measure->octets);
    else
        response_->section_literal(item, measure->octets);
    binary_.emplace(std::move(reader));
    binary_left_ = measure->octets;
    return continue_binary(piece);
}

Result<void> FetchJob::continue_binary(std::size_t piece) {
    while (binary_left_ > 0) {
        if (buffer_.size() >= piece) return {};
        const auto octets = static_cast<std::size_t>(std::min<std::uint64_t>(read_octets, binary_left_));
        if (auto read = binary_->read(octets, buffer_); !read) return read;
        binary_left_ -= octets;
    }
    binary_->remember();
    binary_.reset();
    return {};
}

// Appends just so many octets to the buffer.
Result<void> FetchJob::read_exactly(std::uint64_t wire_offset, std::size_t octets) {
    const std::size_t before = buffer_.size();
    buffer_.resize(before + octets);
    const auto got = reader_->read(wire_offset, std::span(buffer_).subspan(before));
    if (got && *got == octets) return {};
    buffer_.resize(before);
    if (!got) return got.error();
    return Error{ErrorKind::unavailable, "a message became shorter while it was read"};
}

const message::Summary& FetchJob::summary() const {
    return reader_ ? reader_->summary() : details_[at_ - batch_begin_]->value().summary;
}

void FetchJob::fail(Error error) {
    ++failures_;
    if (!failure_) failure_ = Failure{walk_.rows().uid(walk_.picked()[at_].row), std::move(error)};
    if (handed_out_) broken_ = true;
    drop_response();
    ++at_;
}

void FetchJob::drop_response() {
    if (!handed_out_) buffer_.resize(began_);
    literal_.reset();
    binary_.reset();
    response_.reset();
    reader_.reset();
}

}  // namespace imaparc::session
