// Mail in Maildirs: `layout = "maildir++"` (the root is INBOX, `.A.B` is A/B) or "fs" (directories in directories, each
// folder with its own cur, new and tmp). How directories become names: names.h. How messages are found: listing.h.
//
// A folder's location is its directory relative to the owner's; "." is the owner's itself. Symbolic links are followed
// on the way to the owner's directory and, in Maildir++, to a folder as long as it stays below the owner's directory;
// message files that are links are nobody's. In the "fs" layout a linked directory would show the same mail twice:
// ignored.
//
// Any thread.
#pragma once

#include "store/maildir/listing.h"
#include "store/path_template.h"
#include "store/store.h"

namespace imaparc::store {

enum class MaildirLayout { maildir_plus_plus, fs };

class MaildirStore : public ArchiveStore {
  public:
    MaildirStore(std::string name, PathTemplate path, MaildirLayout layout, DateFrom date)
        : name_(std::move(name)), path_(std::move(path)), layout_(layout), date_(date) {}

    const std::string& name() const override { return name_; }
    StoreHealth health() override;
    Result<std::vector<std::string>> owners() override { return path_.owners(); }
    StoreHealth owner_health(const std::string& owner) override;
    Result<std::vector<StoreFolder>> folders(const std::string& owner) override;
    Result<void> list(const std::string& owner, const StoreFolder& folder,
                      const std::function<bool(StoreItem&&)>& visit) override;
    Result<std::unique_ptr<StoreReader>> open(const std::string& owner, const std::string& location,
                                              const std::string& name, const std::string& locator) override;
    std::vector<std::string> watch_paths(const std::string& owner, const StoreFolder& folder) override;
    std::vector<std::string> owner_watch_paths(const std::string& owner) override;

  private:
    const std::string name_;
    const PathTemplate path_;
    const MaildirLayout layout_;
    const DateFrom date_;
};

}  // namespace imaparc::store
