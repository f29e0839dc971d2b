#include "net/deflate_stream.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <new>
#include <optional>
#include <string>
#include <utility>

namespace imaparc::net {

namespace {

// A window of 4 KiB finds the repetitions of IMAP's lines and costs a tenth of the usual one. (8 bits are broken in
// zlib: its inflate cannot read what its deflate makes of them.) Raw: negative (RFC 4978 4).
constexpr int deflate_window_bits = -12;
constexpr int inflate_window_bits = -15;  // the client's choice
constexpr int memory_level = 5;
constexpr int effort = 3;

constexpr std::size_t compressed_octets = 4096;    // read from beneath at a time
constexpr std::size_t written_octets = 16 * 1024;  // and written

Error damaged(const char* why) {
    return {ErrorKind::io, std::string("the client's compressed data is damaged: ") + why};
}

// What inflate() says of where it stands (zlib.h, data_type): behind a block, behind the last one; bits that are left
// of the last octet taken.
constexpr int at_block_end = 128, last_block = 64, unused_bits = 63;
bool at_end(const z_stream& z) { return (z.data_type & at_block_end) != 0 && (z.data_type & last_block) != 0; }

Bytef* octets(char* text) { return reinterpret_cast<Bytef*>(text); }

}  // namespace

struct DeflateStream::State {
    class Inflater {
      public:
        Inflater() {
            if (inflateInit2(&z, inflate_window_bits) != Z_OK) throw std::bad_alloc();
        }
        ~Inflater() { inflateEnd(&z); }
        Inflater(const Inflater&) = delete;
        Inflater& operator=(const Inflater&) = delete;
        z_stream z{};
    };
    class Deflater {
      public:
        Deflater() {
            if (deflateInit2(&z, effort, Z_DEFLATED, deflate_window_bits, memory_level, Z_DEFAULT_STRATEGY) != Z_OK)
                throw std::bad_alloc();
        }
        ~Deflater() { deflateEnd(&z); }
        Deflater(const Deflater&) = delete;
        Deflater& operator=(const Deflater&) = delete;
        z_stream z{};
    };

    // One step: what of `in` becomes octets in `buffer`, up to the next end of a block, so that nothing behind the
    // client's last flush is touched before somebody asks for more. How many; 0: more input is needed.
    Result<std::size_t> inflate_some(std::span<char> buffer);

