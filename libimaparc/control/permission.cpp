#include "control/permission.h"

#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <optional>

namespace imaparc::control {
namespace {

constexpr std::size_t entry_limit = 1U << 20;  // a group with very many members

struct User {
    std::string name;
    gid_t group;
};

std::optional<User> user_of(uid_t uid) {
    std::vector<char> memory(4096);
    for (;;) {
        passwd entry{};
        passwd* found = nullptr;
        const int code = ::getpwuid_r(uid, &entry, memory.data(), memory.size(), &found);
        if (code == ERANGE && memory.size() < entry_limit)
            memory.resize(2 * memory.size());
        else if (!found)
            return std::nullopt;
        else
            return User{found->pw_name, found->pw_gid};
    }
}

std::optional<gid_t> group_called(const std::string& name) {
    std::vector<char> memory(4096);
    for (;;) {
        group entry{};
        group* found = nullptr;
        const int code = ::getgrnam_r(name.c_str(), &entry, memory.data(), memory.size(), &found);
        if (code == ERANGE && memory.size() < entry_limit)
            memory.resize(2 * memory.size());
        else if (!found)
            return std::nullopt;
        else
            return found->gr_gid;
    }
}

std::vector<gid_t> groups_of(const User& user) {
    std::vector<gid_t> groups(64);
    int count = static_cast<int>(groups.size());
    if (::getgrouplist(user.name.c_str(), user.group, groups.data(), &count) < 0) {
        groups.resize(static_cast<std::size_t>(count));
        if (::getgrouplist(user.name.c_str(), user.group, groups.data(), &count) < 0) return {};
    }
    groups.resize(static_cast<std::size_t>(count));
    return groups;
}

}  // namespace

bool is_master(uid_t uid) { return uid == 0 || uid == ::geteuid(); }

bool may_read_mail(uid_t uid, gid_t gid, const std::vector<std::string>& readers) {
    if (is_master(uid)) return true;
    if (readers.empty()) return false;
    const auto user = user_of(uid);
    std::vector<gid_t> groups;
    if (user) groups = groups_of(*user);
    groups.push_back(gid);
    return std::any_of(readers.begin(), readers.end(), [&](const std::string& reader) {
        if (!reader.starts_with('@')) return user && user->name == reader;
        const auto group = group_called(reader.substr(1));
        return group && std::find(groups.begin(), groups.end(), *group) != groups.end();
    });
}

}  // namespace imaparc::control
