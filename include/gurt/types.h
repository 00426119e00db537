/**
 * Basic types that all other headers share: buffers, scatter/gather lists, ranks. Plain data; member order and sizes
 * are part of the binary interface.
 */
#ifndef GURT_TYPES_H
#define GURT_TYPES_H

#include <byteswap.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <uuid/uuid.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A uuid as a value that can be assigned. */
struct d_uuid {
  uuid_t uuid;
};

typedef char* d_string_t;
typedef const char* d_const_string_t;

/** One buffer: where, how much it can hold, how much of it is valid. */
typedef struct {
  void* iov_buf;
  size_t iov_buf_len; /**< capacity in bytes */
  size_t iov_len;     /**< valid bytes */
} d_iov_t;

/** A list of buffers that count as one, in order. */
typedef struct {
  uint32_t sg_nr;     /**< buffers in sg_iovs */
  uint32_t sg_nr_out; /**< out: buffers that were used */
  d_iov_t* sg_iovs;
} d_sg_list_t;

/** Number of an engine within its system. */
typedef uint32_t d_rank_t;

typedef struct {
  d_rank_t* rl_ranks;
  uint32_t rl_nr;
} d_rank_list_t;
typedef d_rank_list_t* d_rank_list_ptr_t;

/** Ranks lo to hi, both included. */
typedef struct {
  d_rank_t lo;
  d_rank_t hi;
} d_rank_range_t;

typedef struct {
  d_rank_range_t* rrl_ranges;
  uint32_t rrl_nr;
} d_rank_range_list_t;

/** Text that grows as it is written; see d_write_string_buffer. All zero is an empty one. */
struct d_string_buffer_t {
  int status;      /**< 0, or the first error */
  size_t str_size; /**< characters in str, without the NUL */
  size_t buf_size; /**< bytes allocated */
  char* str;       /**< NUL-terminated, or NULL */
};

/** Makes `iov` describe `size` bytes at `buf`, all of them valid. The buffer stays the caller's. */
static inline void d_iov_set(d_iov_t* iov, void* buf, size_t size) {
  iov->iov_buf = buf;
  iov->iov_buf_len = size;
  iov->iov_len = size;
}

#ifndef __cplusplus
/** 1 if `var` is a uuid by its type, decided when compiling. */
#define d_is_uuid(var)                                              \
  (__builtin_types_compatible_p(__typeof__(var), uuid_t) ||         \
   __builtin_types_compatible_p(__typeof__(var), unsigned char*) || \
   __builtin_types_compatible_p(__typeof__(var), const unsigned char*))

/** 1 if `var` is text by its type, decided when compiling. */
#define d_is_string(var)                                         \
  (__builtin_types_compatible_p(__typeof__(var), char*) ||       \
   __builtin_types_compatible_p(__typeof__(var), const char*) || \
   __builtin_types_compatible_p(__typeof__(var), char[]))
#endif

#ifdef __cplusplus
}
#endif
#endif /* GURT_TYPES_H */
