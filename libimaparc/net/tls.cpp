// All that is Botan's about TLS; the only file another Botan's TLS changes.
#include "net/tls.h"

#include <botan/asn1_obj.h>
#include <botan/auto_rng.h>
#include <botan/ber_dec.h>
#include <botan/credentials_manager.h>
#include <botan/data_src.h>
#include <botan/der_enc.h>
#include <botan/oids.h>
#include <botan/pem.h>
#include <botan/pkcs8.h>
#include <botan/pubkey.h>
#include <botan/tls_callbacks.h>
#include <botan/tls_exceptn.h>
#include <botan/tls_policy.h>
#include <botan/tls_server.h>
#include <botan/tls_session_manager.h>
#include <botan/x509_dn.h>
#include <botan/x509cert.h>

#include <algorithm>

#include "base/file.h"
#include "base/text.h"

namespace imaparc::net {

namespace {

constexpr std::uint64_t longest_pem = 1 << 20;

// Botan's channel sets this much aside for each direction; it grows when more is needed, and most connections idle.
constexpr std::size_t io_buffer = 256;

class Policy : public Botan::TLS::Policy {
  public:
    std::vector<std::string> allowed_ciphers() const override {
        return {"AES-256/GCM", "AES-128/GCM", "ChaCha20Poly1305"};
    }
    std::vector<std::string> allowed_macs() const override { return {"AEAD"}; }
    std::vector<std::string> allowed_key_exchange_methods() const override { return {"ECDH"}; }
    std::vector<std::string> allowed_signature_methods() const override { return {"ECDSA", "RSA"}; }
    std::vector<std::string> allowed_signature_hashes() const override { return {"SHA-512", "SHA-384", "SHA-256"}; }
    bool allow_tls10() const override { return false; }
    bool allow_tls11() const override { return false; }
    bool allow_tls12() const override { return true; }
    bool allow_dtls10() const override { return false; }
    bool allow_dtls12() const override { return false; }
    bool allow_insecure_renegotiation() const override { return false; }
    bool allow_client_initiated_renegotiation() const override { return false; }
    bool allow_server_initiated_renegotiation() const override { return false; }
    bool support_cert_status_message() const override { return false; }
    std::uint32_t session_ticket_lifetime() const override { return 86400; }
};

struct Identity {
    std::vector<Botan::X509_Certificate> chain;
    std::unique_ptr<Botan::Private_Key> key;
    CertificateInfo info;
};

class Credentials : public Botan::Credentials_Manager {
  public:
    Credentials(Identity identity, Botan::RandomNumberGenerator& rng)
        : identity_(std::move(identity)), ticket_key_(rng, 32) {}

    std::vector<Botan::X509_Certificate> cert_chain(const std::vector<std::string>& kinds, const std::string&,
                                                    const std::string&) override {
        if (std::find(kinds.begin(), kinds.end(), identity_.key->algo_name()) == kinds.end()) return {};
        return identity_.chain;
    }
    Botan::Private_Key* private_key_for(const Botan::X509_Certificate&, const std::string&,
                                        const std::string&) override {
        return identity_.key.get();
    }
    // Seals session tickets; lives as long as the context.
    Botan::SymmetricKey psk(const std::string& type, const std::string& context, const std::string& identity) override {
        if (type == "tls-server" && context == "session-ticket") return ticket_key_;
        return Botan::Credentials_Manager::psk(type, context, identity);
    }
    const CertificateInfo& info() const { return identity_.info; }

  private:
    Identity identity_;
    Botan::SymmetricKey ticket_key_;
};

class BotanContext : public TlsContext, public std::enable_shared_from_this<BotanContext> {
  public:
    explicit BotanContext(Identity identity) : credentials_(std::move(identity), rng_) {}
    std::unique_ptr<TlsSession> accept() override;
    const CertificateInfo& certificate() const override { return credentials_.info(); }

  private:
    friend class BotanSession;
    Botan::AutoSeeded_RNG rng_;  // locks itself
    Policy policy_;
    Botan::TLS::Session_Manager_Noop sessions_;  // tickets keep them at the client
    Credentials credentials_;
};

class BotanSession : public TlsSession, private Botan::TLS::Callbacks {
  public:
    explicit BotanSession(std::shared_ptr<BotanContext> context)
        : context_(std::move(context)),
          server_(*this, context_->sessions_, context_->credentials_, context_->policy_, context_->rng_, false,
                  io_buffer) {}

