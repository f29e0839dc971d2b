// toml++, compiled in toml.cpp alone; inside config only.
#pragma once

#define TOML_HEADER_ONLY 0
#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 0
#define TOML_ENABLE_UNRELEASED_FEATURES 0

// toml++ 3.3 asserts in debug builds, and tells the optimiser to assume in others, what hostile text can make false (a
// key that begins with none of a key's characters); behind it, it reports the error as it should. So neither, in any
// build.
#pragma push_macro("NDEBUG")
#undef NDEBUG
#define TOML_ASSERT(expr) static_assert(true)
#include <toml++/toml.h>
#pragma pop_macro("NDEBUG")
