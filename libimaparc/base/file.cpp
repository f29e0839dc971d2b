#include "base/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

namespace imaparc {

File::~File() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

Result<File> File::open(const std::filesystem::path& path, int flags, unsigned mode) {
    for (;;) {
        const int descriptor = ::open(path.c_str(), flags | O_CLOEXEC | O_NOCTTY, mode);
        if (descriptor >= 0) return File(descriptor);
        if (errno != EINTR) return system_error(errno, path.string());
    }
}

Result<std::size_t> File::read_at(std::uint64_t offset, std::span<char> buffer) const {
    std::size_t done = 0;
    while (done < buffer.size()) {
        const auto n =
            ::pread(descriptor_, buffer.data() + done, buffer.size() - done, static_cast<off_t>(offset + done));
        if (n == 0) break;
        if (n < 0) {
            if (errno == EINTR) continue;
            return system_error(errno, "read");
        }
        done += static_cast<std::size_t>(n);
    }
    return done;
}

std::optional<std::size_t> File::read_at_if_cached(std::uint64_t offset, std::span<char> buffer) const {
    std::size_t done = 0;
    while (done < buffer.size()) {
        const iovec piece{buffer.data() + done, buffer.size() - done};
        const auto n = ::preadv2(descriptor_, &piece, 1, static_cast<off_t>(offset + done), RWF_NOWAIT);
        if (n == 0) break;
        if (n < 0) {
            if (errno == EINTR) continue;
            return std::nullopt;
        }
        done += static_cast<std::size_t>(n);
    }
    return done;
}

Result<void> File::write(std::string_view bytes) {
    while (!bytes.empty()) {
        const auto n = ::write(descriptor_, bytes.data(), bytes.size());
        if (n < 0) {
            if (errno == EINTR) continue;
            return system_error(errno, "write");
        }
        bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return {};
}

Result<void> File::write_at(std::uint64_t offset, std::string_view bytes) {
    while (!bytes.empty()) {
        const auto n = ::pwrite(descriptor_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
        if (n < 0) {
            if (errno == EINTR) continue;
            return system_error(errno, "write");
        }
        bytes.remove_prefix(static_cast<std::size_t>(n));
        offset += static_cast<std::uint64_t>(n);
    }
    return {};
}

Result<void> File::sync() {
    while (::fdatasync(descriptor_) != 0)
        if (errno != EINTR) return system_error(errno, "fdatasync");
    return {};
}

Result<std::uint64_t> File::size() const {
    struct stat st {};
    if (::fstat(descriptor_, &st) != 0) return system_error(errno, "fstat");
    return static_cast<std::uint64_t>(st.st_size);
}

Result<std::string> read_file(const std::filesystem::path& path, std::uint64_t limit) {
    auto file = File::open(path, O_RDONLY);
    if (!file) return file.error();
    std::string bytes;
    char buffer[1 << 16];
    for (;;) {
        auto n = file->read_at(bytes.size(), buffer);
        if (!n) return Error{n.error().kind, path.string() + ": " + n.error().text};
        bytes.append(buffer, *n);
        if (bytes.size() > limit)
            return Error{ErrorKind::limit, path.string() + " is larger than " + std::to_string(limit) + " bytes"};
        if (*n < sizeof buffer) return bytes;
    }
}

Result<void> write_file_atomically(const std::filesystem::path& path, std::string_view bytes, unsigned mode) {
    const auto directory = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
    std::string name = (directory / ("." + path.filename().string() + ".XXXXXX")).string();
    File file(::mkostemp(name.data(), O_CLOEXEC));
    if (!file.is_open()) return system_error(errno, name);
    const auto fail = [&](Error error) {
        ::unlink(name.c_str());
        return error;
    };
    struct stat old {};
    if (::stat(path.c_str(), &old) == 0) {
        // Best effort: without the right to give files away the new file is its writer's.
        if (::fchown(file.descriptor(), old.st_uid, old.st_gid) != 0 && errno != EPERM)
            return fail(system_error(errno, name));
    }
    if (::fchmod(file.descriptor(), mode) != 0) return fail(system_error(errno, name));
    if (auto written = file.write(bytes); !written)
        return fail({written.error().kind, name + ": " + written.error().text});
    if (auto synced = file.sync(); !synced) return fail({synced.error().kind, name + ": " + synced.error().text});
    if (::rename(name.c_str(), path.c_str()) != 0) return fail(system_error(errno, path.string()));
    return sync_directory(directory);
}

Result<void> make_directories(const std::filesystem::path& path, unsigned mode) {
    if (path.empty()) return {};
    if (::mkdir(path.c_str(), mode) == 0) return {};
    if (errno == ENOENT && path.has_parent_path() && path.parent_path() != path) {
        if (auto parent = make_directories(path.parent_path(), mode); !parent) return parent;
        if (::mkdir(path.c_str(), mode) == 0) return {};
    }
    const int number = errno;
    struct stat st {};
    if (number == EEXIST && ::stat(path.c_str(), &st) == 0 && S_ISDIR(st.st_mode)) return {};
    return system_error(number, path.string());
}

Result<void> sync_directory(const std::filesystem::path& path) {
    auto directory = File::open(path, O_RDONLY | O_DIRECTORY);
    if (!directory) return directory.error();
    if (::fsync(directory->descriptor()) != 0) return system_error(errno, path.string());
    return {};
}

}  // namespace imaparc
