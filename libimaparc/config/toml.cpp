// The one translation unit that compiles toml++.
#define TOML_IMPLEMENTATION
#include "config/toml.h"
