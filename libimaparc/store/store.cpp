#include "store/store.h"

#include <algorithm>
#include <optional>

#include "base/text.h"
#include "store/maildir/maildir.h"
#include "store/path_template.h"

namespace imaparc::store {

namespace {

Error refuse(const StoreOptions& options, const std::string& option, const std::string& allowed) {
    return {ErrorKind::invalid, "store." + options.name + "." + option + " must be " + allowed};
}

Result<std::unique_ptr<ArchiveStore>> open_maildir(const StoreOptions& options) {
    auto path = PathTemplate::parse(options.path);
    if (!path) return Error{ErrorKind::invalid, "store." + options.name + "." + path.error().text};
    std::optional<MaildirLayout> layout;
    if (options.layout == "maildir++") layout = MaildirLayout::maildir_plus_plus;
    if (options.layout == "fs") layout = MaildirLayout::fs;
    if (!layout) return refuse(options, "layout", "\"maildir++\" or \"fs\", not \"" + options.layout + "\"");
    std::optional<DateFrom> date;
    if (options.date == "mtime") date = DateFrom::mtime;
    if (options.date == "name") date = DateFrom::name;
    if (options.date == "received") date = DateFrom::received;
    if (options.date == "header") date = DateFrom::header;
    if (!date)
        return refuse(options, "date", "\"mtime\", \"name\", \"received\" or \"header\", not \"" + options.date + "\"");
    return std::unique_ptr<ArchiveStore>(new MaildirStore(options.name, std::move(*path), *layout, *date));
}

}  // namespace

std::string path_of(const StoreFolder& folder) {
    std::string path;
    for (const auto& level : folder.levels) {
        if (!path.empty()) path += '/';
        path += level;
    }
    if (ascii_istarts_with(path, "INBOX") && (path.size() == 5 || path[5] == '/')) path.replace(0, 5, "INBOX");
    return path;
}

std::vector<std::string> store_types() { return {"maildir"}; }

Result<std::unique_ptr<ArchiveStore>> open_store(const StoreOptions& options) {
    if (options.name.empty()) return Error{ErrorKind::invalid, "a store must have a name"};
    if (options.flags != "seed") return refuse(options, "flags", "\"seed\", not \"" + options.flags + "\"");
    if (options.type == "maildir") return open_maildir(options);
    std::string allowed;
    for (const auto& type : store_types()) allowed += (allowed.empty() ? "\"" : ", \"") + type + "\"";
    return refuse(options, "type", allowed + ", not \"" + options.type + "\"");
}

}  // namespace imaparc::store
