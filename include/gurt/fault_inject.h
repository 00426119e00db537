/**
 * Kept because programs include it: fault injection by programs is not offered. Faults are injected by the simulation.
 */
#ifndef GURT_FAULT_INJECT_H
#define GURT_FAULT_INJECT_H

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

#ifndef FAULT_INJECTION
#define FAULT_INJECTION 0
#endif

static inline bool d_fault_inject_is_enabled(void) { return false; }
#define D_SHOULD_FAIL(fault_attr) (false)

#ifdef __cplusplus
}
#endif
#endif /* GURT_FAULT_INJECT_H */
