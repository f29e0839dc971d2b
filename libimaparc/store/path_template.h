// The path of a store as the configuration writes it: "/srv/archive/%u", "/srv/%d/%n/Maildir". Finds an owner's
// directory, and the owners that have one. %u is the owner, %n the part before the last '@' (or the whole name), %d the
// part behind it; %% is a percent sign. At most one of them in a path component, and at least %u or %n somewhere.
//
// Any thread; const after parse().
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace imaparc::store {

class PathTemplate {
  public:
    // invalid: the text says what is allowed.
    static Result<PathTemplate> parse(std::string_view text);

    // The directory above everything that depends on the owner: what must be there for the store to be available.
    const std::filesystem::path& root() const { return root_; }
    // nullopt if this owner cannot have a directory: a component would be empty, ".", "..", longer than 255 bytes or
    // hold '/' or NUL. Never leads above root().
    std::optional<std::filesystem::path> path_of(std::string_view owner) const;
    // Whose directories exist, sorted. Names that are hidden (a leading dot), no UTF-8, hold control characters, or are
    // "lost+found" are nobody's. unavailable if a directory on the way could not be listed.
    enum class Owned { by_directories, by_files_too };
    Result<std::vector<std::string>> owners(Owned owned = Owned::by_directories) const;

  private:
    struct Component {
        std::string before, after;  // literal text around the variable
        char variable = 0;          // 'u', 'n', 'd', or 0: `before` is all
    };
    struct Owner;  // what is known of an owner half way down

    std::filesystem::path root_;
    std::vector<Component> components_;  // below root_
};

}  // namespace imaparc::store
