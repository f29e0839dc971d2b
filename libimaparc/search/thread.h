// THREAD (RFC 5256; REFS of draft-ietf-morg-inthread): which message answers which.
//
// Any thread; values and pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"

namespace imaparc::search {

enum class ThreadAlgorithm : std::uint8_t { ordered_subject, references, refs };

}  // namespace imaparc::search
