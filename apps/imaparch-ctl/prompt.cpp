#include "prompt.h"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include "auth/names.h"
#include "base/file.h"

namespace imaparc::ctl {
namespace {

// The line at `descriptor`, without its end; wiped where it lay.
Result<auth::Secret> read_line(int descriptor) {
    std::string text;
    text.reserve(2 * auth::password_limit);  // no copies left behind by growing
    for (;;) {
        char c = 0;
        const auto n = ::read(descriptor, &c, 1);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return system_error(errno, "reading the password");
        if (n == 0 || c == '\n') break;
        if (text.size() > auth::password_limit) {
            auth::wipe(text);
            return Error{ErrorKind::limit, "password is longer than 1024 bytes"};
        }
        text.push_back(c);
    }
    if (text.ends_with('\r')) text.pop_back();
    auth::Secret secret(text);
    auth::wipe(text);
    return secret;
}

// No echo while it lives.
class Unseen {
  public:
    explicit Unseen(int terminal) : terminal_(terminal), was_set_(::tcgetattr(terminal, &before_) == 0) {
        if (!was_set_) return;
        termios quiet = before_;
        quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        was_set_ = ::tcsetattr(terminal, TCSAFLUSH, &quiet) == 0;
    }
    ~Unseen() {
        if (was_set_) ::tcsetattr(terminal_, TCSAFLUSH, &before_);
    }
    Unseen(const Unseen&) = delete;
    Unseen& operator=(const Unseen&) = delete;
    bool works() const { return was_set_; }

  private:
    int terminal_;
    termios before_{};
    bool was_set_;
};

Result<auth::Secret> ask(File& terminal, const std::string& question) {
    auto answer = [&]() -> Result<auth::Secret> {
        const Unseen unseen(terminal.descriptor());
        if (!unseen.works())
            return Error{ErrorKind::refused, "the terminal cannot hide what is typed; use --password-stdin"};
        if (auto written = terminal.write(question); !written)
            return written.error();  // what is typed from now on is ours
        return read_line(terminal.descriptor());
    }();
    if (auto written = terminal.write("\n"); !written) return written.error();
    return answer;
}

}  // namespace

Result<auth::Secret> password_from_stdin() { return read_line(STDIN_FILENO); }

Result<auth::Secret> password_from_terminal(const std::string& user) {
    const Error no_terminal{ErrorKind::refused, "there is no terminal to ask for the password; use --password-stdin"};
    if (!::isatty(STDIN_FILENO)) return no_terminal;
    auto terminal = File::open("/dev/tty", O_RDWR);
    if (!terminal) return no_terminal;
    auto first = ask(*terminal, "Password for " + user + ": ");
    if (!first) return first;
    const auto second = ask(*terminal, "Again: ");
    if (!second) return second.error();
    if (first->view() != second->view())
        return Error{ErrorKind::refused, "the two passwords differ; nothing was changed"};
    return first;
}

}  // namespace imaparc::ctl
