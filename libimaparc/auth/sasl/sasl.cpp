#include "auth/sasl/sasl.h"

#include "auth/sasl/mechanisms.h"
#include "base/text.h"

namespace imaparc::auth {

std::vector<std::string> sasl_mechanisms() { return {"PLAIN", "LOGIN"}; }

std::unique_ptr<SaslExchange> start_sasl(std::string_view mechanism) {
    if (ascii_iequals(mechanism, "PLAIN")) return make_plain();
    if (ascii_iequals(mechanism, "LOGIN")) return make_login();
    return nullptr;
}

}  // namespace imaparc::auth
