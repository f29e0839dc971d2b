#include "store/path_template.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>

#include "base/text.h"
#include "store/directory.h"

namespace imaparc::store {

namespace {

constexpr std::size_t longest_name = 255;  // NAME_MAX of the file systems we know

struct Parts {
    std::string_view local, domain;
};

Parts parts_of(std::string_view owner) {
    const auto at = owner.rfind('@');
    if (at == std::string_view::npos) return {owner, {}};
    return {owner.substr(0, at), owner.substr(at + 1)};
}

bool valid_component(std::string_view name) {
    return !name.empty() && name != "." && name != ".." && name.size() <= longest_name &&
           name.find('/') == std::string_view::npos && name.find('\0') == std::string_view::npos;
}

bool somebody(std::string_view name) {
    if (name.empty() || name[0] == '.' || name == "lost+found" || !valid_utf8(name)) return false;
    return std::none_of(name.begin(), name.end(), [](char c) { return (c >= 0 && c < 0x20) || c == 0x7F; });
}

}  // namespace

struct PathTemplate::Owner {
    std::optional<std::string> user, local, domain;

    bool bind(char variable, std::string_view value) {
        auto& slot = variable == 'u' ? user : variable == 'n' ? local : domain;
        if (slot && *slot != value) return false;
        slot = value;
        return true;
    }
    // nullopt if what was bound contradicts itself.
    std::optional<std::string> name() const {
        if (!user) return domain ? *local + "@" + *domain : *local;
        const auto parts = parts_of(*user);
        if ((local && *local != parts.local) || (domain && *domain != parts.domain)) return std::nullopt;
        return *user;
    }
};

Result<PathTemplate> PathTemplate::parse(std::string_view text) {
    const auto refuse = [&](const std::string& why) {
        return Error{ErrorKind::invalid, "path \"" + std::string(text) + "\": " + why};
    };
    if (text.empty() || text[0] != '/') return refuse("must be absolute");
    if (text.find('\0') != std::string_view::npos) return refuse("must not hold a NUL");
    PathTemplate result;
    std::string root;
    bool has_user = false;
    for (const auto piece : split(text.substr(1), '/')) {
        if (piece.empty()) continue;
        Component component;
        for (std::size_t i = 0; i < piece.size(); ++i) {
            auto& literal = component.variable ? component.after : component.before;
            if (piece[i] != '%') {
                literal += piece[i];
                continue;
            }
            const char c = ++i < piece.size() ? piece[i] : '\0';
            if (c == '%')
                literal += '%';
            else if (c != 'u' && c != 'n' && c != 'd')
                return refuse("after % only u, n, d or % is allowed");
            else if (component.variable)
                return refuse("only one of %u, %n, %d in a path component");
            else
                component.variable = c;
        }
        if (!component.variable && !valid_component(component.before))
            return refuse("\"" + component.before + "\" is not allowed as a component");
        has_user = has_user || component.variable == 'u' || component.variable == 'n';
        if (!component.variable && result.components_.empty())
            root += "/" + component.before;
        else
            result.components_.push_back(std::move(component));
    }
    if (!has_user) return refuse("must contain %u (the owner), or %n and %d (its parts around the '@')");
    result.root_ = root.empty() ? "/" : root;
    return result;
}

std::optional<std::filesystem::path> PathTemplate::path_of(std::string_view owner) const {
    const auto parts = parts_of(owner);
    auto path = root_;
    for (const auto& component : components_) {
        std::string name = component.before;
        if (component.variable) {
            const auto value = component.variable == 'u'   ? owner
                               : component.variable == 'n' ? parts.local
                                                           : parts.domain;
            if (value.empty()) return std::nullopt;
            name += value;
            name += component.after;
        }
        if (!valid_component(name)) return std::nullopt;
        path /= name;
    }
    return path;
}

Result<std::vector<std::string>> PathTemplate::owners(Owned owned) const {
    struct Place {
        std::string path;
        Owner owner;
    };
    std::vector<Place> places{{root_.string(), {}}};
    for (const auto& component : components_) {
        std::vector<Place> deeper;
        for (const auto& place : places) {
            if (!component.variable) {  // whether it is there shows one level further down, or at the end
                deeper.push_back({place.path + "/" + component.before, place.owner});
                continue;
            }
            auto directory = open_directory(place.path);
            // An owner's directory that is not there is no owner; the root's absence is the store's.
            if (directory.error == ENOENT && &component != components_.data()) continue;
            if (directory.error == ENOTDIR && &component != components_.data()) continue;
            if (directory.error) return unavailable(directory.error, place.path);
            const int failed = for_each_entry(directory.file.descriptor(), [&](const Entry& entry) {
                std::string_view name = entry.name;
                if (name.size() <= component.before.size() + component.after.size() ||
                    !name.starts_with(component.before) || !name.ends_with(component.after) || !somebody(name))
                    return;
                const bool last = &component == &components_.back();
                if (!is_directory(directory.file.descriptor(), entry, Links::follow) &&
                    !(last && owned == Owned::by_files_too && entry.type == DT_REG))
                    return;
                name.remove_prefix(component.before.size());
                name.remove_suffix(component.after.size());
                Place next{place.path + "/" + std::string(entry.name), place.owner};
                if (next.owner.bind(component.variable, name)) deeper.push_back(std::move(next));
            });
            if (failed) return unavailable(failed, place.path);
        }
        places = std::move(deeper);
    }
    std::vector<std::string> names;
    for (const auto& place : places) {
        struct stat st {};
        if (!components_.back().variable && ::stat(place.path.c_str(), &st) != 0) {
            if (errno == ENOENT || errno == ENOTDIR) continue;
            return unavailable(errno, place.path);
        }
        // Only names that lead back to where they were found: "x@" has no domain, "a@b" in %n is not a local part.
        auto name = place.owner.name();
        if (name && path_of(*name) == std::filesystem::path(place.path)) names.push_back(std::move(*name));
    }
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    return names;
}

}  // namespace imaparc::store
