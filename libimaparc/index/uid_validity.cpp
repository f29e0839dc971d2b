#include "index/uid_validity.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "base/file.h"
#include "base/text.h"

namespace imaparc::index {
namespace {

constexpr std::string_view prefix = "imaparc uidvalidity ";
constexpr std::uint64_t block = 1024;
constexpr std::uint64_t greatest = UINT32_MAX;

std::optional<std::uint64_t> parse(std::string_view bytes) {
    if (bytes.substr(0, prefix.size()) != prefix || bytes.back() != '\n') return std::nullopt;
    const auto value = parse_decimal(bytes.substr(prefix.size(), bytes.size() - prefix.size() - 1));
    if (!value || *value > greatest) return std::nullopt;
    return value;
}

}  // namespace

UidValiditySource::UidValiditySource(std::filesystem::path file) : file_(std::move(file)) {
    const auto bytes = read_file(file_, 4096);
    if (!bytes) {
        if (bytes.error().kind == ErrorKind::not_found) return;
        if (bytes.error().kind != ErrorKind::limit) throw Fault(bytes.error());
        damaged_ = true;
        return;
    }
    const auto value = bytes->empty() ? std::nullopt : parse(*bytes);
    damaged_ = !value;
    last_ = ceiling_ = value.value_or(0);
}

void UidValiditySource::raise(UidValidity seen) {
    std::lock_guard lock(mutex_);
    last_ = std::max<std::uint64_t>(last_, seen.value);
}

Result<UidValidity> UidValiditySource::take(Seconds now) {
    std::lock_guard lock(mutex_);
    const auto today = static_cast<std::uint64_t>(std::clamp<Seconds>(now, 1, static_cast<Seconds>(greatest)));
    const auto value = std::max(today, last_ + 1);
    if (value > greatest) return Error{ErrorKind::limit, "no UIDVALIDITY is left (2^32 - 1 was given)"};
    if (value > ceiling_) {
        const auto ceiling = std::min(value + block, greatest);
        if (auto written = write_file_atomically(file_, std::string(prefix) + std::to_string(ceiling) + "\n"); !written)
            return written.error();
        ceiling_ = ceiling;
    }
    last_ = value;
    return UidValidity{static_cast<std::uint32_t>(value)};
}

}  // namespace imaparc::index
