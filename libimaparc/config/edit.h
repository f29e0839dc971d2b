// Changes one setting in the text of a configuration and leaves every other byte as it was: comments, order, spaces.
// The result has been parsed again and differs from the old configuration in that one setting alone; a text that cannot
// be edited so is refused, never guessed at.
//
// Any thread; texts only, except write_config.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/error.h"
#include "config/settings_table.h"

namespace imaparc::config {

// The key's value replaced, or the key added where it belongs: after the last key of its table, in a new table at the
// end of the file otherwise. A store that is not there is added by setting its path. `toml` must parse.
Result<std::string> set_in_text(std::string_view toml, const KeyPath& key, const Value& value);

// The key's line removed, so that the default holds; not_found if it is not in the file.
Result<std::string> unset_in_text(std::string_view toml, const KeyPath& key);

// The whole [[store]] block of that name; not_found.
Result<std::string> remove_store_in_text(std::string_view toml, std::string_view store);

// Replaces the file in one step, keeping its mode (a new one: 0644) and owner.
Result<void> write_config(const std::filesystem::path& path, std::string_view toml);

}  // namespace imaparc::config
