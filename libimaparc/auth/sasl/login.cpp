// LOGIN (draft-murchison-sasl-login): asks for the name, then for the password. Obsolete, and what some clients try
// first. The two challenges are the ones clients know.
#include "auth/names.h"
#include "auth/sasl/mechanisms.h"

namespace imaparc::auth {
namespace {

class Login : public SaslExchange {
  public:
    SaslStep start(std::optional<std::string_view> initial) override {
        if (!initial) return challenge("Username:");
        return next(*initial == "=" ? std::string_view() : *initial);
    }
    SaslStep next(std::string_view line) override {
        if (line == "*") return cancelled();
        const auto text = decode_line(line);
        if (!text) return failed(text.error().kind, text.error().text);
        if (name_) return done(*name_, text->view());
        if (text->empty()) return failed(ErrorKind::invalid, "name and password must not be empty");
        if (text->view().size() > name_limit) return failed(ErrorKind::refused, "name or password is too long");
        name_ = std::string(text->view());
        return challenge("Password:");
    }

  private:
    std::optional<std::string> name_;
};

}  // namespace

std::unique_ptr<SaslExchange> make_login() { return std::make_unique<Login>(); }

}  // namespace imaparc::auth
