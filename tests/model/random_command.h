// Random commands as text for the server and as values for the model.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "model/plain_search.h"
#include "model/plain_sort.h"
#include "model/random_mail.h"

namespace imaparc::model {

struct Returns {  // RFC 4731, 5182, 9394
    bool given = false, min = false, max = false, all = false, count = false, save = false;
    bool partial = false;
    std::int64_t first = 0, last = 0;
    std::string text() const;  // "RETURN (...) ", "" if not given
};

class CommandWriter {
  public:
    CommandWriter(std::mt19937& random, MailWriter& words, const Mailbox& mailbox, std::int64_t now)
        : random_(random), words_(words), mailbox_(mailbox), now_(now) {}

    bool searchres = false, within = false, partial = false, display_sort = false;  // what may be used

    Key key(unsigned depth);
    // Message numbers in use alone, or UIDs in use and not.
    PlainSet set(bool uids);
    Returns returns();
    std::vector<Order> orders();

    // The key as SEARCH has it; strings that need it are literals, in the charset. `eight_bit`: some are beyond ASCII.
    std::string text(const Key& key, bool& eight_bit);

  private:
    unsigned roll(unsigned sides) { return static_cast<unsigned>(random_() % sides); }
    std::string wanted(bool whole);
    std::string string(const std::string& value, bool& eight_bit);

    std::mt19937& random_;
    MailWriter& words_;
    const Mailbox& mailbox_;
    const std::int64_t now_;
};

}  // namespace imaparc::model
