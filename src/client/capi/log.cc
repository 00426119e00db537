// Log lines of the macros in gurt/debug.h, for programs that use them. What the client itself has to say goes through
// platform/base/log.h.
#include <strings.h>

#include <gurt/common.h>

#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <iterator>

namespace {

struct PriorityName {
  const char* name;
  const char* in_line;
};
// In the order of enum d_log_priority.
constexpr PriorityName kPriorities[] = {{"DEBUG", "DBUG"}, {"INFO", "INFO"},  {"NOTE", "NOTE"},
                                        {"WARN", "WARN"},  {"ERR", "ERR "},   {"CRIT", "CRIT"},
                                        {"ALRT", "ALRT"},  {"FATAL", "FATL"}, {"EMIT", "EMIT"}};
constexpr size_t kLineMax = 4096;  // longer lines are cut

// Where lines go, decided at the first one: D_LOG_MASK and D_LOG_FILE.
struct Log {
  d_log_priority least = DLOG_ERR;
  std::FILE* file = stderr;

  Log() {
    char text[256];
    // "ERR", or a list such as "DEBUG,MEM=ERR": the part without a facility counts.
    if (d_getenv_str(text, sizeof text, "D_LOG_MASK") == 0) {
      const size_t length = std::strcspn(text, ",;=");
      for (size_t i = 0; i < std::size(kPriorities); i++) {
        if (length == std::strlen(kPriorities[i].name) && ::strncasecmp(text, kPriorities[i].name, length) == 0) {
          least = static_cast<d_log_priority>(i);
        }
      }
    }
    char path[4096];
    if (d_getenv_str(path, sizeof path, "D_LOG_FILE") == 0) {
      std::FILE* opened = std::fopen(path, "ae");  // lint-allow: file where D_LOG_FILE says, without any reactor
      if (opened != nullptr) file = opened;
    }
  }
};
const Log& the_log() {
  static const Log log;
  return log;
}

}  // namespace

int d_log_enabled(enum d_log_priority priority, uint64_t groups) {
  (void)groups;  // all groups of debug lines are on when DEBUG is
  return priority >= the_log().least;
}

void d_log_line(enum d_log_priority priority, uint64_t groups, const char* facility, const char* file, int line,
                const char* func, const char* fmt, ...) {
  if (!d_log_enabled(priority, groups)) return;
  char text[kLineMax];
  const char* slash = std::strrchr(file, '/');
  int length = std::snprintf(text, sizeof text, "%-4.4s %s %s:%d %s() ", facility, kPriorities[priority].in_line,
                             slash != nullptr ? slash + 1 : file, line, func);
  if (length < 0) return;
  if (static_cast<size_t>(length) < sizeof text) {
    va_list arguments;
    va_start(arguments, fmt);
    const int body = std::vsnprintf(text + length, sizeof text - static_cast<size_t>(length), fmt, arguments);
    va_end(arguments);
    if (body > 0) length += body;
  }
  size_t end = static_cast<size_t>(length) < sizeof text - 1 ? static_cast<size_t>(length) : sizeof text - 2;
  if (end == 0 || text[end - 1] != '\n') text[end++] = '\n';
  // One call for the whole line: stdio's lock keeps lines of several threads apart.
  std::fwrite(text, 1, end, the_log().file);
  std::fflush(the_log().file);
}
