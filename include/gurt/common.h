/**
 * Helpers that programs share with the library: memory, scatter/gather lists, rank lists, clocks, environment, locks.
 * Memory that a call hands out comes from malloc and is released with D_FREE or free().
 */
#ifndef GURT_COMMON_H
#define GURT_COMMON_H

#include <daos_errno.h>
#include <gurt/debug.h>
#include <gurt/fault_inject.h>
#include <gurt/types.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/time.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- numbers ---- */

#ifndef likely
#define likely(x) __builtin_expect(!!(x), 1)
#endif
#ifndef unlikely
#define unlikely(x) __builtin_expect(!!(x), 0)
#endif

#ifndef MIN
#define MIN(a, b) ((a) < (b) ? (a) : (b))
#endif
#ifndef MAX
#define MAX(a, b) ((a) > (b) ? (a) : (b))
#endif

#ifdef __cplusplus
/* Functions here, because macros of these names would break the standard headers included afterwards. */
extern "C++" {
template <class T>
constexpr T min(T a, T b) {
  return b < a ? b : a;
}
template <class T>
constexpr T max(T a, T b) {
  return a < b ? b : a;
}
}
#else
#ifndef min
#define min(x, y)                              \
  ({                                           \
    __typeof__(x) d_min_x_ = (x);              \
    __typeof__(y) d_min_y_ = (y);              \
    d_min_x_ < d_min_y_ ? d_min_x_ : d_min_y_; \
  })
#endif
#ifndef max
#define max(x, y)                              \
  ({                                           \
    __typeof__(x) d_max_x_ = (x);              \
    __typeof__(y) d_max_y_ = (y);              \
    d_max_x_ > d_max_y_ ? d_max_x_ : d_max_y_; \
  })
#endif
#endif

#ifndef min_t
#define min_t(type, x, y) ((type)(x) < (type)(y) ? (type)(x) : (type)(y))
#endif
#ifndef max_t
#define max_t(type, x, y) ((type)(x) > (type)(y) ? (type)(x) : (type)(y))
#endif

#ifndef ARRAY_SIZE
#define ARRAY_SIZE(x) (sizeof(x) / sizeof((x)[0]))
#endif

#ifndef container_of
#define container_of(ptr, type, member) ((type*)((char*)(ptr) - offsetof(type, member)))
#endif

/** x rounded up to a multiple of `a`, a power of two. */
#define D_ALIGNUP(x, a) (((x) + ((a) - 1)) & ~((__typeof__(x))(a) - 1))
#define D_SWAP16(x) bswap_16(x)
#define D_SWAP32(x) bswap_32(x)
#define D_SWAP64(x) bswap_64(x)
/** Whether all bits of `bit` are set. */
#define D_BIT_IS_SET(field, bit) (((field) & (bit)) == (bit))

/** Number of bits that hold the numbers below `val`: 0 for 1, 3 for 5 to 8. */
static inline unsigned int d_power2_nbits(unsigned int val) {
  return val <= 1 ? 0 : (unsigned int)(sizeof(unsigned int) * 8) - (unsigned int)__builtin_clz(val - 1);
}

#define D_RAND_MAX 0x7fffffff
/** Pseudo-random numbers for tests and load spreading: 0 to D_RAND_MAX, or [0, 1). One sequence per process.
 * @threadsafe yes */
void d_srand(long int seed);
long int d_rand(void);
double d_randd(void);

/* ---- errors ---- */

/** -DER_* of a positive errno; -DER_MISC where there is none closer. daos/common.h knows more of them. */
static inline int d_errno2der(int err) {
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
    default:
      return -DER_MISC;
  }
}

/** Evaluates `rc`, then jumps. */
#define D_GOTO(label, rc) \
  do {                    \
    (void)(rc);           \
    goto label;           \
  } while (0)

/** fprintf that yields 0 or -DER_IO. */
#define D_FPRINTF(stream, ...) (fprintf(stream, __VA_ARGS__) < 0 ? -DER_IO : 0)

/* ---- memory ---- */

