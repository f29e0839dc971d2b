// What must hold, whatever the input is: a fuzz target that finds otherwise stops here.
#pragma once

#include <cstdlib>
#include <iostream>

namespace imaparc::fuzz {

inline void require(bool holds, const char* what) {
    if (holds) return;
    std::cerr << "does not hold: " << what << '\n';
    std::abort();
}

}  // namespace imaparc::fuzz
