#include "platform/base/check.h"

#include <atomic>
#include <cstdio>
#include <cstdlib>

namespace daos {
namespace {
std::atomic<CheckHandler> handler{nullptr};  // set once before the first thread; relaxed is enough
}

void set_check_handler(CheckHandler new_handler) { handler.store(new_handler, std::memory_order_relaxed); }

void check_failed(const char* file, int line, const char* condition, const std::string& message) {
  const std::string what =
      fmt::format("{}:{}: check failed: {}{}{}", file, line, condition, message.empty() ? "" : ": ", message);
  if (CheckHandler installed = handler.load(std::memory_order_relaxed)) installed(what);
  std::fprintf(stderr, "%s\n", what.c_str());
  std::abort();
}

}  // namespace daos
