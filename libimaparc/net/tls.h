// TLS, the server's side, free of sockets: bytes in, bytes out (as Botan's channel, which is hidden in tls.cpp; another
// Botan changes that file alone). TLS 1.2 and newer, ECDHE with AES-GCM or ChaCha20-Poly1305 only; session tickets.
//
// A TlsContext is shared by all threads; a TlsSession belongs to one at a time.
#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"

namespace imaparc::net {

struct TlsOptions {
    bool enabled = false;
    bool force = false;                 // no log-in in the clear; the session's business
    std::filesystem::path certificate;  // PEM: the server's certificate first, then those between it and the root
    std::filesystem::path key;  // PEM: PKCS #8 (encrypted or not), or OpenSSL's older EC and RSA forms in the clear
    std::string key_password;
    unsigned detect_ms = 200;  // how long the first bytes decide whether TLS is spoken; see listener.h
};

struct CertificateInfo {
    std::string subject, issuer;
    std::vector<std::string> names;  // DNS names and addresses it is for
    Seconds not_before = 0, not_after = 0;
    std::string key;  // "ECDSA", "RSA"
};

// Whether the two files can serve now: readable, the password opens the key, the key is the certificate's, of a kind
// that can be used, and the time is right. invalid (the text names the file), not_found, denied, io.
Result<CertificateInfo> check_certificate(const TlsOptions& options, Seconds now);

// Whether a certificate's names cover a host name or address: a '*' stands for exactly the leftmost label (RFC
// 6125 6.4.3).
bool covers(const std::vector<std::string>& names, std::string_view host);

class TlsSession {
  public:
    virtual ~TlsSession() = default;
    // From the peer. What it decrypts to is appended to `plain`, what must go back (handshake, alerts) to `out`, which
    // after an error may hold an alert. io: the handshake failed, a record was forged.
    virtual Result<void> receive(std::span<const char> bytes, std::string& plain, std::string& out) = 0;
    // Once established. io: the peer closed.
    virtual Result<void> send(std::string_view plain, std::string& out) = 0;
    virtual void close(std::string& out) = 0;
    virtual bool established() const = 0;
    virtual bool peer_closed() const = 0;      // close_notify came
    virtual std::string describe() const = 0;  // "TLS v1.2 ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"
};

class TlsContext {
  public:
    virtual ~TlsContext() = default;
    // Errors as check_certificate.
    static Result<std::shared_ptr<TlsContext>> load(const TlsOptions& options, Seconds now);

    virtual std::unique_ptr<TlsSession> accept() = 0;
    virtual const CertificateInfo& certificate() const = 0;
};

}  // namespace imaparc::net
