#include "net/tls.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <set>

#include "helpers/certificates.h"

using namespace imaparc;
using namespace imaparc::net;

namespace {

constexpr Seconds day = 86400;

TlsOptions options_of(const test::CertificateFiles& files, const std::string& password = "") {
    TlsOptions options;
    options.enabled = true;
    options.certificate = files.certificate;
    options.key = files.key;
    options.key_password = password;
    return options;
}

Seconds now() { return SystemClock().now() + 5; }  // a certificate made meanwhile is valid already

std::string refusal(const TlsOptions& options, Seconds at) {
    auto checked = check_certificate(options, at);
    REQUIRE_FALSE(checked.ok());
    CHECK(checked.error().kind == ErrorKind::invalid);
    CHECK_FALSE(TlsContext::load(options, at).ok());
    return checked.error().text;
}

}  // namespace

TEST_CASE("a good certificate tells about itself") {
    test::TempDir dir;
    for (const std::string kind : {"ec", "rsa"}) {
        auto info = check_certificate(options_of(test::make_certificate(dir, kind, kind)), now());
        REQUIRE(info.ok());
        CHECK(info->key == (kind == "ec" ? "ECDSA" : "RSA"));
        CHECK(info->subject.find("localhost") != std::string::npos);
        CHECK(std::set<std::string>(info->names.begin(), info->names.end()) ==
              std::set<std::string>{"*.example.org", "localhost", "127.0.0.1"});
        CHECK(info->not_after - info->not_before == 30 * day);
        CHECK(covers(info->names, "LOCALHOST"));
        CHECK(covers(info->names, "imap.example.org"));
        CHECK(covers(info->names, "127.0.0.1"));
        CHECK_FALSE(covers(info->names, "example.org"));
        CHECK_FALSE(covers(info->names, "a.b.example.org"));
        CHECK_FALSE(covers(info->names, ".example.org"));
        CHECK_FALSE(covers(info->names, "imap.example.net"));
    }
}

TEST_CASE("a certificate that cannot serve is refused with its reason") {
    test::TempDir dir;
    const auto files = test::make_certificate(dir, "a"), other = test::make_certificate(dir, "b");
    CHECK(refusal(options_of({files.certificate, other.key}), now()).find("is not the key of") != std::string::npos);
    CHECK(refusal(options_of(files), now() + 31 * day).find("has expired") != std::string::npos);
    CHECK(refusal(options_of(files), now() - 2 * day).find("not valid yet") != std::string::npos);
    CHECK(refusal(options_of({files.key, files.key}), now()).find("no certificate") != std::string::npos);
    CHECK(refusal(options_of({files.certificate, files.certificate}), now()).find("no private key") !=
          std::string::npos);
    dir.write("garbage", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    CHECK(refusal(options_of({dir / "garbage", files.key}), now()).find("garbage") != std::string::npos);
    CHECK(check_certificate(options_of({dir / "gone", files.key}), now()).error().kind == ErrorKind::not_found);
    test::run_command("openssl req -x509 -newkey ed25519 -nodes -subj /CN=x -keyout " + (dir / "ed.key").string() +
                      " -out " + (dir / "ed.pem").string() + " 2>/dev/null");
    CHECK(refusal(options_of({dir / "ed.pem", dir / "ed.key"}), now()).find("must be ECDSA or RSA") !=
          std::string::npos);
}

TEST_CASE("the forms a key comes in") {
    test::TempDir dir;
    for (const std::string kind : {"ec", "rsa"}) {
        CAPTURE(kind);
        const auto files = test::make_certificate(dir, kind, kind);
        const auto converted = dir / (kind + ".converted");
        test::run_command("openssl pkcs8 -topk8 -v2 aes-256-cbc -passout pass:secret -in " + files.key.string() +
                          " -out " + converted.string());
        const test::CertificateFiles encrypted{files.certificate, converted};
        CHECK(check_certificate(options_of(encrypted, "secret"), now()).ok());
        CHECK(refusal(options_of(encrypted, "wrong"), now()).find("password does not open") != std::string::npos);
        CHECK(refusal(options_of(encrypted), now()).find("no password is given") != std::string::npos);
        const std::string tool = kind == "ec" ? "ec" : "rsa -traditional";
        test::run_command("openssl " + tool + " -in " + files.key.string() + " -out " + converted.string() +
                          " 2>/dev/null");
        CHECK(check_certificate(options_of(encrypted), now()).ok());
        if (kind == "ec") {
            test::run_command("(openssl ecparam -name prime256v1; cat " + converted.string() + ") > " +
                              (dir / "both").string());
            CHECK(check_certificate(options_of({files.certificate, dir / "both"}), now()).ok());
        }
        test::run_command("openssl " + tool + " -aes128 -passout pass:secret -in " + files.key.string() + " -out " +
                          converted.string() + " 2>/dev/null");
        CHECK(refusal(options_of(encrypted, "secret"), now()).find("openssl pkcs8 -topk8") != std::string::npos);
    }
}
