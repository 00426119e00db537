#include "client/capi/error_number.h"

#include <cstdio>

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
  if (needs_words(status.code())) client_log().error("{}", status.to_string());
  return error_number(status);
}

Logger client_log() { return Logger(&sink, {}, LogLevel::kWarn); }

}  // namespace daos::capi
