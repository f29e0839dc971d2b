// Mail in mboxes: one file a folder.
//
// An owner has a directory of them, or one file, which is INBOX. In a directory a file that begins as an mbox does (or
// an empty one) is a folder, shown without the ending .mbox; its subfolders lie in a directory of its name, with the
// ending .sbd (Thunderbird), .mbox (Apple Mail, whose file in it is called mbox) or without. At the top mbox and inbox
// in any letters are INBOX. Hidden files, symbolic links and mail programs' own indexes are nobody's.
//
// A message's name is its digest (scan.h), with an ordinal from the second of equal ones on: it stays when others come
// or go, or note their flags in the file.
//
// Any thread.
#pragma once

#include "store/mbox/scan.h"
#include "store/path_template.h"
#include "store/store.h"

namespace imaparc::store {

class MboxStore : public ArchiveStore {
  public:
    MboxStore(std::string name, PathTemplate path, MboxFormat format)
        : name_(std::move(name)), path_(std::move(path)), format_(format) {}

    const std::string& name() const override { return name_; }
    StoreHealth health() override;
    Result<std::vector<std::string>> owners() override { return path_.owners(PathTemplate::Owned::by_files_too); }
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
    const MboxFormat format_;
};

}  // namespace imaparc::store
