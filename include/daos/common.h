/**
 * Conversions between the numbers of this interface and those of the operating system. Installed for layers that speak
 * both, such as POSIX ones; programs do not need it.
 */
#ifndef DAOS_COMMON_H
#define DAOS_COMMON_H

#include <daos_errno.h>
#include <daos_prop.h>
#include <errno.h>
#include <gurt/common.h>
#include <strings.h>

#ifdef __cplusplus
extern "C" {
#endif

/** -DER_* of a positive errno; 0 for 0; -DER_UNKNOWN for a negative number. */
static inline int daos_errno2der(int err) {
  if (err < 0) return -DER_UNKNOWN;
  switch (err) {
    case 0:
      return 0;
    case EPERM:
    case EACCES:
      return -DER_NO_PERM;
    case ENOMEM:
      return -DER_NOMEM;
    case EDQUOT:
    case ENOSPC:
      return -DER_NOSPACE;
    case EEXIST:
      return -DER_EXIST;
    case ENOENT:
      return -DER_NONEXIST;
    case ECANCELED:
      return -DER_CANCELED;
    case EBUSY:
      return -DER_BUSY;
    case EOVERFLOW:
      return -DER_OVERFLOW;
    case EBADF:
      return -DER_NO_HDL;
    case ENOSYS:
      return -DER_NOSYS;
    case ETIMEDOUT:
      return -DER_TIMEDOUT;
    case EWOULDBLOCK:
      return -DER_AGAIN;
    case EPROTO:
      return -DER_PROTO;
    case EINVAL:
      return -DER_INVAL;
    case ENOTDIR:
      return -DER_NOTDIR;
    case EIO:
      return -DER_IO;
    case ENOTSUP:
      return -DER_NOTSUPPORTED;
    default:
      return -DER_MISC;
  }
}

/** Positive errno of a -DER_*; 0 for 0; EINVAL for a positive number. */
static inline int daos_der2errno(int err) {
  if (err > 0) return EINVAL;
  switch (err) {
    case 0:
      return 0;
    case -DER_NO_PERM:
    case -DER_EP_RO:
    case -DER_EP_OLD:
    case -DER_CONT_DESTROYING:
      return EPERM;
    case -DER_ENOENT:
    case -DER_NONEXIST:
      return ENOENT;
    case -DER_INVAL:
    case -DER_NOTYPE:
    case -DER_NOSCHEMA:
    case -DER_NOLOCAL:
    case -DER_NO_HDL:
    case -DER_IO_INVAL:
      return EINVAL;
    case -DER_KEY2BIG:
    case -DER_REC2BIG:
      return E2BIG;
    case -DER_EXIST:
      return EEXIST;
    case -DER_UNREACH:
      return EHOSTUNREACH;
    case -DER_NOSPACE:
      return ENOSPC;
    case -DER_ALREADY:
      return EALREADY;
    case -DER_DOS:
    case -DER_NOMEM:
      return ENOMEM;
    case -DER_TIMEDOUT:
      return ETIMEDOUT;
    case -DER_BUSY:
    case -DER_EQ_BUSY:
      return EBUSY;
    case -DER_AGAIN:
      return EAGAIN;
    case -DER_PROTO:
      return EPROTO;
    case -DER_CANCELED:
      return ECANCELED;
    case -DER_OVERFLOW:
      return EOVERFLOW;
    case -DER_BADPATH:
    case -DER_NOTDIR:
      return ENOTDIR;
    case -DER_STALE:
      return ESTALE;
    case -DER_TX_RESTART:
      return ERESTART;
    case -DER_NOTSUPPORTED:
      return ENOTSUP;
    default:
      return EIO;
  }
}

/** Number of a container layout by its name, in any case: "POSIX" ...; DAOS_PROP_CO_LAYOUT_UNKNOWN for any other. */
static inline void daos_parse_ctype(const char* string, daos_cont_layout_t* type) {
  static const char* const names[DAOS_PROP_CO_LAYOUT_MAX] = {"unknown",  "POSIX", "HDF5",    "PYTHON", "SPARK",
                                                             "DATABASE", "ROOT",  "SEISMIC", "METEO"};
  daos_cont_layout_t i;
  *type = DAOS_PROP_CO_LAYOUT_UNKNOWN;
  for (i = 1; i < DAOS_PROP_CO_LAYOUT_MAX; i++) {
    if (strcasecmp(string, names[i]) == 0) *type = i;
  }
}

/** Name of a container layout, "unknown" for any other number. @param string   out: room for 10 bytes. */
static inline void daos_unparse_ctype(daos_cont_layout_t ctype, char* string) {
  static const char* const names[DAOS_PROP_CO_LAYOUT_MAX] = {"unknown",  "POSIX", "HDF5",    "PYTHON", "SPARK",
                                                             "DATABASE", "ROOT",  "SEISMIC", "METEO"};
  strcpy(string, names[ctype < DAOS_PROP_CO_LAYOUT_MAX ? ctype : 0]);
}

#ifdef __cplusplus
}
#endif
#endif /* DAOS_COMMON_H */
