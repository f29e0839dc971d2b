// Mail as files, one message each, in a tree of directories: what export tools, archivers and Thunderbird's maildir
// format leave behind.
//
// A directory is a folder; its messages are its files that end in .eml (in any letters) and all files in its cur and
// new directories; its subfolders are its other directories and those of NAME.sbd beside it. The messages of the
// owner's own directory and of one called inbox are INBOX. A message's name is its path below the owner's directory.
// Hidden files and directories, symbolic links, tmp and lost+found are nobody's.
//
// Any thread.
#pragma once

#include "store/maildir/listing.h"
#include "store/path_template.h"
#include "store/store.h"

namespace imaparc::store {

class EmlStore : public ArchiveStore {
  public:
    EmlStore(std::string name, PathTemplate path, DateFrom date)
        : name_(std::move(name)), path_(std::move(path)), date_(date) {}

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
    const DateFrom date_;
};

}  // namespace imaparc::store
