// What METADATA can say: of the server what the administrator set, of a mailbox its special use. Nothing is stored
// here, all is computed and read-only (RFC 5464 4.1).
//
// Any thread; pure functions.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "imap/command.h"
#include "imap/render_list.h"
#include "imap/render_metadata.h"
#include "session/session.h"

namespace imaparc::session {

// All that have a value: /shared/comment (imap.comment), /shared/admin (imap.admin).
std::vector<imap::MetadataEntry> server_annotations(const Options& options);
// /private/specialuse (RFC 6154 4).
std::vector<imap::MetadataEntry> mailbox_annotations(const imap::MailboxAttributes& roles);

// What is answered of `known` (RFC 5464 4.2): the entries that were asked for, as the client wrote them, NIL where
// there is none; with a depth, those below that have a value, too.
struct AskedEntries {
    std::vector<imap::MetadataEntry> entries;
    std::size_t longest = 0;  // octets of the longest value beyond `max_size`, which is left out; 0: none was
};
AskedEntries asked_entries(std::span<const imap::MetadataEntry> known, const std::vector<std::string>& names,
                           imap::GetMetadata::Depth depth = imap::GetMetadata::Depth::zero,
                           std::optional<std::uint32_t> max_size = std::nullopt);

}  // namespace imaparc::session