    Result<void> receive(std::span<const char> bytes, std::string& plain, std::string& out) override {
        plain_ = &plain;
        return call(out, [&] { server_.received_data(as_bytes(bytes.data()), bytes.size()); });
    }
    Result<void> send(std::string_view plain, std::string& out) override {
        if (server_.is_closed()) return Error{ErrorKind::io, "TLS is closed"};
        // A record takes up to 16 KiB and grows by less than 64 bytes.
        out.reserve(out.size() + plain.size() + (plain.size() / 16384 + 1) * 64);
        return call(out, [&] { server_.send(as_bytes(plain.data()), plain.size()); });
    }
    void close(std::string& out) override {
        if (server_.is_closed()) return;
        // What cannot be said any more need not be.
        (void)call(out, [&] { server_.close(); }).ok();
    }
    bool established() const override { return server_.is_active(); }
    bool peer_closed() const override { return peer_closed_; }
    std::string describe() const override { return description_; }

  private:
    static const std::uint8_t* as_bytes(const char* bytes) { return reinterpret_cast<const std::uint8_t*>(bytes); }

    template <class Action>
    Result<void> call(std::string& out, Action action) {
        out_ = &out;
        try {
            action();
            return {};
        } catch (const std::exception& failed) {
            return Error{ErrorKind::io, std::string("TLS: ") + failed.what()};
        }
    }

    void tls_emit_data(const std::uint8_t data[], std::size_t size) override {
        out_->append(reinterpret_cast<const char*>(data), size);
    }
    void tls_record_received(std::uint64_t, const std::uint8_t data[], std::size_t size) override {
        plain_->append(reinterpret_cast<const char*>(data), size);
    }
    void tls_alert(Botan::TLS::Alert alert) override {
        if (alert.type() == Botan::TLS::Alert::CLOSE_NOTIFY) peer_closed_ = true;
    }
    bool tls_session_established(const Botan::TLS::Session& session) override {
        description_ = session.version().to_string() + " " + session.ciphersuite().to_string();
        return true;
    }
    std::string tls_server_choose_app_protocol(const std::vector<std::string>& offered) override {
        return std::find(offered.begin(), offered.end(), "imap") != offered.end() ? "imap" : "";
    }

