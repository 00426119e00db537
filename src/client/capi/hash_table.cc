// Hash tables of records that carry their own link. Records are never freed under a lock: hop_rec_free may use the
// table.
#include <gurt/hash.h>

#include <cstdlib>
#include <new>

namespace {

constexpr uint32_t kBitsMax = 31;

enum class Access { kRead, kWrite };

bool has(const d_hash_table* table, d_hash_feats feat) { return (table->ht_feats & feat) != 0; }
bool one_lock(const d_hash_table* table) { return table->ht_locks == nullptr; }
uint32_t bucket_count(const d_hash_table* table) { return 1U << table->ht_bits; }

int init_lock(uint32_t feats, d_hash_lock* lock) {
  if ((feats & D_HASH_FT_MUTEX) != 0) return D_MUTEX_INIT(&lock->mutex, nullptr);
  if ((feats & D_HASH_FT_RWLOCK) != 0) return D_RWLOCK_INIT(&lock->rwlock, nullptr);
  return D_SPIN_INIT(&lock->spin, PTHREAD_PROCESS_PRIVATE);
}
void destroy_lock(uint32_t feats, d_hash_lock* lock) {
  if ((feats & D_HASH_FT_MUTEX) != 0) {
    pthread_mutex_destroy(&lock->mutex);
  } else if ((feats & D_HASH_FT_RWLOCK) != 0) {
    pthread_rwlock_destroy(&lock->rwlock);
  } else {
    pthread_spin_destroy(&lock->spin);
  }
}

// Holds the lock of one bucket, or the table's, while it lives.
class Locked {
 public:
  Locked(d_hash_table* table, d_hash_lock* lock, Access access) : table_(table), lock_(lock) {
    if (has(table, D_HASH_FT_NOLOCK)) return;
    if (has(table, D_HASH_FT_MUTEX)) {
      pthread_mutex_lock(&lock->mutex);
    } else if (has(table, D_HASH_FT_RWLOCK)) {
      access == Access::kRead ? pthread_rwlock_rdlock(&lock->rwlock) : pthread_rwlock_wrlock(&lock->rwlock);
    } else {
      pthread_spin_lock(&lock->spin);
    }
  }
  Locked(d_hash_table* table, uint32_t bucket, Access access)
      : Locked(table, one_lock(table) ? &table->ht_lock : &table->ht_locks[bucket], access) {}
  ~Locked() {
    if (has(table_, D_HASH_FT_NOLOCK)) return;
    if (has(table_, D_HASH_FT_MUTEX)) {
      pthread_mutex_unlock(&lock_->mutex);
    } else if (has(table_, D_HASH_FT_RWLOCK)) {
      pthread_rwlock_unlock(&lock_->rwlock);
    } else {
      pthread_spin_unlock(&lock_->spin);
    }
  }
  Locked(const Locked&) = delete;
  Locked& operator=(const Locked&) = delete;

