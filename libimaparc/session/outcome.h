// How a command ended, and the one place that puts errors into IMAP's words (RFC 3501 7.1, RFC 5530).
//
// Any thread; values only.
#pragma once

#include <optional>
#include <string>

#include "base/error.h"
#include "base/progress.h"
#include "imap/render.h"

namespace imaparc::session {

struct Outcome {
    imap::Condition condition = imap::Condition::ok;
    imap::StatusCode code;
    std::string text;
    bool answered = false;  // the tagged line was sent already (STARTTLS)
};

Outcome ok(std::string text, imap::StatusCode code = {});
Outcome no(imap::StatusCode code, std::string text);
Outcome bad(std::string text, imap::StatusCode code = {});
Outcome answered();

// An input that could not be honoured. Of io and damaged the client learns only that it did not work.
Outcome outcome_of(const Error& error);
// The world is gone: said in general words; the caller logs what().
Outcome outcome_of(const Fault& fault);
// NO [UNAVAILABLE] with how far the synchronisation is (DESIGN: "Not synchronised yet").
Outcome not_synchronised(const std::optional<Progress>& progress);

}  // namespace imaparc::session
