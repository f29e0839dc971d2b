// Numbers that must not be swapped: each is a type of its own.
//
// Any thread; values only.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <functional>
#include <string>

namespace imaparc {

template <class Tag, class Rep>
struct Id {
    Rep value{};
    constexpr Id() = default;
    constexpr explicit Id(Rep v) : value(v) {}
    constexpr auto operator<=>(const Id&) const = default;
};

using Uid = Id<struct UidTag, std::uint32_t>;                  // RFC 3501 2.3.1.1; 0 is no UID
using Number = Id<struct NumberTag, std::uint32_t>;            // message sequence number, from 1; RFC 3501 2.3.1.2
using UidValidity = Id<struct UidValidityTag, std::uint32_t>;  // 0 is none
using ModSeq = Id<struct ModSeqTag, std::uint64_t>;            // RFC 7162; at most 2^63 - 1, 0 is none
using FolderNumber = Id<struct FolderTag, std::uint32_t>;      // within one owner, given by the ledger, never reused
using UserNumber = Id<struct UserTag, std::uint32_t>;          // within one owner, given by the ledger; 0: the owner
using StoreNumber = Id<struct StoreTag, std::uint16_t>;        // within one owner, given by the ledger; from 1

// 128-bit hash of (store, owner, folder, the store's own name for the message); DESIGN.md's "message ID".
struct MessageId {
    std::array<std::uint8_t, 16> bytes{};
    auto operator<=>(const MessageId&) const = default;
    std::string hex() const;
};

// From the four names; they are length-prefixed before hashing, so ("a","bc") and ("ab","c") differ.
MessageId message_id(std::string_view store, std::string_view owner, std::string_view folder, std::string_view name);

}  // namespace imaparc

template <class Tag, class Rep>
struct std::hash<imaparc::Id<Tag, Rep>> {
    std::size_t operator()(const imaparc::Id<Tag, Rep>& id) const noexcept { return std::hash<Rep>{}(id.value); }
};

template <>
struct std::hash<imaparc::MessageId> {
    std::size_t operator()(const imaparc::MessageId& id) const noexcept {
        std::size_t h;
        std::memcpy(&h, id.bytes.data(), sizeof h);  // it is a hash already
        return h;
    }
};
