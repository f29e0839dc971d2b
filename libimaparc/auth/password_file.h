// Users in a file: lines `name:hash`, the hash as password_hash.h has it. Empty lines and those that begin with '#' are
// comments. Names are compared prepared (names.h), so `Ann` in the file is the user `ann`.
//
// The file is read when it is first needed and again whenever it changed (device, inode, size, mtime). While it cannot
// be read the backend is unavailable; a line that is no user is reported once and passed over.
//
// PasswordFile: any thread. The editing functions: any process, one at a time (flock on the directory).
#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "auth/authenticator.h"
#include "auth/password_hash.h"
#include "base/log.h"

namespace imaparc::auth {

class PasswordFile : public Authenticator {
  public:
    PasswordFile(std::filesystem::path path, Log& log, HashCost cost_of_unknown = {});
    ~PasswordFile() override;

    const char* kind() const override { return "file"; }
    Outcome check_password(std::string_view user, std::string_view password) override;
    std::uint64_t generation() override;

  private:
    struct Stamp;
    struct Users;
    std::shared_ptr<const Users> users();  // nullptr: cannot be read
    void complain(const std::string& text);

    const std::filesystem::path path_;
    Log& log_;
    const HashCost cost_of_unknown_;  // while the file has no user whose cost could be taken
    std::mutex mutex_;
    std::shared_ptr<const Users> users_;
    std::uint64_t generation_ = 1;
    std::string complaint_;  // the last one logged, so that a broken file does not fill the log
};

struct ListedUser {
    std::string name;      // prepared
    std::size_t line = 0;  // from 1
    std::string problem;   // why it cannot log in ("" if it can): a hash of another kind, a second line of that name
};

// In the order of the file; the file's own names, prepared. not_found: no file.
Result<std::vector<ListedUser>> list_users(const std::filesystem::path& path);

// Each changes one line and keeps all others byte for byte. The file is replaced in one step and keeps mode and owner;
// a new one gets 0640 and its directory's group.
Result<void> add_user(const std::filesystem::path& path, std::string_view name, std::string_view password,
                      const HashCost& cost = {});  // conflict: there is one
Result<void> change_password(const std::filesystem::path& path, std::string_view name, std::string_view password,
                             const HashCost& cost = {});                             // not_found
Result<void> remove_user(const std::filesystem::path& path, std::string_view name);  // not_found

}  // namespace imaparc::auth
