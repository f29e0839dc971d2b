#include "message/transfer_decoder.h"

#include <gmime/gmime.h>

#include <algorithm>

#include "base/text.h"

namespace imaparc::message {

std::optional<TransferEncoding> transfer_encoding(std::string_view name) {
    for (const std::string_view plain : {"7bit", "8bit", "binary"})
        if (ascii_iequals(name, plain)) return TransferEncoding::identity;
    if (ascii_iequals(name, "base64")) return TransferEncoding::base64;
    if (ascii_iequals(name, "quoted-printable")) return TransferEncoding::quoted_printable;
    for (const std::string_view old : {"x-uuencode", "uuencode", "x-uue"})
        if (ascii_iequals(name, old)) return TransferEncoding::uuencode;
    return std::nullopt;
}

struct TransferDecoder::Inside {
    explicit Inside(TransferEncoding encoding)
        : identity(encoding == TransferEncoding::identity), before_begin(encoding == TransferEncoding::uuencode) {
        GMimeContentEncoding known = GMIME_CONTENT_ENCODING_8BIT;
        if (encoding == TransferEncoding::base64) known = GMIME_CONTENT_ENCODING_BASE64;
        if (encoding == TransferEncoding::quoted_printable) known = GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE;
        if (encoding == TransferEncoding::uuencode) known = GMIME_CONTENT_ENCODING_UUENCODE;
        g_mime_encoding_init_decode(&state, known);
    }

    // GMime decodes what follows the line "begin MODE NAME"; the line itself is found here.
    bool skip_to_begin(std::string_view& bytes) {
        constexpr std::size_t enough_of_line = 16;
        while (!bytes.empty()) {
            const std::size_t lf = bytes.find('\n');
            const std::string_view piece = bytes.substr(0, lf);
            line.append(piece.substr(0, enough_of_line - std::min(enough_of_line, line.size())));
            if (lf == std::string_view::npos) return false;
            bytes.remove_prefix(lf + 1);
            before_begin = !line.starts_with("begin ");
            line.clear();
            if (!before_begin) return true;
        }
        return false;
    }

    GMimeEncoding state{};
    bool identity;
    bool before_begin;
    std::string line;
    std::string out;
};

TransferDecoder::TransferDecoder(TransferEncoding encoding) : inside_(std::make_unique<Inside>(encoding)) {}
TransferDecoder::TransferDecoder(const TransferDecoder& other) : inside_(std::make_unique<Inside>(*other.inside_)) {}
TransferDecoder& TransferDecoder::operator=(const TransferDecoder& other) {
    if (this != &other) inside_ = std::make_unique<Inside>(*other.inside_);
    return *this;
}
TransferDecoder::TransferDecoder(TransferDecoder&&) noexcept = default;
TransferDecoder& TransferDecoder::operator=(TransferDecoder&&) noexcept = default;
TransferDecoder::~TransferDecoder() = default;

std::string_view TransferDecoder::decode(std::string_view bytes) {
    Inside& in = *inside_;
    if (in.identity) return bytes;
    if (in.before_begin && !in.skip_to_begin(bytes)) return {};
    in.out.resize(g_mime_encoding_outlen(&in.state, bytes.size()) + 8);
    return {in.out.data(), g_mime_encoding_step(&in.state, bytes.data(), bytes.size(), in.out.data())};
}

std::string_view TransferDecoder::flush() {
    Inside& in = *inside_;
    if (in.identity) return {};
    in.out.resize(64);
    return {in.out.data(), g_mime_encoding_flush(&in.state, nullptr, 0, in.out.data())};
}

}  // namespace imaparc::message
