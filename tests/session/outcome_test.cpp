#include "session/outcome.h"

#include <doctest/doctest.h>

using namespace imaparc;
using namespace imaparc::session;

TEST_CASE("each kind of error has its RFC 5530 code") {
    const auto code = [](ErrorKind kind) { return outcome_of(Error{kind, "text"}).code.code; };
    CHECK(code(ErrorKind::not_found) == imap::Code::nonexistent);
    CHECK(code(ErrorKind::refused) == imap::Code::no_perm);
    CHECK(code(ErrorKind::denied) == imap::Code::no_perm);
    CHECK(code(ErrorKind::unavailable) == imap::Code::unavailable);
    CHECK(code(ErrorKind::limit) == imap::Code::limit);
    CHECK(code(ErrorKind::io) == imap::Code::unavailable);
    CHECK(code(ErrorKind::damaged) == imap::Code::unavailable);
    CHECK(outcome_of(Error{ErrorKind::not_found, "x"}).condition == imap::Condition::no);
}

TEST_CASE("a client never reads the inside of a server fault") {
    const std::string secret = "/var/lib/imaparchd/IMAPDB.FDB: Input/output error";
    CHECK(outcome_of(Error{ErrorKind::io, secret}).text.find("IMAPDB") == std::string::npos);
    CHECK(outcome_of(Error{ErrorKind::damaged, secret}).text.find("IMAPDB") == std::string::npos);
    CHECK(outcome_of(Fault(ErrorKind::unavailable, secret)).text.find("IMAPDB") == std::string::npos);
    CHECK(outcome_of(Error{ErrorKind::unavailable, "plain words"}).text == "plain words");
}

TEST_CASE("not synchronised: UNAVAILABLE, with how far it is") {
    Progress progress;
    progress.owner = "ann";
    progress.phase = SyncPhase::publishing;
    progress.messages_done = 50;
    progress.messages_total = 100;
    progress.rate = 5;
    const auto outcome = not_synchronised(progress);
    CHECK(outcome.condition == imap::Condition::no);
    CHECK(outcome.code.code == imap::Code::unavailable);
    CHECK(outcome.text.find(progress.text()) != std::string::npos);
    CHECK(outcome.text.find('%') != std::string::npos);
    CHECK(not_synchronised(std::nullopt).text.find("just started") != std::string::npos);
}
