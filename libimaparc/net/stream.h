// A connection to a client: bytes in, bytes out, in the clear or through TLS; which of the two is this room's business.
// The twin in memory is tests/helpers/pipe_stream.h.
//
// A Stream belongs to one io_context thread. One read and one write may be under way at the same time.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "async/workers.h"
#include "base/error.h"

namespace imaparc::net {

class Stream {
  public:
    virtual ~Stream() = default;

    // Some bytes, at least one; 0: the peer is done. Error: timeout is `limit` (text "timeout"), else `io`.
    virtual async::Task<Result<std::size_t>> read(std::span<char> buffer, std::chrono::milliseconds timeout) = 0;
    // Waits until there is something to read, without a buffer: what an idle connection does. False: timeout.
    virtual async::Task<Result<bool>> readable(std::chrono::milliseconds timeout) = 0;
    // All of it, in as few segments as possible. A peer that takes nothing for `timeout` is an error.
    virtual async::Task<Result<void>> write(std::string_view bytes, std::chrono::milliseconds timeout) = 0;
    // Makes a waiting read() or readable() return now with limit/"interrupted". From the stream's own thread.
    virtual void interrupt() = 0;
    // STARTTLS: the server's side of a handshake on the open connection; what was read ahead must have been discarded
    // by the caller (RFC 3501 6.2.1, CVE-2011-0411). Error: TLS is off, or the handshake failed.
    virtual async::Task<Result<void>> start_tls(std::chrono::milliseconds timeout) = 0;
    virtual void close() = 0;  // at once; harmless when repeated

    virtual bool secure() const = 0;                 // TLS is up
    virtual bool can_start_tls() const = 0;          // TLS is configured and not up
    virtual std::string remote_address() const = 0;  // "192.0.2.1", without port
    virtual std::string describe() const = 0;        // for the log: address, port, TLS version and cipher
    virtual boost::asio::any_io_executor executor() = 0;
};

}  // namespace imaparc::net
