#include "client/capi/error_number.h"

#include <atomic>
#include <bit>
#include <cstdio>
#include <iterator>

namespace daos::capi {
namespace {

class StderrSink : public LogSink {
 public:
  void write(LogLevel level, std::string_view who, std::string_view line) override {
    // One call for the whole line: stdio's lock keeps lines of several threads apart.
    const std::string text = fmt::format(
        "libdaos: {}{}{}{}\n", level >= LogLevel::kError ? "error: " : "warning: ", who, who.empty() ? "" : ": ", line);
    std::fwrite(text.data(), 1, text.size(), stderr);
  }
};
constinit StderrSink sink;

bool needs_words(Code code) {
  switch (code) {
    case Code::kAgentComm:
    case Code::kNotSupported:
    case Code::kProtocol:
    case Code::kCorrupt:
    case Code::kFormatInvalid:
    case Code::kFormatVersion:
    case Code::kOutcomeUnknown:
    case Code::kMisc:
      return true;
    default:
      return false;
  }
}

/// A program may meet the same error a million times: the first few are told, then ever fewer.
void say(const Status& status) {
  constinit static std::atomic<uint32_t> told[64]{};  // by code; relaxed: only counts
  const uint32_t before =
      told[static_cast<size_t>(status.code()) % std::size(told)].fetch_add(1, std::memory_order_relaxed);
  if (before < 4) {
    client_log().error("{}", status.to_string());
  } else if (std::has_single_bit(before)) {
    client_log().error("{} (the {}th error of this kind)", status.to_string(), before);
  }
}

}  // namespace

int error_number(const Status& status) {
  switch (status.code()) {
    case Code::kConnectionLost:
    case Code::kShuttingDown:
      return -static_cast<int>(Code::kUnreachable);
    case Code::kKeyRevoked:
      return -static_cast<int>(Code::kCancelled);
    case Code::kCorrupt:
      return -static_cast<int>(Code::kIo);
    default:
      return -static_cast<int>(status.code());
  }
}

int report(const Status& status) {
  if (status.ok()) return 0;
  if (needs_words(status.code())) say(status);
  return error_number(status);
}

void report_in_words(const Status& status) {
  if (!status.ok() && !needs_words(status.code())) say(status);
}

Logger client_log() { return Logger(&sink, {}, LogLevel::kWarn); }

}  // namespace daos::capi
