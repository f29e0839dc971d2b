#include "index/content_key.h"

#include <algorithm>
#include <string>

namespace imaparc::index {

ContentKey content_key(std::string_view owner, const Sha256& digest) {
    std::string bytes(digest.begin(), digest.end());
    bytes += owner;
    const Sha256 mixed = sha256(bytes);
    ContentKey key;
    std::copy_n(mixed.begin(), key.bytes.size(), key.bytes.begin());
    return key;
}

}  // namespace imaparc::index
