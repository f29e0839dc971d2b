#include "search/collation.h"

#include "base/text.h"
#include "message/text.h"

namespace imaparc::search {

std::string folded(std::string_view text, Collation collation) {
    switch (collation) {
        case Collation::unicode_casemap:
            return message::casemap(text);
        case Collation::ascii_casemap:
            return ascii_upper(text);
        case Collation::octet:
            break;
    }
    return std::string(text);
}

}  // namespace imaparc::search
