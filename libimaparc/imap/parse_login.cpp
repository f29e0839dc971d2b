// What stands around a session: LOGIN, AUTHENTICATE, ID, ENABLE.
#include "base/text.h"
#include "imap/base64.h"
#include "imap/parsers.h"

namespace imaparc::imap {

// login = "LOGIN" SP userid SP password
Command parse_login(Cursor& cursor, const Verb&) {
    Login login;
    cursor.secret();
    cursor.space();
    login.user = cursor.astring("a user name");
    cursor.space();
    login.password = cursor.astring("a password");
    cursor.end();
    return login;
}

// authenticate = "AUTHENTICATE" SP auth-type [SP (base64 / "=")] *(CRLF base64)   (RFC 4959 7)
Command parse_authenticate(Cursor& cursor, const Verb&) {
    Authenticate authenticate;
    cursor.space();
    authenticate.mechanism = ascii_upper(cursor.atom("a SASL mechanism"));
    cursor.secret();
    if (cursor.consume_if(' ') && !cursor.at_end()) {
        const auto text = cursor.take_while([](char c) { return c != ' ' && c != '\r' && c != '\n'; });
        authenticate.initial_response = text == "=" ? std::string() : decode_base64(text);
        if (!authenticate.initial_response) cursor.fail("The initial response is neither BASE64 nor \"=\"");
    }
    cursor.end();
    return authenticate;
}

// id = "ID" SP id-params-list; id-params-list = "(" [string SP nstring *(SP string SP nstring)] ")" / nil   (RFC 2971
// 4)
Command parse_id(Cursor& cursor, const Verb&) {
    Id id;
    cursor.space();
    if (!cursor.consume_if_word("NIL")) {
        cursor.expect('(');
        if (!cursor.next_is(')')) {
            do {
                if (id.fields.size() == max_id_fields)
                    cursor.fail("More than " + std::to_string(max_id_fields) + " fields (RFC 2971 3.3)");
                auto name = cursor.string("the name of a field, a string,");
                cursor.space();
                id.fields.emplace_back(std::move(name), cursor.nstring("a string or NIL"));
            } while (cursor.consume_if(' '));
        }
        cursor.expect(')');
    }
    cursor.end();
    return id;
}

// enable = "ENABLE" 1*(SP capability)   (RFC 5161 4)
Command parse_enable(Cursor& cursor, const Verb&) {
    Enable enable;
    do {
        cursor.space();
        enable.capabilities.push_back(ascii_upper(cursor.atom("a capability")));
        if (enable.capabilities.size() > 100) cursor.fail("More than 100 capabilities");
    } while (cursor.next_is(' '));
    cursor.end();
    return enable;
}

}  // namespace imaparc::imap
