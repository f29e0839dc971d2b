// The catalog of the German texts. Where a text begins with a hole, what is more particular stands first.
#include "session/texts.h"

namespace imaparc::session {

namespace {

constexpr std::pair<std::string_view, std::string_view> texts[] = {
    {"{} completed", "{} ausgeführt"},
};

}  // namespace

std::span<const std::pair<std::string_view, std::string_view>> german_texts() { return texts; }

}  // namespace imaparc::session
