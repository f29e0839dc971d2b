// Editing the password file: one line changes, every other byte stays.
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <functional>

#include "auth/names.h"
#include "auth/password_file.h"
#include "auth/password_lines.h"
#include "base/file.h"
#include "base/text.h"

namespace imaparc::auth {
namespace {

constexpr std::uint64_t file_limit = 16U << 20;

enum class Missing { create, is_an_error };

// The file's new content from its old one.
using Edit = std::function<Result<std::string>(const std::string& text)>;

// One editor at a time: a lock on the directory, since the file itself is replaced. Goes with the descriptor.
Result<File> lock_directory(const std::filesystem::path& directory) {
    auto file = File::open(directory, O_RDONLY | O_DIRECTORY);
    if (!file) return file;
    while (::flock(file->descriptor(), LOCK_EX) != 0)
        if (errno != EINTR) return system_error(errno, directory.string());
    return file;
}

Result<void> edit_file(const std::filesystem::path& given, Missing missing, const Edit& edit) {
    std::error_code ignored;  // a path that cannot be resolved fails below, with its own name
    auto path = std::filesystem::weakly_canonical(given, ignored);  // replaces a link's target, not the link
    if (path.empty()) path = given;
    const auto directory = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
    const auto lock = lock_directory(directory);
    if (!lock) return lock.error();

    struct stat st {};
    std::string text;
    if (::stat(path.c_str(), &st) == 0) {
        if (!S_ISREG(st.st_mode)) return Error{ErrorKind::invalid, path.string() + ": not a regular file"};
        auto read = read_file(path, file_limit);
        if (!read) return read.error();
        text = std::move(*read);
    } else if (errno != ENOENT || missing == Missing::is_an_error) {
        return system_error(errno, path.string());
    }
    auto changed = edit(text);
    if (!changed) return changed.error();
    if (st.st_ino == 0) {
        // A new file belongs to its directory's group (root:imaparch, say), so that the daemon may read it.
        auto file = File::open(path, O_WRONLY | O_CREAT | O_EXCL, 0640);
        if (!file) return file.error();
        if (::fchmod(file->descriptor(), 0640) != 0) return system_error(errno, path.string());
        struct stat parent {};
        if (::stat(directory.c_str(), &parent) == 0 &&
            ::fchown(file->descriptor(), static_cast<uid_t>(-1), parent.st_gid) != 0 && errno != EPERM)
            return system_error(errno, path.string());
        st.st_mode = 0640;
    }
    return write_file_atomically(path, *changed, st.st_mode & 07777);
}

Result<std::string> name_for_file(std::string_view name) {
    auto prepared = prepare_name(name);
    if (!prepared) return prepared;
    if (prepared->find(':') != std::string::npos || prepared->starts_with('#'))
        return Error{ErrorKind::invalid, "user name must not contain ':' or begin with '#' in a password file"};
    return prepared;
}

std::optional<PasswordLine> line_of(const std::string& text, const std::string& name) {
    for (auto& line : parse_lines(text))
        if (line.name == name) return std::move(line);
    return std::nullopt;
}

Error no_such_user(const std::filesystem::path& path, std::string_view name) {
    return {ErrorKind::not_found, "no user " + printable(name) + " in " + path.string()};
}

}  // namespace

Result<std::vector<ListedUser>> list_users(const std::filesystem::path& path) {
    auto text = read_file(path, file_limit);
    if (!text) return text.error();
    std::vector<ListedUser> users;
    for (auto& line : parse_lines(*text))
        if (line.kind != PasswordLine::Kind::comment) users.push_back({line.name, line.number, line.problem});
    return users;
}

Result<void> add_user(const std::filesystem::path& path, std::string_view name, std::string_view password,
                      const HashCost& cost) {
    const auto prepared = name_for_file(name);
    if (!prepared) return prepared.error();
    const auto secret = prepare_password(password);
    if (!secret) return secret.error();
    return edit_file(path, Missing::create, [&](const std::string& text) -> Result<std::string> {
        if (line_of(text, *prepared))
            return Error{ErrorKind::conflict, "user " + printable(*prepared) + " exists already in " + path.string()};
        std::string changed = text;
        if (!changed.empty() && !changed.ends_with('\n')) changed += '\n';
        return changed + *prepared + ":" + hash_password(secret->view(), cost) + "\n";
    });
}

Result<void> change_password(const std::filesystem::path& path, std::string_view name, std::string_view password,
                             const HashCost& cost) {
    const auto prepared = name_for_file(name);
    if (!prepared) return prepared.error();
    const auto secret = prepare_password(password);
    if (!secret) return secret.error();
    return edit_file(path, Missing::is_an_error, [&](const std::string& text) -> Result<std::string> {
        const auto line = line_of(text, *prepared);
        if (!line) return no_such_user(path, *prepared);
        // From behind the first colon to the next one or the line's end: the name stays as it was written.
        const auto from = text.find(':', line->begin) + 1;
        const auto to = std::min(text.find_first_of(":\r\n", from), line->end);
        std::string changed = text;
        changed.replace(from, to - from, hash_password(secret->view(), cost));
        return changed;
    });
}

Result<void> remove_user(const std::filesystem::path& path, std::string_view name) {
    const auto prepared = name_for_file(name);
    if (!prepared) return prepared.error();
    return edit_file(path, Missing::is_an_error, [&](const std::string& text) -> Result<std::string> {
        // All lines of that name: a second one would come to life when the first goes.
        std::string changed;
        bool found = false;
        for (const auto& line : parse_lines(text)) {
            if (line.name == *prepared)
                found = true;
            else
                changed.append(text, line.begin, line.end - line.begin);
        }
        if (!found) return no_such_user(path, *prepared);
        return changed;
    });
}

}  // namespace imaparc::auth
