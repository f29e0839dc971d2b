// Certificates for tests, made by openssl: another implementation than the one that reads them.
#pragma once

#include <array>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>

#include "helpers/temp_dir.h"

namespace imaparc::test {

// Runs a shell command; what it wrote to standard output. Its exit status must be as wanted.
inline std::string run_command(const std::string& command, int wanted = 0) {
    FILE* pipe = ::popen(command.c_str(), "r");
    if (!pipe) throw std::runtime_error("popen: " + command);
    std::string output;
    std::array<char, 4096> buffer{};
    for (std::size_t n; (n = std::fread(buffer.data(), 1, buffer.size(), pipe)) > 0;) output.append(buffer.data(), n);
    const int status = ::pclose(pipe);
    if (wanted >= 0 && status != wanted << 8)
        throw std::runtime_error("status " + std::to_string(status) + ": " + command + "\n" + output);
    return output;
}

struct CertificateFiles {
    std::filesystem::path certificate, key;
};

// Self-signed, for localhost, *.example.org and 127.0.0.1. `kind`: "ec" or "rsa". `more` goes to `openssl req`.
inline CertificateFiles make_certificate(const TempDir& dir, const std::string& name, const std::string& kind = "ec",
                                         const std::string& more = "-days 30") {
    CertificateFiles files{dir / (name + ".pem"), dir / (name + ".key")};
    const std::string algorithm =
        kind == "ec" ? "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1" : "-newkey rsa:2048";
    run_command("openssl req -x509 " + algorithm +
                " -nodes -subj /CN=localhost -addext subjectAltName=DNS:localhost,DNS:*.example.org,IP:127.0.0.1 " +
                more + " -keyout " + files.key.string() + " -out " + files.certificate.string() + " 2>/dev/null");
    return files;
}

}  // namespace imaparc::test
