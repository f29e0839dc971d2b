// The octets of a part with its Content-Transfer-Encoding undone, for BINARY (RFC 3516): decoded while they are read,
// so that memory is bounded whatever the part's size. How many there are is known only from decoding, so each answer
// is a counting pass and a reading pass; what a client fetches in consecutive partials costs no more than the whole,
// as the place where the last one ended is remembered.
//
// Lines end in CRLF where the encoding is none (RFC 3516 6); NUL stays NUL. What an encoding hides is given as it is.
//
// One thread at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "archive/archive.h"
#include "archive/wire_form.h"
#include "base/digest.h"
#include "message/section.h"
#include "message/transfer_decoder.h"

namespace imaparc::session {

// Where decoding stands.
struct BinaryPosition {
    std::uint64_t raw_at = 0;  // the next octet of the message to be read
    std::uint64_t offset = 0;  // in the decoded part, of pending[used]
    archive::WireForm form{archive::WireForm::Nul::none};
    message::TransferDecoder decoder;
    std::string pending;  // decoded, not yet asked for
    std::size_t used = 0;
    bool ended = false;  // the decoder has given its last

    explicit BinaryPosition(message::TransferEncoding encoding) : decoder(encoding) {}
};

// The place where the last answer of a session ended.
struct BinaryBookmark {
    Sha256 message{};  // its digest
    std::uint64_t begin = 0, end = 0;
    std::optional<BinaryPosition> position;
};

class BinaryReader {
  public:
    struct Measure {
        std::uint64_t octets = 0;
        bool nul = false;  // there is one among them
    };

    // `message` and the bookmark outlive the reader; `part` lies inside the message.
    BinaryReader(archive::WireReader& message, const message::Range& part, message::TransferEncoding encoding,
                 BinaryBookmark& bookmark);

    // Of the decoded octets from `offset` on those there are, at most `most`. read() begins at `offset` then.
    // The message's errors.
    Result<Measure> measure(std::uint64_t offset, std::uint64_t most);
    // Appends the next octets. An error: the message's, or that there are fewer.
    Result<void> read(std::size_t octets, std::string& out);
    // Puts the bookmark where reading stands.
    void remember();

  private:
    Result<bool> refill(BinaryPosition& at);

    archive::WireReader& message_;
    const std::uint64_t begin_, end_;  // raw
    const message::TransferEncoding encoding_;
    BinaryBookmark& bookmark_;
    BinaryPosition at_;
};

}  // namespace imaparc::session
