// A Stream whose bytes are compressed once the client asks for it (COMPRESS=DEFLATE, RFC 4978): raw DEFLATE (RFC 1951)
// in both directions, over whatever the stream beneath is, TLS included. Before start() and after the end it is the
// stream beneath and costs nothing.
//
// Memory while compressing: the deflater about 40 KiB, between start() or a write() and rest(); the inflater 8 KiB and
// up to 32 KiB, the window that DEFLATE allows a client. What is inflated is bounded by the buffer of read(): a client
// whose megabyte would become a gigabyte gets it read piece by piece, within the reader's own limits.
//
// A Stream's rules hold: one thread, one read and one write at a time.
#pragma once

#include <memory>

#include "net/stream.h"

namespace imaparc::net {

class DeflateStream : public Stream {
  public:
    explicit DeflateStream(std::unique_ptr<Stream> beneath);
    ~DeflateStream() override;

    // From now on everything is compressed. `ahead`: what was read behind the command already, which the client has
    // compressed. Nothing may be under way.
    void start(std::string_view ahead);
    bool compressing() const { return state_ != nullptr; }
    // Frees the deflater: for a connection that rests. The next write() begins with a new one; for the peer it is the
    // same stream going on, as each write() ends at a byte boundary (RFC 1951 3.2.4) and a new deflater refers to
    // nothing before its time.
    void rest();
    bool rests() const;  // nothing to free

    // The end of compression (UNAUTHENTICATE, RFC 8437 4.1), in both directions: `last` is the last that goes out
    // compressed, with the end of the deflated stream behind it; the client's ended behind the command read last, by an
    // end of its own or by a flush. What follows is read and written plain. Error: as write(); io if the client goes on
    // compressing.
    async::Task<Result<void>> finish(std::string_view last, std::chrono::milliseconds timeout);

    // io, besides what the stream beneath says: the client's bytes are not DEFLATE. 0 also if the client ended its
    // deflated stream.
    async::Task<Result<std::size_t>> read(std::span<char> buffer, std::chrono::milliseconds timeout) override;
    async::Task<Result<bool>> readable(std::chrono::milliseconds timeout) override;
    async::Task<Result<void>> write(std::string_view bytes, std::chrono::milliseconds timeout) override;
    void interrupt() override { beneath_->interrupt(); }
    async::Task<Result<void>> start_tls(std::chrono::milliseconds timeout) override;
    void close() override { beneath_->close(); }

    bool secure() const override { return beneath_->secure(); }
    bool can_start_tls() const override { return beneath_->can_start_tls(); }
    std::string remote_address() const override { return beneath_->remote_address(); }
    std::string describe() const override;  // "... DEFLATE"
    boost::asio::any_io_executor executor() override { return beneath_->executor(); }

  private:
    struct State;  // zlib's, hidden

    async::Task<Result<std::size_t>> read_inflated(std::span<char> buffer, std::chrono::milliseconds timeout);
    async::Task<Result<std::size_t>> read_plain_ahead(std::span<char> buffer);
    async::Task<Result<bool>> readable_ahead(std::chrono::milliseconds timeout);
    async::Task<Result<void>> write_deflated(std::string_view bytes, int flush, std::chrono::milliseconds timeout);
    async::Task<Result<void>> end_of_input(std::chrono::milliseconds timeout);

    std::unique_ptr<Stream> beneath_;
    std::unique_ptr<State> state_;
    std::string plain_;  // read from beneath behind the end of compression
};

}  // namespace imaparc::net
