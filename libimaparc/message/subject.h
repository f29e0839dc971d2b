// The base subject (RFC 5256 2.1): the Subject without what replies, forwards and mailing lists put around it. SORT
// orders by it, THREAD groups by it.
//
// Any thread; pure functions.
#pragma once

#include <string>
#include <string_view>

namespace imaparc::message {

struct BaseSubject {
    std::string text;  // UTF-8, not folded; "" where nothing but artifacts is there
    // Whether a subj-refwd, a "(fwd)" or a "[fwd: ...]" was removed (RFC 5256 3, REFERENCES).
    bool reply_or_forward = false;
};

// Of a Subject as the envelope has it, encoded words and all. Linear in the text, whatever it nests.
BaseSubject base_subject(std::string_view subject);

}  // namespace imaparc::message
