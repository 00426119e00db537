/**
 * Version numbers of the interface and of the package. Plain integers, so that programs may test them with #if.
 */
#ifndef DAOS_VERSION_H
#define DAOS_VERSION_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** The interface of the libraries: what this set of headers describes. */
#define DAOS_API_VERSION_MAJOR 2
#define DAOS_API_VERSION_MINOR 8
#define DAOS_API_VERSION_FIX 0

/** The release line that the interface belongs to. */
#define DAOS_VERSION_MAJOR 2
#define DAOS_VERSION_MINOR 9
#define DAOS_VERSION_FIX 100
/** Spelled as programs know it. */
#define DAOS_VERSION_PROTOCAL 1

/** Four version bytes, also readable as one number that grows with the version on little-endian machines. */
typedef union {
  uint32_t raw;
  struct {
    uint8_t protocol;
    uint8_t patch;
    uint8_t minor;
    uint8_t major;
  };
} daos_version_t;

/** Fills all four bytes of `ver` with the numbers above; a number above 255 keeps its low 8 bits. */
static inline void daos_version_pack(daos_version_t* ver) {
  ver->protocol = DAOS_VERSION_PROTOCAL;
  ver->patch = (uint8_t)DAOS_VERSION_FIX;
  ver->minor = DAOS_VERSION_MINOR;
  ver->major = DAOS_VERSION_MAJOR;
}

/** The protocol byte of `ver`. */
static inline uint8_t daos_version_get_protocol(const daos_version_t* ver) { return ver->protocol; }

#ifdef __cplusplus
}
#endif
#endif /* DAOS_VERSION_H */
