/**
 * Log lines and assertions. Lines go to D_LOG_FILE, or to stderr without it, when D_LOG_MASK (ERR unless set: DEBUG,
 * INFO, NOTE, WARN, ERR, CRIT, ALRT, FATAL, EMIT) lets them through. A source file names its facility by
 * `#define D_LOGFAC DD_FAC(name)` before it includes this.
 */
#ifndef GURT_DEBUG_H
#define GURT_DEBUG_H

#include <daos_errno.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

#define DD_FAC(name) #name
#ifndef D_LOGFAC
#define D_LOGFAC DD_FAC(misc)
#endif

/** Importance of a line, rising. */
enum d_log_priority {
  DLOG_DBG = 0,
  DLOG_INFO,
  DLOG_NOTE,
  DLOG_WARN,
  DLOG_ERR,
  DLOG_CRIT,
  DLOG_ALERT,
  DLOG_FATAL,
  DLOG_EMIT, /**< always */
};

/* Groups of debug lines (DD_MASK); bits. */
#define DB_ANY (1ULL << 0)
#define DB_TRACE (1ULL << 1)
#define DB_MEM (1ULL << 2)
#define DB_NET (1ULL << 3)
#define DB_IO (1ULL << 4)
#define DB_TEST (1ULL << 5)
#define DB_MD (1ULL << 6)
#define DB_PL (1ULL << 7)
#define DB_MGMT (1ULL << 8)
#define DB_EPC (1ULL << 9)
#define DB_DF (1ULL << 10)
#define DB_REBUILD (1ULL << 11)
#define DB_SEC (1ULL << 12)
#define DB_CSUM (1ULL << 13)
#define DB_ALL (~0ULL)

/** Whether a line of that importance would be written now. @threadsafe yes */
int d_log_enabled(enum d_log_priority priority, uint64_t groups);

/**
 * Write a log line. A line feed at its end may be missing. Use the macros below.
 *
 * @param groups   of a debug line.
 * @threadsafe yes; lines do not mix.
 */
void d_log_line(enum d_log_priority priority, uint64_t groups, const char* facility, const char* file, int line,
                const char* func, const char* fmt, ...) __attribute__((format(printf, 7, 8)));

#define D_LOG_AT_(priority, groups, fmt, ...)                                                   \
  do {                                                                                          \
    if (d_log_enabled(priority, groups))                                                        \
      d_log_line(priority, groups, D_LOGFAC, __FILE__, __LINE__, __func__, fmt, ##__VA_ARGS__); \
  } while (0)

#define D_DEBUG(flag, fmt, ...) D_LOG_AT_(DLOG_DBG, flag, fmt, ##__VA_ARGS__)
#define D_INFO(fmt, ...) D_LOG_AT_(DLOG_INFO, DB_ANY, fmt, ##__VA_ARGS__)
#define D_NOTE(fmt, ...) D_LOG_AT_(DLOG_NOTE, DB_ANY, fmt, ##__VA_ARGS__)
#define D_WARN(fmt, ...) D_LOG_AT_(DLOG_WARN, DB_ANY, fmt, ##__VA_ARGS__)
#define D_ERROR(fmt, ...) D_LOG_AT_(DLOG_ERR, DB_ANY, fmt, ##__VA_ARGS__)
#define D_CRIT(fmt, ...) D_LOG_AT_(DLOG_CRIT, DB_ANY, fmt, ##__VA_ARGS__)
#define D_ALERT(fmt, ...) D_LOG_AT_(DLOG_ALERT, DB_ANY, fmt, ##__VA_ARGS__)
#define D_FATAL(fmt, ...) D_LOG_AT_(DLOG_FATAL, DB_ANY, fmt, ##__VA_ARGS__)
#define D_EMIT(fmt, ...) D_LOG_AT_(DLOG_EMIT, DB_ANY, fmt, ##__VA_ARGS__)

/* With the text of an error (negative, or errno) behind the line. */
#define DL_INFO(rc, fmt, ...) D_INFO(fmt ": " DF_RC "\n", ##__VA_ARGS__, DP_RC(rc))
#define DL_WARN(rc, fmt, ...) D_WARN(fmt ": " DF_RC "\n", ##__VA_ARGS__, DP_RC(rc))
#define DL_ERROR(rc, fmt, ...) D_ERROR(fmt ": " DF_RC "\n", ##__VA_ARGS__, DP_RC(rc))
#define DS_ERROR(err, fmt, ...) D_ERROR(fmt ": %d (%s)\n", ##__VA_ARGS__, err, strerror(err))

/** To stdout. */
#define D_PRINT(fmt, ...)                \
  do {                                   \
    fprintf(stdout, fmt, ##__VA_ARGS__); \
    fflush(stdout);                      \
  } while (0)

/** Ends the process with a message when `cond` is false. In every build. */
#define D_ASSERTF(cond, fmt, ...)                                                                         \
  do {                                                                                                    \
    if (__builtin_expect(!(cond), 0)) {                                                                   \
      fprintf(stderr, "%s:%d: %s: assertion '%s' failed: " fmt "\n", __FILE__, __LINE__, __func__, #cond, \
              ##__VA_ARGS__);                                                                             \
      abort();                                                                                            \
    }                                                                                                     \
  } while (0)
#define D_ASSERT(e)                                                                            \
  do {                                                                                         \
    if (__builtin_expect(!(e), 0)) {                                                           \
      fprintf(stderr, "%s:%d: %s: assertion '%s' failed\n", __FILE__, __LINE__, __func__, #e); \
      abort();                                                                                 \
    }                                                                                          \
  } while (0)

#ifdef __cplusplus
}
#endif
#endif /* GURT_DEBUG_H */
