// Files: descriptors that close themselves, whole reads and writes, files replaced in one step.
//
// A File belongs to one thread at a time, but read_at may be called from several. What an input can cause is a Result;
// callers to whom a missing disk is the end of the world turn it into a Fault with value_or_throw.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"

namespace imaparc {

class File {
  public:
    File() = default;
    explicit File(int descriptor) : descriptor_(descriptor) {}
    File(File&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
    File& operator=(File&& other) noexcept {
        std::swap(descriptor_, other.descriptor_);
        return *this;
    }
    ~File();

    // O_CLOEXEC and O_NOCTTY are always added.
    static Result<File> open(const std::filesystem::path& path, int flags, unsigned mode = 0600);

    bool is_open() const { return descriptor_ >= 0; }
    int descriptor() const { return descriptor_; }
    int release() { return std::exchange(descriptor_, -1); }

    // Reads until the buffer is full or the file ends; the number of bytes read.
    Result<std::size_t> read_at(std::uint64_t offset, std::span<char> buffer) const;
    // The same without ever waiting for the disk (preadv2, RWF_NOWAIT): nullopt if the bytes are not in memory, or
    // the file system cannot tell.
    std::optional<std::size_t> read_at_if_cached(std::uint64_t offset, std::span<char> buffer) const;
    Result<void> write(std::string_view bytes);                           // all of it, at the file's position
    Result<void> write_at(std::uint64_t offset, std::string_view bytes);  // all of it
    Result<void> sync();                                                  // fdatasync
    Result<std::uint64_t> size() const;

  private:
    int descriptor_ = -1;
};

// The whole file; limit error if it is larger than `limit` bytes.
Result<std::string> read_file(const std::filesystem::path& path, std::uint64_t limit = 64U << 20);

// Written beside as a temporary file with `mode`, synced, renamed over `path`, the directory synced: after a crash
// there is the old file or the new one. An existing file's owner and group are kept where the caller may set them.
Result<void> write_file_atomically(const std::filesystem::path& path, std::string_view bytes, unsigned mode = 0600);

// Makes the directory and its missing parents with `mode`; fine if it is there.
Result<void> make_directories(const std::filesystem::path& path, unsigned mode = 0700);

// So that a rename or a new name in it survives a power loss.
Result<void> sync_directory(const std::filesystem::path& path);

template <class T>
T value_or_throw(Result<T> result) {
    if (!result) throw Fault(result.error());
    return std::move(result).value();
}
inline void value_or_throw(Result<void> result) {
    if (!result) throw Fault(result.error());
}

}  // namespace imaparc
