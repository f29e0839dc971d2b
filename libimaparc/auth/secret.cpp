#include "auth/secret.h"

#include <string.h>

#include <string>

namespace imaparc::auth {

Secret::Secret(std::string_view text) : bytes_(text.empty() ? nullptr : new char[text.size()]), size_(text.size()) {
    if (size_) ::memcpy(bytes_.get(), text.data(), size_);
}

Secret& Secret::operator=(Secret&& other) noexcept {
    if (this != &other) {
        wipe();
        bytes_ = std::move(other.bytes_);
        size_ = std::exchange(other.size_, 0);
    }
    return *this;
}

void Secret::wipe() {
    if (bytes_) ::explicit_bzero(bytes_.get(), size_);
    bytes_.reset();
    size_ = 0;
}

void wipe(std::string& text) {
    text.resize(text.capacity());  // never reallocates; what lay behind the end is overwritten, too
    ::explicit_bzero(text.data(), text.size());
    text.clear();
}

}  // namespace imaparc::auth
