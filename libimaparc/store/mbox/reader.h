// A message of an mbox, open: its bytes without what is the mbox's (scan.h).
//
// As StoreReader; read() may be called from several threads.
#pragma once

#include <sys/stat.h>

#include <memory>
#include <string>
#include <vector>

#include "store/mbox/scan.h"
#include "store/store.h"

namespace imaparc::store {

class MboxReader : public StoreReader {
  public:
    // Reads the message at [begin, end) through once, for its size and digest. `st`: of the file, when it was opened.
    // unavailable.
    static Result<std::unique_ptr<MboxReader>> open(File file, const struct stat& st, MboxFormat format,
                                                    std::uint64_t begin, std::uint64_t end, std::string locator);

    const Sha256& digest() const { return digest_; }
    std::uint64_t size() const override { return size_; }
    Result<std::size_t> read(std::uint64_t offset, std::span<char> buffer) override;
    std::string fingerprint() const override;
    std::string locator() const override { return locator_; }

  private:
    // Where reading can begin: at the start of a line.
    struct Mark {
        std::uint64_t raw = 0, offset = 0;  // in the file, in the message
        MessageFilter filter;
    };
    MboxReader(File file, const struct stat& st, std::uint64_t end, std::string locator)
        : file_(std::move(file)), file_size_(st.st_size), mtime_(st.st_mtim), end_(end), locator_(std::move(locator)) {}

    Result<void> unchanged() const;

    File file_;
    off_t file_size_;
    timespec mtime_;
    std::uint64_t end_;
    std::string locator_;
    std::uint64_t size_ = 0;
    Sha256 digest_{};
    std::vector<Mark> marks_;  // ascending; never empty
};

}  // namespace imaparc::store
