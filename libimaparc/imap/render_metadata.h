// METADATA (RFC 5464 4.4), MYRIGHTS (RFC 4314 3.8), QUOTA and QUOTAROOT (RFC 9208 4.2) responses. As in render.h.
//
// Any thread; the buffer is the caller's.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "imap/names.h"

namespace imaparc::imap {

struct MetadataEntry {
    std::string name;                  // "/shared/comment"
    std::optional<std::string> value;  // nullopt: NIL
};
// * METADATA INBOX (/shared/comment "My comment"); of the server itself the path is "". No entries: nothing is said.
void render_metadata(std::string& out, std::string_view path, NameForm form, std::span<const MetadataEntry> entries);

// * MYRIGHTS INBOX lrsw
void render_my_rights(std::string& out, std::string_view path, NameForm form, std::string_view rights);

// RFC 9051's number64, what a resource's limit is at most; here: that there is none.
constexpr std::uint64_t no_limit = 0x7FFF'FFFF'FFFF'FFFF;
struct QuotaResource {
    std::string_view name;  // "STORAGE"
    std::uint64_t usage = 0;
    std::uint64_t limit = no_limit;
};
// * QUOTA "" (STORAGE 10 512)
void render_quota(std::string& out, std::string_view root, std::span<const QuotaResource> resources);
// * QUOTAROOT INBOX ""
void render_quota_root(std::string& out, std::string_view path, NameForm form, std::string_view root);

}  // namespace imaparc::imap
