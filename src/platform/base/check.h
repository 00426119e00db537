// Checks of our own logic. Nothing that a peer, a disk or an application can send may reach one: that is an error with
// a test. DX_CHECK is always on; DX_DCHECK in debug, sanitizer and simulation builds. One condition each, no `&&`.
#pragma once

#include <fmt/format.h>

#include <string>

namespace daos {

/// Called with "file:line: condition: message". Does not return. The engine aborts; libdaos installs a handler that
/// poisons the client by throwing CheckFailed, which its API edge catches.
using CheckHandler = void (*)(const std::string& what);
void set_check_handler(CheckHandler handler);
[[noreturn]] void check_failed(const char* file, int line, const char* condition, const std::string& message);

struct CheckFailed {
  std::string what;
};

}  // namespace daos

#define DX_CHECK(condition, ...)                                                           \
  do {                                                                                     \
    if (!(condition)) [[unlikely]]                                                         \
      ::daos::check_failed(__FILE__, __LINE__, #condition, ::fmt::format("" __VA_ARGS__)); \
  } while (0)

#ifdef DX_DEBUG_CHECKS
#define DX_DCHECK(condition, ...) DX_CHECK(condition __VA_OPT__(, ) __VA_ARGS__)
#else
#define DX_DCHECK(condition, ...) \
  do {                            \
  } while (0)
#endif