 private:
  d_hash_table* table_;
  d_hash_lock* lock_;
};

uint32_t bucket_of_key(d_hash_table* table, const void* key, unsigned int ksize) {
  const uint32_t hash = table->ht_ops->hop_key_hash != nullptr
                            ? table->ht_ops->hop_key_hash(table, key, ksize)
                            : d_hash_string_u32(static_cast<const char*>(key), ksize);
  return hash & (bucket_count(table) - 1);
}
// Which lock a record is under; without hop_rec_hash there is only one, and the bucket does not matter.
uint32_t bucket_of_record(d_hash_table* table, d_list_t* link) {
  if (table->ht_ops->hop_rec_hash == nullptr) return 0;
  return table->ht_ops->hop_rec_hash(table, link) & (bucket_count(table) - 1);
}

d_list_t* find_in(d_hash_table* table, uint32_t bucket, const void* key, unsigned int ksize) {
  d_list_t* link;
  d_list_for_each(link, &table->ht_buckets[bucket].hb_head) {
    if (table->ht_ops->hop_key_cmp(table, link, key, ksize)) return link;
  }
  return nullptr;
}

void addref(d_hash_table* table, d_list_t* link) {
  if (table->ht_ops->hop_rec_addref != nullptr) table->ht_ops->hop_rec_addref(table, link);
}
bool decref(d_hash_table* table, d_list_t* link) {
  return table->ht_ops->hop_rec_decref != nullptr && table->ht_ops->hop_rec_decref(table, link);
}
void free_record(d_hash_table* table, d_list_t* link) {
  if (table->ht_ops->hop_rec_free != nullptr) table->ht_ops->hop_rec_free(table, link);
}

void insert_in(d_hash_table* table, uint32_t bucket, d_list_t* link) {
  if (!has(table, D_HASH_FT_EPHEMERAL)) addref(table, link);
  d_list_add(link, &table->ht_buckets[bucket].hb_head);
}

// Takes a linked record out and drops the table's reference. True: it is to be freed, once the lock is given back.
bool remove_linked(d_hash_table* table, d_list_t* link) {
  d_list_del_init(link);
  return !has(table, D_HASH_FT_EPHEMERAL) && decref(table, link);
}

// What becomes of a record whose last reference was dropped. True: it is to be freed.
bool last_reference_dropped(d_hash_table* table, d_list_t* link) {
  if (has(table, D_HASH_FT_EPHEMERAL) && !d_list_empty(link)) d_list_del_init(link);
  return d_list_empty(link);
}

Access for_dropping(const d_hash_table* table) {
  return has(table, D_HASH_FT_EPHEMERAL) ? Access::kWrite : Access::kRead;
}

}  // namespace

int d_hash_table_create_inplace(uint32_t feats, uint32_t bits, void* priv, d_hash_table_ops_t* hops,
                                struct d_hash_table* htable) {
  if (htable == nullptr || hops == nullptr || hops->hop_key_cmp == nullptr || bits > kBitsMax) return -DER_INVAL;
  *htable = {};
  htable->ht_bits = bits;
  htable->ht_feats = feats;
  htable->ht_priv = priv;
  htable->ht_ops = hops;
  const uint32_t count = bucket_count(htable);
  htable->ht_buckets = static_cast<d_hash_bucket_t*>(std::calloc(count, sizeof(d_hash_bucket_t)));
  if (htable->ht_buckets == nullptr) return -DER_NOMEM;
  for (uint32_t i = 0; i < count; i++) D_INIT_LIST_HEAD(&htable->ht_buckets[i].hb_head);
  if (has(htable, D_HASH_FT_NOLOCK)) return 0;

  // The table's own lock is there with locks per bucket too: it serialises hop_key_init.
  int rc = init_lock(feats, &htable->ht_lock);
  if (rc == 0 && !has(htable, D_HASH_FT_GLOCK) && hops->hop_rec_hash != nullptr) {
    htable->ht_locks = static_cast<d_hash_lock*>(std::calloc(count, sizeof(d_hash_lock)));
    if (htable->ht_locks == nullptr) rc = -DER_NOMEM;
    uint32_t made = 0;
    while (rc == 0 && made < count) {
      rc = init_lock(feats, &htable->ht_locks[made]);
      if (rc == 0) made++;
    }
    if (rc != 0) {
      while (made > 0) destroy_lock(feats, &htable->ht_locks[--made]);
      std::free(htable->ht_locks);
      destroy_lock(feats, &htable->ht_lock);
    }
  }
  if (rc != 0) std::free(htable->ht_buckets);
  return rc;
}

int d_hash_table_create(uint32_t feats, uint32_t bits, void* priv, d_hash_table_ops_t* hops,
                        struct d_hash_table** htable) {
  if (htable == nullptr) return -DER_INVAL;
  auto* table = static_cast<d_hash_table*>(std::calloc(1, sizeof(d_hash_table)));
  if (table == nullptr) return -DER_NOMEM;
  const int rc = d_hash_table_create_inplace(feats, bits, priv, hops, table);
  if (rc != 0) {
    std::free(table);
  } else {
    *htable = table;
  }
  return rc;
}

