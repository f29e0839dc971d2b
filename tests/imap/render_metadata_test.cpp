#include "imap/render_metadata.h"

#include <doctest/doctest.h>

using namespace imaparc::imap;

namespace {

constexpr auto mutf7 = NameForm::modified_utf7;

std::string metadata(std::string_view path, const std::vector<MetadataEntry>& entries, NameForm form = mutf7) {
    std::string out;
    render_metadata(out, path, form, entries);
    return out;
}

}  // namespace

TEST_CASE("METADATA (RFC 5464 4.4.1)") {
    CHECK(metadata("", {{"/shared/comment", "My comment"}}) == "* METADATA \"\" (/shared/comment \"My comment\")\r\n");
    CHECK(metadata("INBOX", {{"/private/comment", "My comment"}, {"/shared/comment", std::nullopt}}) ==
          "* METADATA INBOX (/private/comment \"My comment\" /shared/comment NIL)\r\n");
    // Several lines, and an end that looks like something else.
    CHECK(metadata("a b", {{"/shared/comment", "a\r\n("}, {"/shared/x", ""}}) ==
          "* METADATA \"a b\" (/shared/comment {4}\r\na\r\n( /shared/x \"\")\r\n");
    CHECK(metadata("\xC3\xA4", {{"/shared/comment", "\xC3\xA4"}}) ==
          "* METADATA &AOQ- (/shared/comment {2}\r\n\xC3\xA4)\r\n");
    CHECK(metadata("x", {{"/shared/a b", "\\"}}) == "* METADATA x (\"/shared/a b\" \"\\\\\")\r\n");
    CHECK(metadata("x", {}) == "");
}

TEST_CASE("MYRIGHTS (RFC 4314 3.8)") {
    std::string out;
    render_my_rights(out, "INBOX", mutf7, "rwiptsldaex");
    CHECK(out == "* MYRIGHTS INBOX rwiptsldaex\r\n");
    out.clear();
    render_my_rights(out, "\xC3\xA4", NameForm::utf8, "");
    CHECK(out == "* MYRIGHTS \"\xC3\xA4\" \"\"\r\n");
}

TEST_CASE("QUOTA and QUOTAROOT (RFC 9208 4.2)") {
    std::string out;
    const std::vector<QuotaResource> storage = {{"STORAGE", 10, 512}};
    render_quota(out, "", storage);
    CHECK(out == "* QUOTA \"\" (STORAGE 10 512)\r\n");
    out.clear();
    const std::vector<QuotaResource> both = {{"STORAGE", 54, 111}, {"MESSAGE", 42}};
    render_quota(out, "#user/alice", both);
    CHECK(out == "* QUOTA #user/alice (STORAGE 54 111 MESSAGE 42 9223372036854775807)\r\n");
    out.clear();
    render_quota(out, "none", {});
    CHECK(out == "* QUOTA none ()\r\n");
    out.clear();
    render_quota_root(out, "INBOX", mutf7, "");
    CHECK(out == "* QUOTAROOT INBOX \"\"\r\n");
}
