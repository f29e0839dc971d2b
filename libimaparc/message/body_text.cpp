// visit_body_text: bytes → transfer encoding undone → UTF-8 → pieces.
#include <algorithm>
#include <string>

#include "message/charset.h"
#include "message/parameters.h"
#include "message/text.h"
#include "message/transfer_decoder.h"

namespace imaparc::message {
namespace {

constexpr std::size_t piece_bytes = 64 * 1024;
constexpr std::size_t read_bytes = 32 * 1024;

class Visitor {
  public:
    Visitor(const ReadRaw& read, const VisitText& visit) : read_(read), visit_(visit) {}

    // False: the visitor wants no more.
    Result<bool> part(const Part& part) {
        switch (part.kind) {
            case Part::Kind::text:
                return text(part);
            case Part::Kind::message: {
                const Part& enclosed = part.children.front();
                auto more = header(enclosed);
                if (!more || !*more) return more;
                return this->part(enclosed);
            }
            case Part::Kind::multipart:
                for (const Part& child : part.children) {
                    auto more = this->part(child);
                    if (!more || !*more) return more;
                }
                return true;
            case Part::Kind::basic:
                return true;
        }
        return true;
    }

  private:
    Result<bool> text(const Part& part) {
        const std::string charset = parameter_value(part.parameters, "charset").value_or("us-ascii");
        auto named = Utf8Converter::from(charset);
        Utf8Converter converter = named ? std::move(named).value() : Utf8Converter::mixed();
        TransferDecoder decoder(transfer_encoding(part.encoding).value_or(TransferEncoding::identity));
        std::string buffer(std::min<std::uint64_t>(read_bytes, part.end.raw - part.body.raw), '\0');
        for (std::uint64_t at = part.body.raw; at < part.end.raw;) {
            auto size = read(at, part.end.raw, buffer);
            if (!size) return size.error();
            at += *size;
            converter.convert(decoder.decode({buffer.data(), *size}), waiting_);
            if (!give_whole_lines()) return false;
        }
        converter.convert(decoder.flush(), waiting_);
        converter.finish(waiting_);
        return give_rest();
    }

    // An enclosed message's header belongs to what SEARCH BODY looks into.
    Result<bool> header(const Part& enclosed) {
        const std::uint64_t end = std::min<std::uint64_t>(enclosed.body.raw, enclosed.header.raw + max_header_bytes);
        std::string raw(end - enclosed.header.raw, '\0');
        for (std::uint64_t at = enclosed.header.raw; at < end;) {
            std::string buffer(std::min<std::uint64_t>(read_bytes, end - at), '\0');
            auto size = read(at, end, buffer);
            if (!size) return size.error();
            raw.replace(at - enclosed.header.raw, *size, buffer, 0, *size);
            at += *size;
        }
        bool more = true;
        for_each_field(raw, [&](std::string_view name, std::string_view value) {
            if (!more) return;
            waiting_.append(decode_header(name)).append(": ").append(decode_header(value)).append("\n");
            more = give_whole_lines();
        });
        return more && give_rest();
    }

    Result<std::size_t> read(std::uint64_t at, std::uint64_t end, std::string& buffer) {
        const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(buffer.size(), end - at));
        auto size = read_(at, buffer.data(), wanted);
        if (size && (*size == 0 || *size > wanted))
            return Error{ErrorKind::damaged, "message ends before its summary says so"};
        return size;
    }

    bool give_whole_lines() {
        if (waiting_.size() < piece_bytes) return true;
        const std::size_t lf = waiting_.rfind('\n');
        const std::size_t size = lf == std::string::npos ? waiting_.size() : lf + 1;
        const bool more = visit_(std::string_view(waiting_).substr(0, size), Follows::same_part);
        waiting_.erase(0, size);
        return more;
    }
    bool give_rest() {
        const bool more = visit_(waiting_, Follows::other_part);
        waiting_.clear();
        return more;
    }

    const ReadRaw& read_;
    const VisitText& visit_;
    std::string waiting_;
};

}  // namespace

Result<void> visit_body_text(const Summary& summary, const ReadRaw& read, const VisitText& visit) {
    const auto done = Visitor(read, visit).part(summary.root);
    if (!done) return done.error();
    return {};
}

}  // namespace imaparc::message