int d_hash_table_traverse(struct d_hash_table* htable, d_hash_traverse_cb_t cb, void* arg) {
  if (htable == nullptr || cb == nullptr || htable->ht_buckets == nullptr) return -DER_INVAL;
  for (uint32_t i = 0; i < bucket_count(htable); i++) {
    const Locked locked(htable, i, Access::kRead);
    d_list_t* link;
    d_list_t* next;
    d_list_for_each_safe(link, next, &htable->ht_buckets[i].hb_head) {
      const int rc = cb(link, arg);
      if (rc != 0) return rc;
    }
  }
  return 0;
}

int d_hash_table_destroy_inplace(struct d_hash_table* htable, bool force) {
  if (htable == nullptr || htable->ht_buckets == nullptr) return -DER_INVAL;
  while (d_list_t* link = d_hash_rec_first(htable)) {
    if (!force) return -DER_BUSY;
    d_hash_rec_delete_at(htable, link);
  }
  if (!has(htable, D_HASH_FT_NOLOCK)) {
    for (uint32_t i = 0; !one_lock(htable) && i < bucket_count(htable); i++) {
      destroy_lock(htable->ht_feats, &htable->ht_locks[i]);
    }
    destroy_lock(htable->ht_feats, &htable->ht_lock);
  }
  std::free(htable->ht_locks);
  std::free(htable->ht_buckets);
  *htable = {};
  return 0;
}

int d_hash_table_destroy(struct d_hash_table* htable, bool force) {
  const int rc = d_hash_table_destroy_inplace(htable, force);
  if (rc == 0) std::free(htable);
  return rc;
}

d_list_t* d_hash_rec_find(struct d_hash_table* htable, const void* key, unsigned int ksize) {
  const uint32_t bucket = bucket_of_key(htable, key, ksize);
  const bool lru = has(htable, D_HASH_FT_LRU);
  const Locked locked(htable, bucket, lru ? Access::kWrite : Access::kRead);
  d_list_t* link = find_in(htable, bucket, key, ksize);
  if (link == nullptr) return nullptr;
  addref(htable, link);
  if (lru) d_list_move(link, &htable->ht_buckets[bucket].hb_head);
  return link;
}

d_list_t* d_hash_rec_find_insert(struct d_hash_table* htable, const void* key, unsigned int ksize, d_list_t* link) {
  const uint32_t bucket = bucket_of_key(htable, key, ksize);
  const Locked locked(htable, bucket, Access::kWrite);
  d_list_t* there = find_in(htable, bucket, key, ksize);
  if (there == nullptr) {
    insert_in(htable, bucket, link);
    return link;
  }
  addref(htable, there);
  if (has(htable, D_HASH_FT_LRU)) d_list_move(there, &htable->ht_buckets[bucket].hb_head);
  return there;
}

int d_hash_rec_insert(struct d_hash_table* htable, const void* key, unsigned int ksize, d_list_t* link,
                      bool exclusive) {
  if (key == nullptr || ksize == 0) return -DER_INVAL;
  const uint32_t bucket = bucket_of_key(htable, key, ksize);
  const Locked locked(htable, bucket, Access::kWrite);
  if (exclusive && find_in(htable, bucket, key, ksize) != nullptr) return -DER_EXIST;
  insert_in(htable, bucket, link);
  return 0;
}

int d_hash_rec_insert_anonym(struct d_hash_table* htable, d_list_t* link, void* arg) {
  if (htable->ht_ops->hop_key_init == nullptr || htable->ht_ops->hop_rec_hash == nullptr) return -DER_INVAL;
  if (has(htable, D_HASH_FT_NO_KEYINIT_LOCK)) {
    htable->ht_ops->hop_key_init(htable, link, arg);
  } else {
    const Locked locked(htable, &htable->ht_lock, Access::kWrite);
    htable->ht_ops->hop_key_init(htable, link, arg);
  }
  const uint32_t bucket = bucket_of_record(htable, link);
  const Locked locked(htable, bucket, Access::kWrite);
  insert_in(htable, bucket, link);
  return 0;
}

