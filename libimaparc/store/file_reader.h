// A message's file, open.
//
// As StoreReader; read() may be called from several threads.
#pragma once

#include <sys/stat.h>

#include <string>

#include "base/file.h"
#include "store/store.h"

namespace imaparc::store {

class FileReader : public StoreReader {
  public:
    // `st` is what fstat said right after opening.
    FileReader(File file, const struct stat& st, std::string locator);

    std::uint64_t size() const override { return size_; }
    Result<std::size_t> read(std::uint64_t offset, std::span<char> buffer) override;
    std::string fingerprint() const override { return fingerprint_; }
    std::string locator() const override { return locator_; }

  private:
    File file_;
    std::uint64_t size_;
    timespec mtime_;
    std::string fingerprint_;
    std::string locator_;
};

}  // namespace imaparc::store