void d_free(void* ptr);
void* d_calloc(size_t count, size_t eltsize);
void* d_malloc(size_t size);
void* d_realloc(void* ptr, size_t size);
/** At most `n` characters of `s`, NUL-terminated. */
char* d_strndup(const char* s, size_t n);
int d_asprintf(char** strp, const char* fmt, ...) __attribute__((format(printf, 2, 3)));
/** The same, returned; its length in *rc, or -1. */
char* d_asprintf2(int* rc, const char* fmt, ...) __attribute__((format(printf, 2, 3)));
char* d_realpath(const char* path, char* resolved_path);
/** `size` bytes at a multiple of `alignment`; with `zero` they are zero. Release with d_free. */
void* d_aligned_alloc(size_t alignment, size_t size, bool zero);

/* `ptr` is NULL on failure. Zeroed, unless _NZ. */
#define D_ALLOC(ptr, size) ((ptr) = (__typeof__(ptr))d_calloc(1, (size)))
#define D_ALLOC_PTR(ptr) ((ptr) = (__typeof__(ptr))d_calloc(1, sizeof(*(ptr))))
#define D_ALLOC_ARRAY(ptr, count) ((ptr) = (__typeof__(ptr))d_calloc((count), sizeof(*(ptr))))
#define D_ALLOC_NZ(ptr, size) ((ptr) = (__typeof__(ptr))d_malloc((size)))
#define D_ALLOC_PTR_NZ(ptr) ((ptr) = (__typeof__(ptr))d_malloc(sizeof(*(ptr))))
#define D_ALLOC_ARRAY_NZ(ptr, count) ((ptr) = (__typeof__(ptr))d_malloc((size_t)(count) * sizeof(*(ptr))))
#define D_ALIGNED_ALLOC(ptr, alignment, size) ((ptr) = (__typeof__(ptr))d_aligned_alloc((alignment), (size), true))
#define D_ALIGNED_ALLOC_NZ(ptr, alignment, size) ((ptr) = (__typeof__(ptr))d_aligned_alloc((alignment), (size), false))

/** d_realloc with size 0 taken as 1, whose new part (beyond `oldsize`) is zero. Fails without touching `ptr`. */
static inline void* d_realloc_zeroed(void* ptr, size_t oldsize, size_t size) {
  char* grown = (char*)d_realloc(ptr, size == 0 ? 1 : size);
  if (grown != NULL && size > oldsize) memset(grown + oldsize, 0, size - oldsize);
  return grown;
}

#define D_REALLOC_SET_(newptr, oldptr, call) \
  do {                                       \
    void* d_grown_ = (call);                 \
    (newptr) = (__typeof__(newptr))d_grown_; \
    if (d_grown_ != NULL) (oldptr) = NULL;   \
  } while (0)
/* On success `oldptr` is NULL. The new part is zero, unless _NZ; for _Z everything beyond the old size is unknown. */
#define D_REALLOC(newptr, oldptr, oldsize, size) \
  D_REALLOC_SET_(newptr, oldptr, d_realloc_zeroed((oldptr), (oldsize), (size)))
#define D_REALLOC_ARRAY(newptr, oldptr, oldcount, count) \
  D_REALLOC(newptr, oldptr, (size_t)(oldcount) * sizeof(*(oldptr)), (size_t)(count) * sizeof(*(oldptr)))
#define D_REALLOC_NZ(newptr, oldptr, size) D_REALLOC_SET_(newptr, oldptr, d_realloc((oldptr), (size) == 0 ? 1 : (size)))
#define D_REALLOC_ARRAY_NZ(newptr, oldptr, count) D_REALLOC_NZ(newptr, oldptr, (size_t)(count) * sizeof(*(oldptr)))
/* From nothing: `oldptr` must be NULL. */
#define D_REALLOC_Z(newptr, oldptr, size) D_REALLOC(newptr, oldptr, 0, size)
#define D_REALLOC_ARRAY_Z(newptr, oldptr, count) D_REALLOC_ARRAY(newptr, oldptr, 0, count)

#define D_STRNDUP(ptr, s, n) ((ptr) = d_strndup((s), (n)))
/** Of a literal or array. */
#define D_STRNDUP_S(ptr, s) ((ptr) = d_strndup((s), sizeof(s)))
#define D_ASPRINTF(ptr, ...)                       \
  do {                                             \
    int d_printed_;                                \
    (ptr) = d_asprintf2(&d_printed_, __VA_ARGS__); \
  } while (0)
