// The password file's backend, whose file can be exchanged while log-ins go on (auth.file.path is a live setting).
//
// Any thread.
#pragma once

#include <atomic>
#include <filesystem>
#include <memory>

#include "auth/password_file.h"

namespace imaparc::daemon {

class PasswordBackend : public auth::Authenticator {
  public:
    PasswordBackend(std::filesystem::path path, Log& log) : log_(log) { use(std::move(path)); }

    void use(std::filesystem::path path) {
        if (path == path_) return;
        path_ = std::move(path);
        ++exchanges_;
        file_ = std::make_shared<auth::PasswordFile>(path_, log_);
    }

    const char* kind() const override { return "file"; }
    auth::Outcome check_password(std::string_view user, std::string_view password) override {
        return file_.load()->check_password(user, password);
    }
    std::uint64_t generation() override { return (exchanges_ << 32) + file_.load()->generation(); }

  private:
    Log& log_;
    std::filesystem::path path_;  // use() alone
    std::atomic<std::uint64_t> exchanges_{0};
    std::atomic<std::shared_ptr<auth::PasswordFile>> file_;
};

}  // namespace imaparc::daemon