    Inflater inflater;
    std::optional<Deflater> deflater;
    std::string in;  // compressed, not inflated yet
    std::size_t in_at = 0;
    bool pending = false;        // the last buffer was filled: zlib may hold more for the next
    bool ended = false;          // the client's stream has ended
    std::optional<char> peeked;  // by readable()
};

Result<std::size_t> DeflateStream::State::inflate_some(std::span<char> buffer) {
    auto& z = inflater.z;
    z.next_out = octets(buffer.data());
    z.avail_out = static_cast<uInt>(buffer.size());
    while (!ended && (in_at < in.size() || pending) && z.avail_out == buffer.size()) {
        z.next_in = octets(in.data() + in_at);
        z.avail_in = static_cast<uInt>(in.size() - in_at);
        const int done = ::inflate(&z, Z_BLOCK);
        const std::size_t taken = in.size() - in_at - z.avail_in;
        in_at += taken;
        pending = z.avail_out == 0;
        if (done == Z_MEM_ERROR) throw std::bad_alloc();
        if (done == Z_STREAM_END || at_end(z))
            ended = true;
        else if (done == Z_BUF_ERROR)
            break;  // nothing to be done without more input
        else if (done != Z_OK)
            return damaged(z.msg != nullptr ? z.msg : "it wants a dictionary");
    }
    if (in_at == in.size()) {
        std::string().swap(in);
        in_at = 0;
    }
    return buffer.size() - z.avail_out;
}

DeflateStream::DeflateStream(std::unique_ptr<Stream> beneath) : beneath_(std::move(beneath)) {}
DeflateStream::~DeflateStream() = default;

void DeflateStream::start(std::string_view ahead) {
    state_ = std::make_unique<State>();
    state_->in = ahead;
}

void DeflateStream::rest() {
    if (state_) state_->deflater.reset();
}

bool DeflateStream::rests() const { return !state_ || !state_->deflater; }

std::string DeflateStream::describe() const { return beneath_->describe() + (state_ ? " DEFLATE" : ""); }

async::Task<Result<void>> DeflateStream::start_tls(std::chrono::milliseconds timeout) {
    std::string().swap(plain_);  // what came in the clear does not count as sent through TLS
    return beneath_->start_tls(timeout);
}

// ---- reading

async::Task<Result<std::size_t>> DeflateStream::read(std::span<char> buffer, std::chrono::milliseconds timeout) {
    if (state_) return read_inflated(buffer, timeout);
    if (!plain_.empty()) return read_plain_ahead(buffer);
    return beneath_->read(buffer, timeout);
}

async::Task<Result<std::size_t>> DeflateStream::read_plain_ahead(std::span<char> buffer) {
    const std::size_t size = std::min(buffer.size(), plain_.size());
    std::memcpy(buffer.data(), plain_.data(), size);
    plain_.erase(0, size);
    if (plain_.empty()) std::string().swap(plain_);
    co_return size;
}

async::Task<Result<std::size_t>> DeflateStream::read_inflated(std::span<char> buffer,
                                                              std::chrono::milliseconds timeout) {
    const auto deadline = std::chrono::steady_clock::now() + timeout;
    for (;;) {
        if (state_->peeked && !buffer.empty()) {
            buffer[0] = *std::exchange(state_->peeked, std::nullopt);
            const Result<std::size_t> more = state_->inflate_some(buffer.subspan(1));
            co_return more ? 1 + *more : 1;  // what is damaged stays so
        }
        const Result<std::size_t> inflated = state_->inflate_some(buffer);
        if (!inflated || *inflated > 0 || state_->ended) co_return inflated;
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
        const auto compressed = std::make_unique<std::array<char, compressed_octets>>();
        const Result<std::size_t> got =
            co_await beneath_->read(*compressed, std::max(left, std::chrono::milliseconds(0)));
        if (!got || *got == 0) co_return got;
        state_->in.assign(compressed->data(), *got);
    }
}

async::Task<Result<bool>> DeflateStream::readable(std::chrono::milliseconds timeout) {
    if (state_ || !plain_.empty()) return readable_ahead(timeout);
    return beneath_->readable(timeout);
}

// What is there may turn out to be no octet at all, like the rest of a flush; so one is taken.
async::Task<Result<bool>> DeflateStream::readable_ahead(std::chrono::milliseconds timeout) {
    if (!state_ || state_->peeked || state_->ended) co_return true;
    char octet = 0;
    const Result<std::size_t> inflated = state_->inflate_some(std::span(&octet, 1));
    if (!inflated) co_return inflated.error();
    if (*inflated == 1) state_->peeked = octet;
    if (state_->peeked || state_->ended) co_return true;
    co_return co_await beneath_->readable(timeout);
}

// ---- writing

async::Task<Result<void>> DeflateStream::write(std::string_view bytes, std::chrono::milliseconds timeout) {
    if (state_) return write_deflated(bytes, Z_SYNC_FLUSH, timeout);
    return beneath_->write(bytes, timeout);
}

async::Task<Result<void>> DeflateStream::write_deflated(std::string_view bytes, int flush,
                                                        std::chrono::milliseconds timeout) {
    if (!state_->deflater) state_->deflater.emplace();
    auto& z = state_->deflater->z;
    z.next_in = octets(const_cast<char*>(bytes.data()));  // zlib does not write there
    z.avail_in = static_cast<uInt>(bytes.size());
    std::string compressed;
    bool full = true;
    while (full) {
        compressed.resize(std::min(written_octets, bytes.size() / 2 + 64));
        z.next_out = octets(compressed.data());
        z.avail_out = static_cast<uInt>(compressed.size());
        const int done = ::deflate(&z, flush);
        full = z.avail_out == 0;  // perhaps exactly so: another round finds nothing to do
        if (done != Z_OK && done != Z_STREAM_END && done != Z_BUF_ERROR)
            co_return Error{ErrorKind::io, "deflate failed"};
        compressed.resize(compressed.size() - z.avail_out);
        if (compressed.empty()) break;
        const Result<void> written = co_await beneath_->write(compressed, timeout);
        if (!written) co_return written.error();
    }
    co_return Result<void>{};
}

// ---- the end

async::Task<Result<void>> DeflateStream::finish(std::string_view last, std::chrono::milliseconds timeout) {
    if (const Result<void> written = co_await write_deflated(last, Z_FINISH, timeout); !written)
        co_return written.error();
    if (const Result<void> ended = co_await end_of_input(timeout); !ended) co_return ended.error();
    plain_ = state_->in.substr(state_->in_at);
    state_.reset();
    co_return Result<void>{};
}

// Behind the last command's octets there is still the empty block of the client's flush, or the end of its stream.
async::Task<Result<void>> DeflateStream::end_of_input(std::chrono::milliseconds timeout) {
    // An empty stored block's length and its complement (RFC 1951 3.2.4), which a flush ends with.
    constexpr std::string_view flush_end("\0\0\xFF\xFF", 4);
    std::string taken;
    auto& z = state_->inflater.z;
    if (state_->peeked) co_return damaged("it goes on behind its end");
    for (bool flushed = false; !state_->ended && !flushed;) {
        if (state_->in_at == state_->in.size()) {
            const auto compressed = std::make_unique<std::array<char, compressed_octets>>();
            const Result<std::size_t> got = co_await beneath_->read(*compressed, timeout);
            if (!got) co_return got.error();
            if (*got == 0) co_return damaged("it has no end");
            state_->in.assign(compressed->data(), *got);
            state_->in_at = 0;
        }
        char surplus = 0;
        z.next_out = octets(&surplus);
        z.avail_out = 1;
        z.next_in = octets(state_->in.data() + state_->in_at);
        z.avail_in = static_cast<uInt>(state_->in.size() - state_->in_at);
        const int done = ::inflate(&z, Z_BLOCK);
        const std::size_t before = std::exchange(state_->in_at, state_->in.size() - z.avail_in);
        taken.append(state_->in, before, state_->in_at - before);
        if (taken.size() > flush_end.size()) taken.erase(0, taken.size() - flush_end.size());
        if (done != Z_OK && done != Z_STREAM_END && done != Z_BUF_ERROR) co_return damaged("no end where it must be");
        if (z.avail_out == 0) co_return damaged("it goes on behind its end");
        state_->ended = done == Z_STREAM_END || at_end(z);
        flushed = (z.data_type & at_block_end) != 0 && (z.data_type & unused_bits) == 0 && taken == flush_end;
    }
    co_return Result<void>{};
}

}  // namespace imaparc::net
