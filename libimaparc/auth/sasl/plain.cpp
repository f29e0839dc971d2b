// PLAIN (RFC 4616): one message, authzid NUL authcid NUL password. Acting as somebody else is not offered: an authzid
// that is not the authcid is refused.
#include "auth/names.h"
#include "auth/sasl/mechanisms.h"

namespace imaparc::auth {
namespace {

// RFC 4616 2:  message = [authzid] UTF8NUL authcid UTF8NUL passwd
SaslStep read_message(std::string_view message) {
    const auto first = message.find('\0');
    const auto second = first == std::string_view::npos ? first : message.find('\0', first + 1);
    if (second == std::string_view::npos) return failed(ErrorKind::invalid, "PLAIN needs two NUL characters");
    const auto authzid = message.substr(0, first);
    const auto authcid = message.substr(first + 1, second - first - 1);
    auto step = done(authcid, message.substr(second + 1));
    if (step.kind != SaslStep::Kind::done || authzid.empty() || authzid == authcid) return step;
    const auto as_whom = prepare_name(authzid);
    const auto who = prepare_name(authcid);
    if (!as_whom || !who || *as_whom != *who)
        return failed(ErrorKind::refused, "acting as another user is not supported");
    return step;
}

class Plain : public SaslExchange {
  public:
    SaslStep start(std::optional<std::string_view> initial) override {
        if (!initial) return challenge("");
        return next(*initial == "=" ? std::string_view() : *initial);
    }
    SaslStep next(std::string_view line) override {
        if (line == "*") return cancelled();
        const auto message = decode_line(line);
        if (!message) return failed(message.error().kind, message.error().text);
        return read_message(message->view());
    }
};

}  // namespace

std::unique_ptr<SaslExchange> make_plain() { return std::make_unique<Plain>(); }

}  // namespace imaparc::auth
