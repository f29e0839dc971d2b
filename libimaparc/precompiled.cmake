# Precompiled headers, for the presets that continuous integration builds beside the release: what most sources include
# of the standard library, of Asio and of doctest, read once. Off by default and in the release build, so that every
# source goes on naming what it includes.
#
# imaparc_precompile(TARGET standard|asio|tests|asio_tests): nothing without IMAPARC_PCH. The headers of one kind are
# compiled once, so the flags of all its targets must agree but for definitions that no such header looks at. Only what
# links Asio can take a kind with Asio: its headers have objects that are initialised at start.
option(IMAPARC_PCH "precompile headers of the standard library, Asio and doctest" OFF)

set(IMAPARC_PCH_STANDARD <algorithm> <array> <atomic> <charconv> <chrono> <condition_variable> <cstdint> <cstring> <deque>
    <filesystem> <fstream> <functional> <limits> <map> <memory> <mutex> <optional> <random> <set> <span> <stdexcept> <string>
    <string_view> <thread> <unordered_map> <unordered_set> <utility> <variant> <vector>)
set(IMAPARC_PCH_ASIO <boost/asio/any_io_executor.hpp> <boost/asio/associated_executor.hpp> <boost/asio/async_result.hpp>
    <boost/asio/awaitable.hpp> <boost/asio/co_spawn.hpp> <boost/asio/detached.hpp>
    <boost/asio/execution/outstanding_work.hpp> <boost/asio/io_context.hpp> <boost/asio/post.hpp> <boost/asio/prefer.hpp>
    <boost/asio/redirect_error.hpp> <boost/asio/steady_timer.hpp> <boost/asio/thread_pool.hpp>
    <boost/asio/use_awaitable.hpp>)

# imaparc_pch(KIND FLAGS headers...)
function(imaparc_pch kind flags)
  add_library(imaparc_pch_${kind} OBJECT ${CMAKE_BINARY_DIR}/precompiled.cpp)
  target_compile_options(imaparc_pch_${kind} PRIVATE ${flags})
  target_precompile_headers(imaparc_pch_${kind} PRIVATE ${ARGN})
endfunction()

if(IMAPARC_PCH)
  add_compile_options(-pthread -D_LARGEFILE64_SOURCE)  # GMime's users get both; here all do
  file(WRITE ${CMAKE_BINARY_DIR}/precompiled.cpp "")
  set(separate -DBOOST_ASIO_SEPARATE_COMPILATION -DBOOST_ASIO_NO_DEPRECATED)
  imaparc_pch(standard -fPIC ${IMAPARC_PCH_STANDARD})
  imaparc_pch(asio "-fPIC;${separate}" ${IMAPARC_PCH_STANDARD} ${IMAPARC_PCH_ASIO})
  imaparc_pch(tests "-fPIE;${separate};${IMAPARC_TEST_FLAGS}" ${IMAPARC_PCH_STANDARD} <doctest/doctest.h>)
  imaparc_pch(asio_tests "-fPIE;${separate};${IMAPARC_TEST_FLAGS}" ${IMAPARC_PCH_STANDARD} ${IMAPARC_PCH_ASIO} <doctest/doctest.h>)
endif()

function(imaparc_precompile target kind)
  if(IMAPARC_PCH)
    target_precompile_headers(${target} REUSE_FROM imaparc_pch_${kind})
  endif()
endfunction()