#define D_REALPATH(ptr, path) ((ptr) = d_realpath((path), NULL))

/** NULL is allowed; `ptr` is NULL afterwards. */
#define D_FREE(ptr)       \
  do {                    \
    d_free((void*)(ptr)); \
    (ptr) = NULL;         \
  } while (0)

/* ---- text that grows ---- */

/**
 * Append to a text.
 *
 * @param buf   all zero at first; release with d_free_string.
 * @return 0; -DER_NOMEM, -DER_INVAL; the first error stays in buf->status and is returned by later calls.
 */
int d_write_string_buffer(struct d_string_buffer_t* buf, const char* format, ...) __attribute__((format(printf, 2, 3)));
/** Release the text; the buffer can be used anew. */
void d_free_string(struct d_string_buffer_t* buf);

/* ---- scatter/gather lists ---- */

/** Gives `sgl` `nr` empty buffers descriptions (none for 0). Release with d_sgl_fini. @return 0; -DER_NOMEM. */
static inline int d_sgl_init(d_sg_list_t* sgl, unsigned int nr) {
  sgl->sg_nr = nr;
  sgl->sg_nr_out = 0;
  sgl->sg_iovs = NULL;
  if (nr == 0) return 0;
  sgl->sg_iovs = (d_iov_t*)d_calloc(nr, sizeof(d_iov_t));
  return sgl->sg_iovs == NULL ? -DER_NOMEM : 0;
}

/** Releases the descriptions and, with `free_iovs`, the buffers. NULL is allowed. */
static inline void d_sgl_fini(d_sg_list_t* sgl, bool free_iovs) {
  uint32_t i;
  if (sgl == NULL) return;
  for (i = 0; sgl->sg_iovs != NULL && free_iovs && i < sgl->sg_nr; i++) d_free(sgl->sg_iovs[i].iov_buf);
  d_free(sgl->sg_iovs);
  memset(sgl, 0, sizeof(*sgl));
}

/** Bytes that all buffers can hold. */
static inline size_t d_sgl_buf_size(d_sg_list_t* sgl) {
  size_t size = 0;
  uint32_t i;
  for (i = 0; sgl->sg_iovs != NULL && i < sgl->sg_nr; i++) size += sgl->sg_iovs[i].iov_buf_len;
  return size;
}

/** Copies buffer by buffer; those of `dst_sgl` must be as large. */
static inline void d_sgl_buf_copy(d_sg_list_t* dst_sgl, d_sg_list_t* src_sgl) {
  uint32_t i;
  D_ASSERT(dst_sgl->sg_nr >= src_sgl->sg_nr);
  for (i = 0; i < src_sgl->sg_nr; i++) {
    D_ASSERT(dst_sgl->sg_iovs[i].iov_buf_len >= src_sgl->sg_iovs[i].iov_buf_len);
    if (src_sgl->sg_iovs[i].iov_buf_len > 0)
      memcpy(dst_sgl->sg_iovs[i].iov_buf, src_sgl->sg_iovs[i].iov_buf, src_sgl->sg_iovs[i].iov_buf_len);
  }
}

/** d_iov_set that refuses memory near the calling function's stack frame, which would be gone at completion. */
#define d_iov_set_safe(iov, buf, size)                                                         \
  do {                                                                                         \
    uintptr_t d_frame_ = (uintptr_t)__builtin_frame_address(0);                                \
    uintptr_t d_at_ = (uintptr_t)(buf);                                                        \
    D_ASSERT((d_at_ > d_frame_ ? d_at_ - d_frame_ : d_frame_ - d_at_) > (uintptr_t)16 * 1024); \
    d_iov_set((iov), (buf), (size));                                                           \
  } while (0)

/* ---- rank lists: no locks ---- */

