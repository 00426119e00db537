/**
 * Hash tables of records that carry their own link, and hash functions. A table never allocates a record; the caller's
 * operations compare, count references and free.
 */
#ifndef GURT_HASH_H
#define GURT_HASH_H

#include <gurt/common.h>
#include <gurt/list.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- functions: values are fixed for ever ---- */

/** Murmur2, 64 bit. */
uint64_t d_hash_murmur64(const unsigned char* key, unsigned int key_len, unsigned int seed);
/** Bernstein's: times 33, plus the character, from 5381. */
uint32_t d_hash_string_u32(const char* string, unsigned int len);
/** One number well mixed. */
uint64_t d_hash_mix64(uint64_t key);
/** Three numbers mixed into one. */
uint32_t d_hash_mix96(uint32_t a, uint32_t b, uint32_t c);
/** Jump consistent hash: the bucket of `key` among `num_buckets`, 1 or more. */
uint32_t d_hash_jump(uint64_t key, uint32_t num_buckets);
/** Index in `hashes` ([nhashes], ascending) of the last number that is not above `value`; 0 if there is none. */
unsigned int d_hash_srch_u64(uint64_t* hashes, unsigned int nhashes, uint64_t value);
/** The upper `bits` bits of a number times a large prime. */
uint32_t d_u32_hash(uint64_t key, unsigned int bits);
uint64_t d_u64_hash(uint64_t val, unsigned int bits);

/* ---- tables ---- */

struct d_hash_table;

/** Operations of the records of a table. Only hop_key_cmp is mandatory. They run under the bucket's lock. */
typedef struct {
  /** Whether the record at `link` has that key. */
  bool (*hop_key_cmp)(struct d_hash_table* htable, d_list_t* link, const void* key, unsigned int ksize);
  /** Gives the record at `link` a new key; for d_hash_rec_insert_anonym. */
  void (*hop_key_init)(struct d_hash_table* htable, d_list_t* link, void* arg);
  /** Hash of a key; without it, d_hash_string_u32 of its bytes. */
  uint32_t (*hop_key_hash)(struct d_hash_table* htable, const void* key, unsigned int ksize);
  /** Hash of the key of the record at `link`; without it the table has one lock. */
  uint32_t (*hop_rec_hash)(struct d_hash_table* htable, d_list_t* link);
  void (*hop_rec_addref)(struct d_hash_table* htable, d_list_t* link);
  /** Returns true when that was the last reference. */
  bool (*hop_rec_decref)(struct d_hash_table* htable, d_list_t* link);
  /** Drops several; returns > 0 when those were the last, 0, or a negative error. */
  int (*hop_rec_ndecref)(struct d_hash_table* htable, d_list_t* link, int count);
  /** Frees a record without references. */
  void (*hop_rec_free)(struct d_hash_table* htable, d_list_t* link);
} d_hash_table_ops_t;

enum d_hash_feats {
  D_HASH_FT_NOLOCK = (1 << 0), /**< the caller locks */
  D_HASH_FT_MUTEX = (1 << 1),  /**< mutexes instead of spin locks */
  D_HASH_FT_RWLOCK = (1 << 2), /**< reader-writer locks; hop_rec_addref and hop_rec_decref must be atomic */
  /** The table holds no reference: a record leaves it, and is freed, with its last one. */
  D_HASH_FT_EPHEMERAL = (1 << 3),
  D_HASH_FT_LRU = (1 << 4),             /**< a record that was found moves to the front of its bucket */
  D_HASH_FT_NO_KEYINIT_LOCK = (1 << 5), /**< hop_key_init needs no lock */
  D_HASH_FT_GLOCK = (1 << 15),          /**< one lock for the whole table */
};

union d_hash_lock {
  pthread_spinlock_t spin;
  pthread_mutex_t mutex;
  pthread_rwlock_t rwlock;
};

typedef struct d_hash_bucket {
  d_list_t hb_head;
} d_hash_bucket_t;

