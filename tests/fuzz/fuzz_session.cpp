// A whole session on a small archive in memory. The first octet chooses what has happened before and the settings, the
// second the size of the pieces that the rest arrives in: what a client sends, commands of all kinds and what is none.
// The client then says no more; the session must end by itself, and every line it wrote must be a response.
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>

#include "fuzz/require.h"
#include "helpers/archive_world.h"
#include "helpers/memory_store.h"

using namespace imaparc;
using fuzz::require;

namespace {

constexpr std::string_view nested =
    "From: Ann <ann@example.org>\r\nTo: bob@example.org, Undisclosed:;\r\nSubject: =?UTF-8?Q?Gr=C3=BC=C3=9Fe?=\r\n"
    "Message-ID: <2@x.example>\r\nReferences: <1@x.example>\r\nDate: Mon, 1 Dec 2025 10:00:00 +0100\r\n"
    "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n"
    "Content-Transfer-Encoding: quoted-printable\r\n\r\nGr=C3=BC=C3=9Fe\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n"
    "Subject: inside\r\n\r\nbody inside\r\n--b\r\nContent-Type: application/octet-stream; name=x\r\n"
    "Content-Transfer-Encoding: base64\r\n\r\nAAECAwQ=\r\n--b--\r\n";

struct World {
    World() {
        for (int i = 1; i <= 6; ++i)
            store.add("ann", "INBOX", "m" + std::to_string(i), 1764500000 + i * 1000,
                      i % 2 ? std::string("Subject: apple\r\nMessage-ID: <1@x.example>\r\n\r\nbody of mail\r\n")
                            : std::string(nested));
        store.add("ann", "Lists/2024", "l1", 1764400000);
        store.add("ann", "Sent", "s1", 1764300000);
        world.emplace(store);
        world->sync("ann");
    }
    test::MemoryStore store{"s"};
    std::optional<test::ArchiveWorld> world;
    unsigned made = 0;
};

// Never destroyed: Firebird shuts itself down at exit, before what is static here would be. Only its files go.
World& the_world() {
    static World* const world = [] {
        std::atexit([] {
            std::error_code ignored;  // the program ends; a directory left in /tmp harms nobody
            std::filesystem::remove_all(the_world().world->directory.path(), ignored);
        });
        return new World;
    }();
    return *world;
}

// Outside literals a response has no lone CR or LF, and what was announced is there.
void check_written(std::string_view text) {
    while (!text.empty()) {
        const auto end = text.find("\r\n");
        require(end != std::string_view::npos, "the last line ends");
        const auto line = text.substr(0, end);
        require(line.find('\n') == std::string_view::npos && line.find('\r') == std::string_view::npos,
                "no lone CR or LF outside a literal");
        text.remove_prefix(end + 2);
        const auto open = line.rfind('{');
        if (line.empty() || line.back() != '}' || open == std::string_view::npos) continue;
        std::size_t octets = 0;
        bool number = open + 2 < line.size();
        for (char c : line.substr(open + 1, line.size() - open - 2)) {
            number = number && c >= '0' && c <= '9';
            octets = octets * 10 + static_cast<unsigned char>(c - '0');
        }
        // Texts of BAD answers may end so, too; only what is announced in an untagged response is a literal.
        if (!number || !line.starts_with("* ") || octets > text.size()) continue;
        text.remove_prefix(octets);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    auto& fixture = the_world();
    auto& world = *fixture.world;
    const unsigned before = data[0];
    const std::string_view bytes(reinterpret_cast<const char*>(data) + 2, size - 2);

    auto options = std::make_shared<session::Options>(*test::ArchiveWorld::default_options());
    if (before & 8) options->literals = session::Literals::minus;
    if (before & 16) options->flags = session::FlagsMode::readonly;
    if (before & 32) options->message_limit = 3;
    options->write_octets = 512;
    const auto end = world.connect(options);
    std::string start;
    if ((before & 7) != 0) start += "s1 LOGIN ann secret\r\n";
    if ((before & 7) == 2) start += "s2 ENABLE QRESYNC CONDSTORE\r\n";
    if ((before & 7) == 3) start += "s2 ENABLE UIDONLY\r\n";
    if ((before & 7) == 4) start += "s2 ENABLE IMAP4rev2 UTF8=ACCEPT\r\n";
    if ((before & 7) >= 2) start += "s3 SELECT INBOX\r\n";
    if ((before & 7) == 6) start += "s4 SEARCH RETURN (SAVE) ALL\r\n";
    end->send(start);
    end->send_split(bytes, data[1] % 64 == 0 ? bytes.size() + 1 : data[1] % 64);
    if (before & 64) {  // mail leaves and arrives while the commands run
        test::run_until(
            world.io, [&] { return end->unread() < bytes.size() / 2 || end->closed(); },
            std::chrono::milliseconds(200));
        fixture.store.remove("ann", "INBOX", "x" + std::to_string(fixture.made));
        fixture.store.add("ann", "INBOX", "x" + std::to_string(++fixture.made), 1764600000);
        world.sync("ann");
    }
    end->finish();
    require(test::run_until(
                world.io, [&] { return world.sessions.count() == 0 && end->closed(); }, std::chrono::seconds(20)),
            "the session ends and closes the connection");
    const auto written = end->written();
    const bool compressed = written.find("DEFLATE") != std::string::npos;
    if (!compressed) check_written(written);
    return 0;
}