/** A list of 0, 1, ... size - 1. NULL without memory. */
d_rank_list_t* d_rank_list_alloc(uint32_t size);
/** NULL is allowed. */
void d_rank_list_free(d_rank_list_t* rank_list);
/** New ranks are 0. @return 0; -DER_INVAL; -DER_NOMEM. */
int d_rank_list_resize(d_rank_list_t* rank_list, uint32_t size);
/** A copy in *dst; NULL for NULL. @return 0; -DER_INVAL no dst; -DER_NOMEM. */
int d_rank_list_dup(d_rank_list_t** dst, const d_rank_list_t* src);
/** An ascending copy in which each rank is once. */
int d_rank_list_dup_sort_uniq(d_rank_list_t** dst, const d_rank_list_t* src);
/** Copies into a list. @return 0; -DER_INVAL; -DER_NOMEM. */
int d_rank_list_copy(d_rank_list_t* dst, d_rank_list_t* src);
/** Keeps in `dst_set` only ranks that are in `src_set`, or, with `exclude`, only those that are not. */
void d_rank_list_filter(d_rank_list_t* src_set, d_rank_list_t* dst_set, bool exclude);
/** Appends what `src_set` lacks. @return 0; -DER_INVAL; -DER_NOMEM. */
int d_rank_list_merge(d_rank_list_t* src_set, d_rank_list_t* ranks_merge);
/** @return 0; -DER_INVAL; -DER_NOMEM. */
int d_rank_list_append(d_rank_list_t* rank_list, d_rank_t rank);
/** Removes the first; absent is no error. @return 0; -DER_INVAL; -DER_NOMEM. */
int d_rank_list_del(d_rank_list_t* rank_list, d_rank_t rank);
void d_rank_list_del_at(d_rank_list_t* rank_list, int index);
/** `idx`, which may be NULL, is set when the rank is there. */
bool d_rank_list_find(d_rank_list_t* rank_list, d_rank_t rank, int* idx);
/** The same, faster, in an ascending list. */
bool d_rank_list_bsearch(d_rank_list_t* rank_list, d_rank_t rank, int* idx);
bool d_rank_in_rank_list(d_rank_list_t* rank_list, d_rank_t rank);
/** @return 0; -DER_NONEXIST; -DER_INVAL. */
int d_idx_in_rank_list(d_rank_list_t* rank_list, d_rank_t rank, uint32_t* idx);
/** Sorts `rank_list1`, then compares; `rank_list2` should be ascending. */
bool d_rank_list_identical(d_rank_list_t* rank_list1, d_rank_list_t* rank_list2);
/** NULL is allowed. */
void d_rank_list_sort(d_rank_list_t* rank_list);
void d_rank_list_shuffle(d_rank_list_t* rank_list);
/** To the log, as debug lines. @return 0; -DER_INVAL. */
int d_rank_list_dump(d_rank_list_t* rank_list, d_string_t name, int name_len);
/** "[0-3,7]" in *rank_str; NULL for NULL. Release with D_FREE. @return 0; -DER_NOMEM. */
int d_rank_list_to_str(d_rank_list_t* rank_list, char** rank_str);
/** NULL without memory. */
d_rank_list_t* uint32_array_to_rank_list(uint32_t* ints, size_t len);
/** Release *ints with D_FREE. @return 0; -DER_INVAL; -DER_NOMEM. */
int rank_list_to_uint32_array(d_rank_list_t* rl, uint32_t** ints, size_t* len);

/** `size` ranges, all zero. NULL without memory. */
d_rank_range_list_t* d_rank_range_list_alloc(uint32_t size);
/** New ranges are zero. NULL, and nothing changed, without memory. */
d_rank_range_list_t* d_rank_range_list_realloc(d_rank_range_list_t* range_list, uint32_t size);
/** The ranges of an ascending list. NULL without memory. */
d_rank_range_list_t* d_rank_range_list_create_from_ranks(d_rank_list_t* rank_list);
/** "[0-3,7]" in *ranks_str. Release with D_FREE. @return 0; -DER_INVAL; -DER_NOMEM. */
int d_rank_range_list_str(d_rank_range_list_t* list, char** ranks_str);
/** NULL is allowed. */
void d_rank_range_list_free(d_rank_range_list_t* rank_range_list);

/* ---- hybrid logical clock: units of 1/16 ns since 2021-01-01T00:00:00Z, low 18 bits logical ---- */

