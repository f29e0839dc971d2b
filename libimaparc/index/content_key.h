// A content key tells whether two messages of one owner have the same bytes, and nothing else: it is made of the digest
// of the bytes and the owner's name, so that it says nothing about a message to who has not the message itself.
//
// Values only; any thread.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <functional>
#include <string_view>

#include "base/digest.h"

namespace imaparc::index {

struct ContentKey {
    std::array<std::uint8_t, 16> bytes{};
    auto operator<=>(const ContentKey&) const = default;
};

// Of a message whose raw bytes have this digest.
ContentKey content_key(std::string_view owner, const Sha256& digest);

}  // namespace imaparc::index

template <>
struct std::hash<imaparc::index::ContentKey> {
    std::size_t operator()(const imaparc::index::ContentKey& key) const noexcept {
        std::size_t h;
        std::memcpy(&h, key.bytes.data(), sizeof h);  // it is a hash already
        return h;
    }
};
