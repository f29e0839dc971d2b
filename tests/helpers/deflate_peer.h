// A client's zlib, in its most common setting: what COMPRESS=DEFLATE (RFC 4978) is tried against.
#pragma once

#include <zlib.h>

#include <stdexcept>
#include <string>
#include <string_view>

namespace imaparc::test {

class DeflatePeer {
  public:
    explicit DeflatePeer(int window_bits = -15) {
        if (deflateInit2(&out_, 6, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY) != Z_OK ||
            inflateInit2(&in_, -15) != Z_OK)
            throw std::runtime_error("zlib");
    }
    ~DeflatePeer() {
        deflateEnd(&out_);
        inflateEnd(&in_);
    }
    DeflatePeer(const DeflatePeer&) = delete;
    DeflatePeer& operator=(const DeflatePeer&) = delete;

    std::string deflated(std::string_view text, int flush = Z_SYNC_FLUSH) {
        std::string bytes(text.size() + 1024, '\0');
        out_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
        out_.avail_in = static_cast<uInt>(text.size());
        out_.next_out = reinterpret_cast<Bytef*>(bytes.data());
        out_.avail_out = static_cast<uInt>(bytes.size());
        deflate(&out_, flush);
        bytes.resize(bytes.size() - out_.avail_out);
        return bytes;
    }

    // Throws if it is not DEFLATE.
    std::string inflated(std::string_view bytes) {
        std::string text;
        in_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
        in_.avail_in = static_cast<uInt>(bytes.size());
        int done = Z_OK;
        do {
            char piece[4096];
            in_.next_out = reinterpret_cast<Bytef*>(piece);
            in_.avail_out = sizeof piece;
            done = inflate(&in_, Z_SYNC_FLUSH);
            if (done != Z_OK && done != Z_STREAM_END && done != Z_BUF_ERROR)
                throw std::runtime_error(std::string("not DEFLATE: ") + (in_.msg != nullptr ? in_.msg : "?"));
            text.append(piece, sizeof piece - in_.avail_out);
        } while (in_.avail_out == 0);
        ended = done == Z_STREAM_END;
        left = in_.avail_in;
        return text;
    }
    bool ended = false;    // the last inflated() came to the stream's end
    std::size_t left = 0;  // octets behind it

  private:
    z_stream out_{}, in_{};
};

}  // namespace imaparc::test
