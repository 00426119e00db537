// Logging behind an injected sink: nothing below the programs reads a clock or opens a file to log.
// Thread-safety: a Logger is a value; sinks are called from any thread and synchronise themselves.
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>

namespace daos {

enum class LogLevel : uint8_t { kDebug, kInfo, kWarn, kError };

class LogSink {
 public:
  virtual ~LogSink() = default;
  virtual void write(LogLevel level, std::string_view who, std::string_view line) = 0;
};

/// Where a component writes, and under which name ("engine 3: target 1").
class Logger {
 public:
  Logger() = default;
  explicit Logger(LogSink* sink, std::string who = {}, LogLevel least = LogLevel::kInfo)
      : sink_(sink), who_(std::move(who)), least_(least) {}
  Logger named(std::string_view part) const {
    return Logger(sink_, who_.empty() ? std::string(part) : fmt::format("{}: {}", who_, part), least_);
  }
  bool enabled(LogLevel level) const { return sink_ != nullptr && level >= least_; }

  template <class... Args>
  void debug(fmt::format_string<Args...> format, Args&&... args) const {
    line(LogLevel::kDebug, format, std::forward<Args>(args)...);
  }
  template <class... Args>
  void info(fmt::format_string<Args...> format, Args&&... args) const {
    line(LogLevel::kInfo, format, std::forward<Args>(args)...);
  }
  template <class... Args>
  void warn(fmt::format_string<Args...> format, Args&&... args) const {
    line(LogLevel::kWarn, format, std::forward<Args>(args)...);
  }
  template <class... Args>
  void error(fmt::format_string<Args...> format, Args&&... args) const {
    line(LogLevel::kError, format, std::forward<Args>(args)...);
  }

 private:
  template <class... Args>
  void line(LogLevel level, fmt::format_string<Args...> format, Args&&... args) const {
    if (enabled(level)) sink_->write(level, who_, fmt::format(format, std::forward<Args>(args)...));
  }
  LogSink* sink_ = nullptr;
  std::string who_;
  LogLevel least_ = LogLevel::kInfo;
};

}  // namespace daos
