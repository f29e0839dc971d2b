// LIST, LSUB and XLIST responses, and what LIST may answer beside them (RFC 3501 7.2.2, RFC 5258, RFC 9051 7.3.1).
// As in render.h: functions append to the session's output buffer.
//
// Any thread; the buffer is the caller's.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "imap/command.h"

namespace imaparc::imap {

// Folders can always get children, and nobody marks them: \Noinferiors, \Marked and \Unmarked are never said. Every
// mailbox is this server's own: nor is \Remote.
enum class MailboxAttribute : std::uint32_t {
    non_existent = 1 << 0,  // RFC 5258 3; implies \Noselect, which then stays unsaid
    no_select = 1 << 1,
    has_children = 1 << 2,
    has_no_children = 1 << 3,  // RFC 3348
    subscribed = 1 << 4,       // RFC 5258 3.1
    all = 1 << 5,
    archive = 1 << 6,
    drafts = 1 << 7,
    flagged = 1 << 8,
    important = 1 << 9,  // RFC 8457
    junk = 1 << 10,
    sent = 1 << 11,
    trash = 1 << 12,  // RFC 6154 2
    inbox = 1 << 13,  // XLIST only
};
class MailboxAttributes {
  public:
    constexpr MailboxAttributes() = default;
    constexpr MailboxAttributes(std::initializer_list<MailboxAttribute> list) {
        for (auto a : list) add(a);
    }
    constexpr MailboxAttributes& add(MailboxAttribute a) {
        bits_ |= static_cast<std::uint32_t>(a);
        return *this;
    }
    constexpr MailboxAttributes& add(MailboxAttributes others) {
        bits_ |= others.bits_;
        return *this;
    }
    constexpr bool has(MailboxAttribute a) const { return (bits_ & static_cast<std::uint32_t>(a)) != 0; }
    constexpr bool empty() const { return bits_ == 0; }
    bool operator==(const MailboxAttributes&) const = default;

  private:
    std::uint32_t bits_ = 0;
};
// As LIST writes them: "\Sent \Trash"; "" for none.
std::string to_string(const MailboxAttributes& attributes);

// What may stand behind the name (RFC 5258 6, mbox-list-extended).
struct ListExtension {
    bool child_info = false;                   // ("CHILDINFO" ("SUBSCRIBED")): something below is subscribed
    std::optional<std::string_view> old_name;  // ("OLDNAME" (name)) (RFC 9051 6.3.9.7): another way to write it
};

// * LIST (\HasNoChildren) "/" INBOX
void render_list(std::string& out, ListKind kind, const MailboxAttributes& attributes, std::string_view path,
                 NameForm form, const ListExtension& extension = {});
// The answer to LIST "" "" (RFC 3501 6.3.8): * LIST (\Noselect) "/" ""
void render_list_root(std::string& out, ListKind kind, std::string_view reference, NameForm form);

}  // namespace imaparc::imap
