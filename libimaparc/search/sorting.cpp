#include "search/sorting.h"

#include <algorithm>
#include <limits>

#include "base/text.h"
#include "message/subject.h"
#include "message/text.h"

namespace imaparc::search {

namespace {

using By = SortKey::By;

bool is_text(By by) {
    switch (by) {
        case By::cc:
        case By::from:
        case By::subject:
        case By::to:
        case By::display_from:
        case By::display_to:
            return true;
        case By::arrival:
        case By::date:
        case By::size:
        case By::relevancy:
            return false;
    }
    return false;
}

std::string_view first_mailbox(const std::vector<message::Address>& addresses) {
    return addresses.empty() ? std::string_view{} : addresses.front().mailbox.value_or(std::string_view{});
}

std::string text_of(By by, const message::Envelope& envelope) {
    switch (by) {
        case By::cc:
            return std::string(first_mailbox(envelope.cc));
        case By::from:
            return std::string(first_mailbox(envelope.from));
        case By::to:
            return std::string(first_mailbox(envelope.to));
        case By::display_from:
            return display_value(envelope.from);
        case By::display_to:
            return display_value(envelope.to);
        case By::subject:
            return message::base_subject(envelope.subject.value_or(std::string_view{})).text;
        case By::arrival:
        case By::date:
        case By::size:
        case By::relevancy:
            break;
    }
    return {};
}

// What texts are compared by, octet by octet. A text the collation does not take stands behind all it takes (RFC 5255
// 4.6): no octet of UTF-8 is above 0xF4.
std::string collation_key(const std::string& text, Collation collation) {
    if (collation != Collation::octet && !valid_utf8(text)) return "\xFF" + text;
    return folded(text, collation);
}

std::uint64_t beginning(std::string_view text) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < 8; ++i)
        value = value << 8 | (i < text.size() ? static_cast<unsigned char>(text[i]) : 0);
    return value;
}

}  // namespace

std::string display_value(const std::vector<message::Address>& addresses) {
    if (addresses.empty()) return {};
    const message::Address& address = addresses.front();
    if (address.name) {
        auto name = message::decode_header(*address.name);
        if (!name.empty()) return name;
    }
    if (!address.mailbox) return {};
    if (!address.host) return std::string(*address.mailbox);
    return std::string(*address.mailbox) + "@" + std::string(*address.host);
}

Need need_of(const std::vector<SortKey>& keys) {
    Need need = Need::index;
    for (const auto& key : keys) {
        if (is_text(key.by) || key.by == By::date) return Need::summary;
        if (key.by == By::size) need = Need::size;
    }
    return need;
}

Sorting::Sorting(const std::vector<SortKey>& keys, Collation collation) : collation_(collation) {
    for (const auto& key : keys) {
        if (std::ranges::any_of(columns_, [&](const Column& column) { return column.key.by == key.by; })) continue;
        columns_.emplace_back();
        columns_.back().key = key;
        if (is_text(key.by)) columns_.back().texts = std::make_unique<TextTable>();
    }
}

void Sorting::add(const SortFacts& facts) {
    numbers_.push_back(facts.number);
    for (Column& column : columns_) {
        switch (column.key.by) {
            case By::arrival:
                column.wide.push_back(facts.internal_date);
                break;
            case By::date:  // RFC 5256 2.2
                column.wide.push_back(facts.summary->sent.value_or(facts.internal_date));
                break;
            case By::size:
                column.wide.push_back(static_cast<std::int64_t>(facts.size ? *facts.size : facts.summary->wire_size));
                break;
            case By::relevancy:  // "The message with the highest score is returned first" (RFC 6203 6)
                column.narrow.push_back(std::numeric_limits<std::uint32_t>::max() - facts.relevancy);
                break;
            case By::cc:
            case By::from:
            case By::subject:
            case By::to:
            case By::display_from:
            case By::display_to:
                column.narrow.push_back(
                    column.texts->number(collation_key(text_of(column.key.by, facts.summary->envelope), collation_)));
                break;
        }
    }
}

std::uint64_t Sorting::octets() const {
    std::uint64_t octets = numbers_.capacity() * sizeof(std::uint32_t);
    for (const Column& column : columns_) {
        octets += column.wide.capacity() * sizeof(std::int64_t) + column.narrow.capacity() * sizeof(std::uint32_t);
        if (column.texts) octets += column.texts->octets();
    }
    return octets;
}

bool Sorting::less(std::uint32_t a, std::uint32_t b) const {
    for (const Column& column : columns_) {
        if (!column.wide.empty()) {
            if (column.wide[a] != column.wide[b]) return (column.wide[a] < column.wide[b]) != column.key.reverse;
        } else if (column.narrow[a] != column.narrow[b]) {
            return (column.narrow[a] < column.narrow[b]) != column.key.reverse;
        }
    }
    return a < b;  // the implicit criterion, which REVERSE leaves alone
}

// Texts in order become numbers in order.
void Sorting::rank(Column& column, const std::vector<std::uint32_t>& order) {
    std::vector<std::uint32_t> ranks(order.size());
    for (std::uint32_t i = 0; i < order.size(); ++i) ranks[order[i]] = i;
    for (auto& text : column.narrow) text = ranks[text];
    column.texts.reset();
}

bool Sorting::advance(Deadline deadline) {
    for (; ranked_ < columns_.size(); ++ranked_) {
        Column& column = columns_[ranked_];
        if (!column.texts) continue;
        const TextTable& texts = *column.texts;
        if (!texts_sort_) {
            texts_sort_.emplace(texts.size());
            beginnings_.reserve(texts.size());
            for (std::uint32_t i = 0; i < texts.size(); ++i) beginnings_.push_back(beginning(texts.text(i)));
        }
        const bool sorted = texts_sort_->advance(deadline, [&](std::uint32_t a, std::uint32_t b) {
            if (beginnings_[a] != beginnings_[b]) return beginnings_[a] < beginnings_[b];
            return texts.text(a) < texts.text(b);
        });
        if (!sorted) return false;
        rank(column, texts_sort_->take());
        texts_sort_.reset();
        beginnings_ = {};
    }
    if (!sort_) sort_.emplace(numbers_.size());
    return sort_->advance(deadline, [this](std::uint32_t a, std::uint32_t b) { return less(a, b); });
}

std::vector<std::uint32_t> Sorting::take() {
    columns_.clear();
    auto order = sort_->take();
    for (auto& index : order) index = numbers_[index];
    numbers_ = {};
    return order;
}

}  // namespace imaparc::search
