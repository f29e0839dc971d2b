#include "imap/base64.h"

#include <doctest/doctest.h>

using namespace imaparc::imap;

TEST_CASE("BASE64: the vectors of RFC 4648 10") {
    const std::pair<std::string_view, std::string_view> vectors[] = {{"", ""},
                                                                     {"f", "Zg=="},
                                                                     {"fo", "Zm8="},
                                                                     {"foo", "Zm9v"},
                                                                     {"foob", "Zm9vYg=="},
                                                                     {"fooba", "Zm9vYmE="},
                                                                     {"foobar", "Zm9vYmFy"},
                                                                     {"\xFF\xFE\xFB", "//77"}};
    for (const auto& [bytes, text] : vectors) {
        CHECK(encode_base64(bytes) == text);
        CHECK(decode_base64(text) == std::string(bytes));
    }
    CHECK(encode_base64({"\0test\0", 6}) == "AHRlc3QA");
    CHECK(decode_base64("AHRlc3QA") == std::string("\0test\0", 6));
}

TEST_CASE("BASE64: what is none") {
    for (auto text :
         {"Z", "Zg", "Zg=", "Zm9", "Zh==", "Zm9=", "====", "Z===", "Zg==Zg==", "Zm 9", "Zm9v\n", "-_-_", "Zm9v=", "*"})
        CHECK_FALSE(decode_base64(text).has_value());
}