/** A value above every value that this process has had or seen, and not before the local time. @threadsafe yes */
uint64_t d_hlc_get(void);
/**
 * The same, and above a value that was received.
 *
 * @param hlc_out   out; may be NULL.
 * @param offset    out: how far `msg` is ahead of the local time; may be NULL.
 * @return 0; -DER_HLC_SYNC it is ahead by more than the bound of d_hlc_epsilon_set: it is not taken over.
 * @threadsafe yes
 */
int d_hlc_get_msg(uint64_t msg, uint64_t* hlc_out, uint64_t* offset);

/* Durations. */
uint64_t d_hlc2nsec(uint64_t hlc);
uint64_t d_nsec2hlc(uint64_t nsec);
static inline uint64_t d_hlc2usec(uint64_t hlc) { return d_hlc2nsec(hlc) / 1000; }
static inline uint64_t d_hlc2msec(uint64_t hlc) { return d_hlc2nsec(hlc) / 1000000; }
static inline uint64_t d_hlc2sec(uint64_t hlc) { return d_hlc2nsec(hlc) / 1000000000; }
static inline uint64_t d_usec2hlc(uint64_t usec) { return d_nsec2hlc(usec * 1000); }
static inline uint64_t d_msec2hlc(uint64_t msec) { return d_nsec2hlc(msec * 1000000); }
static inline uint64_t d_sec2hlc(uint64_t sec) { return d_nsec2hlc(sec * 1000000000); }

/* Points in time. */
uint64_t d_hlc2unixnsec(uint64_t hlc);
/** 0 for a time that the clock cannot show. */
uint64_t d_unixnsec2hlc(uint64_t unixnsec);
/** @return 0; -DER_INVAL. */
int d_hlc2timespec(uint64_t hlc, struct timespec* ts);
int d_timespec2hlc(struct timespec ts, uint64_t* hlc);
/** Whole seconds since then, 0 for a time to come. */
uint64_t d_hlc_age2sec(uint64_t hlc);

/* How far clocks may be apart; rounded up to the logical bits. 1 s unless set. @threadsafe yes */
void d_hlc_epsilon_set(uint64_t epsilon);
uint64_t d_hlc_epsilon_get(void);
/** The latest value that a message can carry which was sent before `hlc`. */
uint64_t d_hlc_epsilon_get_bound(uint64_t hlc);

/* ---- time ---- */

#define NSEC_PER_SEC 1000000000
#define NSEC_PER_MSEC 1000000
#define NSEC_PER_USEC 1000

/** Monotonic time. @return 0 or a negative error. */
static inline int d_gettime(struct timespec* t) {
  return clock_gettime(CLOCK_MONOTONIC, t) != 0 ? d_errno2der(errno) : 0;
}
/** The same, cheaper, to a few milliseconds. */
static inline int d_gettime_coarse(struct timespec* t) {
  return clock_gettime(CLOCK_MONOTONIC_COARSE, t) != 0 ? d_errno2der(errno) : 0;
}
/** t2 - t1 in nanoseconds. */
static inline int64_t d_timediff_ns(const struct timespec* t1, const struct timespec* t2) {
  return ((int64_t)t2->tv_sec - t1->tv_sec) * NSEC_PER_SEC + t2->tv_nsec - t1->tv_nsec;
}
/** t2 - t1. */
static inline struct timespec d_timediff(const struct timespec* t1, const struct timespec* t2) {
  struct timespec d;
  d.tv_sec = t2->tv_sec - t1->tv_sec;
  d.tv_nsec = t2->tv_nsec - t1->tv_nsec;
  if (d.tv_nsec < 0) {
    d.tv_sec -= 1;
    d.tv_nsec += NSEC_PER_SEC;
  }
  return d;
}
/** Adds nanoseconds. */
static inline void d_timeinc(struct timespec* t, uint64_t ns) {
  uint64_t nsec = (uint64_t)t->tv_nsec + ns % NSEC_PER_SEC;
  t->tv_sec += (time_t)(ns / NSEC_PER_SEC + nsec / NSEC_PER_SEC);
  t->tv_nsec = (long)(nsec % NSEC_PER_SEC);
}
static inline void d_timeinc_ms(struct timespec* t, uint64_t ms) { d_timeinc(t, ms * NSEC_PER_MSEC); }
/** Whether t1 is before t2. */
static inline int d_timeless(const struct timespec* t1, const struct timespec* t2) { return d_timediff_ns(t1, t2) > 0; }
/** Whether it is zero. */
static inline int d_timenull(const struct timespec* t) { return t->tv_sec == 0 && t->tv_nsec == 0; }
/** Nanoseconds from now until `expiration`, negative when it is over. */
static inline int64_t d_timeleft_ns(const struct timespec* expiration) {
  struct timespec now = {0, 0};
  d_gettime(&now);
  return d_timediff_ns(&now, expiration);
}
static inline double d_time2s(struct timespec t) { return (double)t.tv_sec + (double)t.tv_nsec / 1e9; }
static inline double d_time2ms(struct timespec t) { return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6; }
static inline double d_time2us(struct timespec t) { return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3; }
/** Time since `start`. */
static inline struct timespec d_time_elapsed(const struct timespec* start) {
  struct timespec now = *start;
  d_gettime(&now);
  return d_timediff(start, &now);
}