/** Callers pass its address only. */
struct d_hash_table {
  union d_hash_lock ht_lock; /**< with one lock */
  uint32_t ht_bits;          /**< 2^ht_bits buckets */
  uint32_t ht_feats;         /**< enum d_hash_feats */
  void* ht_priv;             /**< the creator's */
  d_hash_table_ops_t* ht_ops;
  d_hash_bucket_t* ht_buckets;
  union d_hash_lock* ht_locks; /**< with a lock per bucket */
};

/** Non-zero stops the traversal. Must not use the table. */
typedef int (*d_hash_traverse_cb_t)(d_list_t* link, void* arg);

/**
 * Create a table.
 *
 * @param feats    enum d_hash_feats.
 * @param bits     2^bits buckets.
 * @param priv     kept in ht_priv.
 * @param hops     operations; borrowed until the table is destroyed.
 * @param htable   out: end it with d_hash_table_destroy.
 * @return 0; -DER_INVAL; -DER_NOMEM.
 */
int d_hash_table_create(uint32_t feats, uint32_t bits, void* priv, d_hash_table_ops_t* hops,
                        struct d_hash_table** htable);
/** The same in memory of the caller; ends with d_hash_table_destroy_inplace. */
int d_hash_table_create_inplace(uint32_t feats, uint32_t bits, void* priv, d_hash_table_ops_t* hops,
                                struct d_hash_table* htable);

/** Call `cb` for each record, under the bucket's lock. @return 0, or what `cb` returned. */
int d_hash_table_traverse(struct d_hash_table* htable, d_hash_traverse_cb_t cb, void* arg);

/** Destroy a table. @param force   drop its records too. @return 0; -DER_BUSY it has records, and no force. */
int d_hash_table_destroy(struct d_hash_table* htable, bool force);
int d_hash_table_destroy_inplace(struct d_hash_table* htable, bool force);

/** The record with that key, with a reference for the caller; or NULL. */
d_list_t* d_hash_rec_find(struct d_hash_table* htable, const void* key, unsigned int ksize);
/** That, or `link` after inserting it under the key as d_hash_rec_insert does. */
d_list_t* d_hash_rec_find_insert(struct d_hash_table* htable, const void* key, unsigned int ksize, d_list_t* link);

/**
 * Insert a record. The table takes a reference, unless it is ephemeral.
 *
 * @param link        the record's, on no table.
 * @param exclusive   refuse a key that is there already.
 * @return 0; -DER_EXIST; -DER_INVAL no key.
 */
int d_hash_rec_insert(struct d_hash_table* htable, const void* key, unsigned int ksize, d_list_t* link, bool exclusive);
/** Insert a record that gets its key from hop_key_init. @return 0; -DER_INVAL no hop_key_init or hop_rec_hash. */
int d_hash_rec_insert_anonym(struct d_hash_table* htable, d_list_t* link, void* arg);

/** Take the record with that key out, drop the table's reference, free it with the last. @return whether there was one.
 */
bool d_hash_rec_delete(struct d_hash_table* htable, const void* key, unsigned int ksize);
bool d_hash_rec_delete_at(struct d_hash_table* htable, d_list_t* link);

/** Move a record to the end of its bucket. For D_HASH_FT_LRU. @return whether it was there. */
bool d_hash_rec_evict(struct d_hash_table* htable, const void* key, unsigned int ksize);
bool d_hash_rec_evict_at(struct d_hash_table* htable, d_list_t* link);

void d_hash_rec_addref(struct d_hash_table* htable, d_list_t* link);
/** Drop a reference; frees a record that is on no table with the last, and with D_HASH_FT_EPHEMERAL any. */
void d_hash_rec_decref(struct d_hash_table* htable, d_list_t* link);
/** Drop several. @return 0; -DER_INVAL there are fewer. */
int d_hash_rec_ndecref(struct d_hash_table* htable, int count, d_list_t* link);

/** Whether a record is on no table. */
bool d_hash_rec_unlinked(d_list_t* link);
/** Some record, without a reference; NULL for an empty table. */
d_list_t* d_hash_rec_first(struct d_hash_table* htable);

#ifdef __cplusplus
}
#endif
#endif /* GURT_HASH_H */