    std::shared_ptr<BotanContext> context_;
    std::string* plain_ = nullptr;
    std::string* out_ = nullptr;
    bool peer_closed_ = false;
    std::string description_;
    Botan::TLS::Server server_;  // last: it calls back from its constructor on
};

std::unique_ptr<TlsSession> BotanContext::accept() { return std::make_unique<BotanSession>(shared_from_this()); }

// ---- reading the two files

using Bytes = Botan::secure_vector<std::uint8_t>;

// PKCS #8 around what OpenSSL's older forms hold (RFC 8017 A.1.2, RFC 5915 3).
Bytes wrapped(const Botan::AlgorithmIdentifier& algorithm, const Bytes& bits) {
    Bytes out;
    Botan::DER_Encoder(out)
        .start_cons(Botan::SEQUENCE)
        .encode(std::size_t{0})
        .encode(algorithm)
        .encode(bits, Botan::OCTET_STRING)
        .end_cons();
    return out;
}

Bytes wrapped_ec(const Bytes& bits) {
    std::size_t version = 0;
    Bytes secret, parameters;
    Botan::BER_Decoder(bits)
        .start_cons(Botan::SEQUENCE)
        .decode(version)
        .decode(secret, Botan::OCTET_STRING)
        .start_cons(Botan::ASN1_Tag(0), Botan::CONTEXT_SPECIFIC)
        .raw_bytes(parameters)
        .end_cons()
        .discard_remaining()
        .end_cons();
    return wrapped(Botan::AlgorithmIdentifier(Botan::OIDS::lookup("ECDSA"), Botan::unlock(parameters)), bits);
}

std::unique_ptr<Botan::Private_Key> read_key(const std::string& pem, const std::string& password) {
    // openssl writes an EC key's parameters before it, as a block of their own.
    auto start = pem.find("-----BEGIN EC PRIVATE KEY-----");
    if (start != std::string::npos) {
        const auto block = pem.substr(start);
        if (block.find("Proc-Type:") != std::string::npos)
            throw Botan::Decoding_Error("an old encrypted form; convert it with `openssl pkcs8 -topk8`");
        Botan::DataSource_Memory source(wrapped_ec(Botan::PEM_Code::decode_check_label(block, "EC PRIVATE KEY")));
        return Botan::PKCS8::load_key(source);
    }
    start = pem.find("-----BEGIN RSA PRIVATE KEY-----");
    if (start != std::string::npos) {
        const auto block = pem.substr(start);
        if (block.find("Proc-Type:") != std::string::npos)
            throw Botan::Decoding_Error("an old encrypted form; convert it with `openssl pkcs8 -topk8`");
        const Botan::AlgorithmIdentifier algorithm("RSA", Botan::AlgorithmIdentifier::USE_NULL_PARAM);
        Botan::DataSource_Memory source(
            wrapped(algorithm, Botan::PEM_Code::decode_check_label(block, "RSA PRIVATE KEY")));
        return Botan::PKCS8::load_key(source);
    }
    start = pem.find("-----BEGIN ENCRYPTED PRIVATE KEY-----");
    const bool encrypted = start != std::string::npos;
    if (!encrypted) start = pem.find("-----BEGIN PRIVATE KEY-----");
    if (start == std::string::npos) throw Botan::Decoding_Error("holds no private key in PEM form");
    if (encrypted && password.empty()) throw Botan::Decoding_Error("is encrypted, and no password is given");
    Botan::DataSource_Memory source(pem.substr(start));
    return encrypted ? Botan::PKCS8::load_key(source, password) : Botan::PKCS8::load_key(source);
}

std::vector<Botan::X509_Certificate> read_chain(const std::string& pem) {
    constexpr std::string_view begin = "-----BEGIN CERTIFICATE-----";
    std::vector<Botan::X509_Certificate> chain;
    for (auto at = pem.find(begin); at != std::string::npos; at = pem.find(begin, at + begin.size())) {
        Botan::DataSource_Memory source(pem.substr(at));
        chain.emplace_back(source);
    }
    if (chain.empty()) throw Botan::Decoding_Error("holds no certificate in PEM form");
    return chain;
}

CertificateInfo describe(const Botan::X509_Certificate& certificate) {
    CertificateInfo info;
    info.subject = certificate.subject_dn().to_string();
    info.issuer = certificate.issuer_dn().to_string();
    for (const char* kind : {"DNS", "IP"})
        for (const auto& name : certificate.subject_info(kind)) info.names.push_back(name);
    if (info.names.empty())  // clients have long stopped looking at it, but it says what was meant
        for (const auto& name : certificate.subject_info("X520.CommonName")) info.names.push_back(name);
    info.not_before = static_cast<Seconds>(certificate.not_before().time_since_epoch());
    info.not_after = static_cast<Seconds>(certificate.not_after().time_since_epoch());
    info.key = certificate.load_subject_public_key()->algo_name();
    return info;
}

Error refuse(const std::filesystem::path& file, const std::string& why) {
    return {ErrorKind::invalid, file.string() + ": " + why};
}

Result<Identity> read_identity(const TlsOptions& options, Seconds now) {
    auto certificate = read_file(options.certificate, longest_pem);
    if (!certificate) return certificate.error();
    auto key = read_file(options.key, longest_pem);
    if (!key) return key.error();
    Identity identity;
    try {
        identity.chain = read_chain(*certificate);
        identity.info = describe(identity.chain[0]);
    } catch (const std::exception& failed) {
        return refuse(options.certificate, failed.what());
    }
    const auto& info = identity.info;
    if (info.key != "ECDSA" && info.key != "RSA")
        return refuse(options.certificate, "its key must be ECDSA or RSA, not " + info.key);
    const bool encrypted = key->find("-----BEGIN ENCRYPTED PRIVATE KEY-----") != std::string::npos;
    try {
        identity.key = read_key(*key, options.key_password);
    } catch (const std::exception& failed) {
        if (encrypted && !options.key_password.empty())
            return refuse(options.key, std::string("the password does not open it (") + failed.what() + ")");
        return refuse(options.key, failed.what());
    }
    if (identity.key->algo_name() != info.key ||
        identity.key->public_key_bits() != identity.chain[0].load_subject_public_key()->public_key_bits())
        return refuse(options.key, "is not the key of " + options.certificate.string());
    if (now < info.not_before) return refuse(options.certificate, "is not valid yet");
    if (now > info.not_after) return refuse(options.certificate, "has expired");
    return identity;
}

}  // namespace

Result<CertificateInfo> check_certificate(const TlsOptions& options, Seconds now) {
    auto identity = read_identity(options, now);
    if (!identity) return identity.error();
    return identity->info;
}

bool covers(const std::vector<std::string>& names, std::string_view host) {
    return std::any_of(names.begin(), names.end(), [&](const std::string& name) {
        if (ascii_iequals(name, host)) return true;
        if (!name.starts_with("*.")) return false;
        const auto dot = host.find('.');
        return dot != std::string_view::npos && dot > 0 &&
               ascii_iequals(host.substr(dot), std::string_view(name).substr(1));
    });
}

Result<std::shared_ptr<TlsContext>> TlsContext::load(const TlsOptions& options, Seconds now) {
    auto identity = read_identity(options, now);
    if (!identity) return identity.error();
    return std::shared_ptr<TlsContext>(std::make_shared<BotanContext>(std::move(*identity)));
}

}  // namespace imaparc::net
