// Where a program's log lines go: "2026-03-01T12:00:00.123+01:00 WARN engine 3: text", one write each, so that lines of
// several processes that append to one file stay whole. Thread-safety: any thread.
#pragma once

#include <memory>
#include <string>

#include "platform/base/log.h"
#include "platform/base/status.h"

namespace daos::output {

class LogFile : public LogSink {
 public:
  /// Appends to the file; an empty path is standard error.
  static Result<std::unique_ptr<LogFile>> open(const std::string& path);
  ~LogFile() override { close(); }
  /// In a forked child too: its copy of the descriptor. Nothing may be written any more.
  void close();
  void write(LogLevel level, std::string_view who, std::string_view line) override;

 private:
  explicit LogFile(int fd) : fd_(fd) {}
  int fd_;
};

}  // namespace daos::output
