// Little encodings for files of our own: fixed little-endian numbers, varints, length-prefixed strings.
// Writer appends to a string; Reader walks over bytes it does not own and, once past the end or over a malformed
// varint, stays failed: ask ok() once at the end.
//
// Any thread; values only.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace imaparc {

class Writer {
  public:
    explicit Writer(std::string& out) : out_(out) {}
    void u8(std::uint8_t v) { out_.push_back(static_cast<char>(v)); }
    void u16(std::uint16_t v) { fixed(v); }
    void u32(std::uint32_t v) { fixed(v); }
    void u64(std::uint64_t v) { fixed(v); }
    void varint(std::uint64_t v) {
        while (v >= 0x80) {
            u8(static_cast<std::uint8_t>(v | 0x80));
            v >>= 7;
        }
        u8(static_cast<std::uint8_t>(v));
    }
    // Small for small magnitudes of either sign.
    void zigzag(std::int64_t v) { varint((static_cast<std::uint64_t>(v) << 1) ^ static_cast<std::uint64_t>(v >> 63)); }
    void raw(std::string_view v) { out_.append(v); }
    void text(std::string_view v) {
        varint(v.size());
        raw(v);
    }
    std::size_t size() const { return out_.size(); }

  private:
    template <class T>
    void fixed(T v) {
        for (std::size_t i = 0; i < sizeof(T); ++i) out_.push_back(static_cast<char>(v >> (8 * i)));
    }
    std::string& out_;
};

class Reader {
  public:
    explicit Reader(std::string_view bytes) : bytes_(bytes) {}
    std::uint8_t u8() { return fixed<std::uint8_t>(); }
    std::uint16_t u16() { return fixed<std::uint16_t>(); }
    std::uint32_t u32() { return fixed<std::uint32_t>(); }
    std::uint64_t u64() { return fixed<std::uint64_t>(); }
    std::uint64_t varint() {
        std::uint64_t v = 0;
        for (unsigned shift = 0; shift < 64; shift += 7) {
            if (at_ >= bytes_.size()) break;
            const auto b = static_cast<std::uint8_t>(bytes_[at_++]);
            v |= static_cast<std::uint64_t>(b & 0x7F) << shift;
            if (!(b & 0x80)) return v;
        }
        failed_ = true;
        return 0;
    }
    std::int64_t zigzag() {
        const std::uint64_t v = varint();
        return static_cast<std::int64_t>((v >> 1) ^ (~(v & 1) + 1));
    }
    std::string_view raw(std::size_t n) {
        if (failed_ || n > bytes_.size() - at_) {
            failed_ = true;
            return {};
        }
        auto v = bytes_.substr(at_, n);
        at_ += n;
        return v;
    }
    std::string_view text() { return raw(static_cast<std::size_t>(varint())); }
    bool ok() const { return !failed_; }
    bool at_end() const { return failed_ || at_ == bytes_.size(); }
    std::size_t position() const { return at_; }
    std::size_t left() const { return failed_ ? 0 : bytes_.size() - at_; }

  private:
    template <class T>
    T fixed() {
        const auto v = raw(sizeof(T));
        T result = 0;
        for (std::size_t i = 0; i < v.size(); ++i)
            result =
                static_cast<T>(result | static_cast<T>(static_cast<T>(static_cast<std::uint8_t>(v[i])) << (8 * i)));
        return result;
    }
    std::string_view bytes_;
    std::size_t at_ = 0;
    bool failed_ = false;
};

}  // namespace imaparc
