#include "store/store.h"

#include <algorithm>
#include <optional>

#include "base/text.h"
#include "store/eml/eml.h"
#include "store/maildir/maildir.h"
#include "store/mbox/mbox.h"
#include "store/path_template.h"

namespace imaparc::store {

namespace {

Error refuse(const StoreOptions& options, const std::string& option, const std::string& allowed) {
    return {ErrorKind::invalid, "store." + options.name + "." + option + " must be " + allowed};
}

// "auto": what the type takes by itself.
Result<DateFrom> date_from(const StoreOptions& options, DateFrom usual) {
    if (options.date == "auto") return usual;
    if (options.date == "mtime") return DateFrom::mtime;
    if (options.date == "name") return DateFrom::name;
    if (options.date == "received") return DateFrom::received;
    if (options.date == "header") return DateFrom::header;
    return refuse(options, "date",
                  "\"auto\", \"mtime\", \"name\", \"received\" or \"header\", not \"" + options.date + "\"");
}

Result<std::unique_ptr<ArchiveStore>> open_maildir(const StoreOptions& options) {
    auto path = PathTemplate::parse(options.path);
    if (!path) return Error{ErrorKind::invalid, "store." + options.name + "." + path.error().text};
    std::optional<MaildirLayout> layout;
    if (options.layout == "maildir++") layout = MaildirLayout::maildir_plus_plus;
    if (options.layout == "fs") layout = MaildirLayout::fs;
    if (!layout) return refuse(options, "layout", "\"maildir++\" or \"fs\", not \"" + options.layout + "\"");
    const auto date = date_from(options, DateFrom::mtime);
    if (!date) return date.error();
    return std::unique_ptr<ArchiveStore>(new MaildirStore(options.name, std::move(*path), *layout, *date));
}

Result<std::unique_ptr<ArchiveStore>> open_eml(const StoreOptions& options) {
    auto path = PathTemplate::parse(options.path);
    if (!path) return Error{ErrorKind::invalid, "store." + options.name + "." + path.error().text};
    const auto date = date_from(options, DateFrom::received);
    if (!date) return date.error();
    if (*date == DateFrom::name)
        return refuse(options, "date", "\"auto\", \"received\", \"header\" or \"mtime\", not \"name\"");
    return std::unique_ptr<ArchiveStore>(new EmlStore(options.name, std::move(*path), *date));
}

Result<std::unique_ptr<ArchiveStore>> open_mbox(const StoreOptions& options) {
    auto path = PathTemplate::parse(options.path);
    if (!path) return Error{ErrorKind::invalid, "store." + options.name + "." + path.error().text};
    if (options.date != "auto")
        return refuse(options, "date", "\"auto\": an mbox's separators have the date, not \"" + options.date + "\"");
    std::optional<MboxFormat> format;
    if (options.format == "mboxrd") format = MboxFormat::mboxrd;
    if (options.format == "mboxo") format = MboxFormat::mboxo;
    if (options.format == "mboxcl2") format = MboxFormat::mboxcl2;
    if (!format)
        return refuse(options, "format", "\"mboxrd\", \"mboxo\" or \"mboxcl2\", not \"" + options.format + "\"");
    return std::unique_ptr<ArchiveStore>(new MboxStore(options.name, std::move(*path), *format));
}

struct Type {
    const char* name;
    Result<std::unique_ptr<ArchiveStore>> (*open)(const StoreOptions&);
};
constexpr Type types[] = {
    {"maildir", open_maildir},
    {"mbox", open_mbox},
    {"eml", open_eml},
};

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

std::vector<std::string> store_types() {
    std::vector<std::string> names;
    for (const auto& type : types) names.emplace_back(type.name);
    return names;
}

Result<std::unique_ptr<ArchiveStore>> open_store(const StoreOptions& options) {
    if (options.name.empty()) return Error{ErrorKind::invalid, "a store must have a name"};
    if (options.flags != "seed") return refuse(options, "flags", "\"seed\", not \"" + options.flags + "\"");
    for (const auto& type : types)
        if (options.type == type.name) return type.open(options);
    std::string allowed;
    for (const auto& type : store_types()) allowed += (allowed.empty() ? "\"" : ", \"") + type + "\"";
    return refuse(options, "type", allowed + ", not \"" + options.type + "\"");
}

}  // namespace imaparc::store
