// Log lines of the macros in gurt/debug.h, for programs that use them. What the client itself has to say goes through
// platform/base/log.h.
#include <strings.h>

#include <daos/debug.h>
#include <gurt/common.h>

#include <atomic>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <iterator>
#include <mutex>

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
  // Relaxed: a line may still go where lines went before. A file that was opened stays open until the process ends,
  // because another thread may be about to write to it.
  std::atomic<std::FILE*> file{stderr};
  bool file_from_environment = false;
  std::mutex mutex;  // guards starts
  int starts = 0;

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
      file_from_environment = open(path) == 0;
    }
  }

  int open(const char* path) {
    std::FILE* opened = std::fopen(path, "ae");  // lint-allow: file a program's own lines, without any reactor
    if (opened == nullptr) return d_errno2der(errno);
    file.store(opened, std::memory_order_relaxed);
    return 0;
  }
};
Log& the_log() {
  static Log log;
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
  std::FILE* out = the_log().file.load(std::memory_order_relaxed);
  std::fwrite(text, 1, end, out);
  std::fflush(out);
}

int daos_debug_init(char* logfile) {
  Log& log = the_log();
  const std::lock_guard lock(log.mutex);
  if (++log.starts > 1 || logfile == nullptr || log.file_from_environment) return 0;
  const int rc = log.open(logfile);
  if (rc != 0) log.starts--;
  return rc;
}

void daos_debug_fini(void) {
  Log& log = the_log();
  const std::lock_guard lock(log.mutex);
  if (log.starts == 0 || --log.starts > 0) return;
  std::fflush(log.file.load(std::memory_order_relaxed));
}
