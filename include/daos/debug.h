/**
 * Start and end of a program's log lines (gurt/debug.h). Lines work without it; tools call it to name a file of their
 * own.
 */
#ifndef DAOS_DEBUG_H
#define DAOS_DEBUG_H

#include <gurt/debug.h>

#ifdef __cplusplus
extern "C" {
#endif

/** No file of one's own: D_LOG_FILE, or stderr without it. */
#define DAOS_LOG_DEFAULT NULL

/**
 * Start log lines. Counted: each call wants a daos_debug_fini.
 *
 * @param logfile   where lines go unless D_LOG_FILE says otherwise; of the first call only. May be DAOS_LOG_DEFAULT.
 * @return 0; a negative error when the file cannot be opened: lines then go to stderr.
 * @threadsafe yes
 */
int daos_debug_init(char* logfile);

/** End log lines with the last call: what was written is flushed. Later lines still work. @threadsafe yes */
void daos_debug_fini(void);

#ifdef __cplusplus
}
#endif
#endif /* DAOS_DEBUG_H */