/* ---- environment. 0, or -DER_NONEXIST, or -DER_INVAL not a number or out of range; then the output is untouched ----
 */

/** A decimal 0 is false, any other text true. */
int d_getenv_bool(const char* name, bool* bool_val);
int d_getenv_char(const char* name, char* char_val);
int d_getenv_uint(const char* name, unsigned int* uint_val);
int d_getenv_uint32_t(const char* name, uint32_t* val);
int d_getenv_uint64_t(const char* name, uint64_t* val);
/** -DER_TRUNC: cut, and NUL-terminated. */
int d_getenv_str(char* str_val, size_t str_size, const char* name);
/** A copy; release with d_freeenv_str. Also -DER_NOMEM. */
int d_agetenv_str(char** str_val, const char* name);
void d_freeenv_str(char** str_val);
bool d_isenv_def(const char* name);
int d_setenv(const char* name, const char* value, int overwrite);
int d_unsetenv(const char* name);
int d_putenv(char* name);
int d_clearenv(void);

/* ---- locks: negative errors ---- */

#define D_MUTEX_INIT(mutex, attr) d_errno2der(pthread_mutex_init((mutex), (attr)))
#define D_MUTEX_LOCK(mutex) d_errno2der(pthread_mutex_lock(mutex))
#define D_MUTEX_TRYLOCK(mutex) d_errno2der(pthread_mutex_trylock(mutex))
#define D_MUTEX_UNLOCK(mutex) d_errno2der(pthread_mutex_unlock(mutex))
#define D_MUTEX_DESTROY(mutex) d_errno2der(pthread_mutex_destroy(mutex))
#define D_SPIN_INIT(lock, pshared) d_errno2der(pthread_spin_init((lock), (pshared)))
#define D_SPIN_LOCK(lock) d_errno2der(pthread_spin_lock(lock))
#define D_SPIN_UNLOCK(lock) d_errno2der(pthread_spin_unlock(lock))
#define D_SPIN_DESTROY(lock) d_errno2der(pthread_spin_destroy(lock))
#define D_RWLOCK_INIT(rwlock, attr) d_errno2der(pthread_rwlock_init((rwlock), (attr)))
#define D_RWLOCK_RDLOCK(rwlock) d_errno2der(pthread_rwlock_rdlock(rwlock))
#define D_RWLOCK_WRLOCK(rwlock) d_errno2der(pthread_rwlock_wrlock(rwlock))
#define D_RWLOCK_UNLOCK(rwlock) d_errno2der(pthread_rwlock_unlock(rwlock))
#define D_RWLOCK_DESTROY(rwlock) d_errno2der(pthread_rwlock_destroy(rwlock))
#define D_COND_INIT(cond, attr) d_errno2der(pthread_cond_init((cond), (attr)))
#define D_COND_WAIT(cond, mutex) d_errno2der(pthread_cond_wait((cond), (mutex)))
#define D_COND_SIGNAL(cond) d_errno2der(pthread_cond_signal(cond))
#define D_COND_BROADCAST(cond) d_errno2der(pthread_cond_broadcast(cond))
#define D_COND_DESTROY(cond) d_errno2der(pthread_cond_destroy(cond))

#ifdef __cplusplus
}
#endif
#endif /* GURT_COMMON_H */
