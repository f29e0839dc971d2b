#include "auth/password_file.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <tuple>

#include "auth/names.h"
#include "auth/password_lines.h"
#include "base/file.h"
#include "base/text.h"

namespace imaparc::auth {
namespace {

constexpr std::uint64_t file_limit = 16U << 20;  // 100,000 users are 12 MB

}  // namespace

// What stat() says of a content: as long as it is the same, the content is.
struct PasswordFile::Stamp {
    std::uint64_t device = 0, inode = 0, size = 0;
    std::int64_t modified = 0, changed = 0;  // nanoseconds
    bool operator==(const Stamp&) const = default;

    static Stamp of(const struct stat& st) {
        const auto nanoseconds = [](const timespec& t) { return std::int64_t{t.tv_sec} * 1'000'000'000 + t.tv_nsec; };
        return {st.st_dev, st.st_ino, static_cast<std::uint64_t>(st.st_size), nanoseconds(st.st_mtim),
                nanoseconds(st.st_ctim)};
    }
};

struct PasswordFile::Users {
    Stamp stamp;
    std::unordered_map<std::string, std::string> hashes;
    std::string nobody;  // what an unknown user is verified against; costs what the file's users cost
};

PasswordFile::PasswordFile(std::filesystem::path path, Log& log, HashCost cost_of_unknown)
    : path_(std::move(path)), log_(log), cost_of_unknown_(cost_of_unknown) {}

PasswordFile::~PasswordFile() = default;

void PasswordFile::complain(const std::string& text) {
    if (complaint_ == text) return;
    complaint_ = text;
    log_.error("auth_file_unreadable", {{"path", path_.string()}, {"reason", text}});
}

std::shared_ptr<const PasswordFile::Users> PasswordFile::users() {
    std::lock_guard lock(mutex_);
    struct stat st {};
    if (::stat(path_.c_str(), &st) != 0) {
        complain(system_error(errno, path_.string()).text);
        if (users_) ++generation_;
        return users_ = nullptr;
    }
    if (users_ && users_->stamp == Stamp::of(st)) return users_;
    if (users_) ++generation_;
    users_ = nullptr;

    // Not to be held up by a FIFO that somebody put here.
    auto file = File::open(path_, O_RDONLY | O_NONBLOCK);
    if (!file) return complain(file.error().text), nullptr;
    if (::fstat(file->descriptor(), &st) != 0) return complain(system_error(errno, path_.string()).text), nullptr;
    if (!S_ISREG(st.st_mode)) return complain(path_.string() + ": not a regular file"), nullptr;
    if (static_cast<std::uint64_t>(st.st_size) > file_limit)
        return complain(path_.string() + ": larger than " + std::to_string(file_limit) + " bytes"), nullptr;
    std::string text(static_cast<std::size_t>(st.st_size), '\0');
    auto size = file->read_at(0, text);
    if (!size) return complain(path_.string() + ": " + size.error().text), nullptr;
    text.resize(*size);

    if (st.st_mode & 0027)
        log_.warning("auth_file_permissions",
                     {{"path", path_.string()},
                      {"mode", mode_text(st.st_mode)},
                      {"reason", "others than owner and group may read, or the group may write; 0640 is right"}});
    auto read = std::make_shared<Users>();
    read->stamp = Stamp::of(st);
    HashCost cost = cost_of_unknown_;
    for (auto& line : parse_lines(text)) {
        if (line.kind == PasswordLine::Kind::comment) continue;
        if (line.kind == PasswordLine::Kind::broken) {
            log_.warning("auth_file_line_ignored",
                         {{"path", path_.string()}, {"line", line.number}, {"reason", line.problem}});
            if (line.name.empty()) continue;
        }
        if (const auto known = cost_of(line.hash); known && read->hashes.empty()) cost = *known;
        // A user whose hash cannot be verified is there and has no password: wrong_password, not unknown_user.
        read->hashes.emplace(std::move(line.name), line.kind == PasswordLine::Kind::user ? line.hash : "");
    }
    read->nobody = hash_of_nobody(cost);
    complaint_.clear();
    return users_ = std::move(read);
}

std::uint64_t PasswordFile::generation() {
    users();
    std::lock_guard lock(mutex_);
    return generation_;
}

Outcome PasswordFile::check_password(std::string_view user, std::string_view password) {
    const auto known = users();
    if (!known) return Outcome::unavailable;
    const auto found = known->hashes.find(std::string(user));
    const bool has_hash = found != known->hashes.end() && !found->second.empty();
    const bool right = verify_password(password, has_hash ? found->second : known->nobody);
    if (found == known->hashes.end()) return Outcome::unknown_user;
    return right && has_hash ? Outcome::accepted : Outcome::wrong_password;
}

}  // namespace imaparc::auth
