// Random mail: the writer knows what he means, so the model needs no parser. Headers in several charsets and forms,
// replies, odd and missing dates, alternatives, attachments, messages in messages.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "model/plain_message.h"

namespace imaparc::model {

// Words that the mail is made of; none is part of what a header's name or a parameter says.
const std::vector<std::string>& vocabulary();

class MailWriter {
  public:
    explicit MailWriter(std::mt19937& random) : random_(random) {}

    // The n-th message of a mailbox; refers to messages written before. Its internal date is before `now`.
    PlainMessage write(unsigned n, std::int64_t now);

    std::string word();
    std::string words(unsigned most);
    // The same under i;unicode-casemap, in other letters.
    std::string other_letters(const std::string& text);

  private:
    unsigned roll(unsigned sides) { return static_cast<unsigned>(random_() % sides); }
    std::string subject();
    std::vector<Address> addresses(unsigned most);
    std::string shown(const std::vector<Address>& addresses);
    std::string encoded(const std::string& text);
    std::string encoded_word(const std::string& text);
    std::string phrase(const std::string& text);
    std::string date(PlainMessage& message, std::int64_t now);
    std::string body(PlainMessage& message, std::string& octets_of_header);
    std::string id_list(std::vector<std::string>& ids);

    std::mt19937& random_;
    std::vector<std::string> ids_;       // Message-IDs written so far, and some that nobody has
    std::vector<std::string> subjects_;  // for replies
};

}  // namespace imaparc::model