bool d_hash_rec_delete(struct d_hash_table* htable, const void* key, unsigned int ksize) {
  const uint32_t bucket = bucket_of_key(htable, key, ksize);
  d_list_t* link;
  bool to_free = false;
  {
    const Locked locked(htable, bucket, Access::kWrite);
    link = find_in(htable, bucket, key, ksize);
    if (link != nullptr) to_free = remove_linked(htable, link);
  }
  if (to_free) free_record(htable, link);
  return link != nullptr;
}

bool d_hash_rec_delete_at(struct d_hash_table* htable, d_list_t* link) {
  bool was_there;
  bool to_free = false;
  {
    const Locked locked(htable, bucket_of_record(htable, link), Access::kWrite);
    was_there = !d_list_empty(link);
    if (was_there) to_free = remove_linked(htable, link);
  }
  if (to_free) free_record(htable, link);
  return was_there;
}

bool d_hash_rec_evict(struct d_hash_table* htable, const void* key, unsigned int ksize) {
  if (!has(htable, D_HASH_FT_LRU)) return false;
  const uint32_t bucket = bucket_of_key(htable, key, ksize);
  const Locked locked(htable, bucket, Access::kWrite);
  d_list_t* link = find_in(htable, bucket, key, ksize);
  if (link != nullptr) d_list_move_tail(link, &htable->ht_buckets[bucket].hb_head);
  return link != nullptr;
}

bool d_hash_rec_evict_at(struct d_hash_table* htable, d_list_t* link) {
  if (!has(htable, D_HASH_FT_LRU) || htable->ht_ops->hop_rec_hash == nullptr) return false;
  const uint32_t bucket = bucket_of_record(htable, link);
  const Locked locked(htable, bucket, Access::kWrite);
  if (d_list_empty(link)) return false;
  d_list_move_tail(link, &htable->ht_buckets[bucket].hb_head);
  return true;
}

void d_hash_rec_addref(struct d_hash_table* htable, d_list_t* link) {
  const Locked locked(htable, bucket_of_record(htable, link), Access::kRead);
  addref(htable, link);
}

void d_hash_rec_decref(struct d_hash_table* htable, d_list_t* link) {
  bool to_free = false;
  {
    const Locked locked(htable, bucket_of_record(htable, link), for_dropping(htable));
    if (decref(htable, link)) to_free = last_reference_dropped(htable, link);
  }
  if (to_free) free_record(htable, link);
}

int d_hash_rec_ndecref(struct d_hash_table* htable, int count, d_list_t* link) {
  int rc = 0;
  bool to_free = false;
  {
    const Locked locked(htable, bucket_of_record(htable, link), for_dropping(htable));
    if (htable->ht_ops->hop_rec_ndecref != nullptr) {
      rc = htable->ht_ops->hop_rec_ndecref(htable, link, count);
    } else {
      for (; count > 0 && rc == 0; count--) rc = decref(htable, link) ? 1 : 0;
      if (count > 0) rc = -DER_INVAL;  // the last reference went before all were dropped
    }
    if (rc > 0) to_free = last_reference_dropped(htable, link);
  }
  if (to_free) free_record(htable, link);
  return rc < 0 ? rc : 0;
}

bool d_hash_rec_unlinked(d_list_t* link) { return d_list_empty(link); }

d_list_t* d_hash_rec_first(struct d_hash_table* htable) {
  if (htable == nullptr || htable->ht_buckets == nullptr) return nullptr;
  for (uint32_t i = 0; i < bucket_count(htable); i++) {
    const Locked locked(htable, i, Access::kRead);
    d_list_t* head = &htable->ht_buckets[i].hb_head;
    if (!d_list_empty(head)) return head->next;
  }
  return nullptr;
}
