// Tables of every kind of lock and feature against a plain map, and the life of references.
#include <gtest/gtest.h>
#include <gurt/hash.h>

#include <atomic>
#include <map>
#include <thread>
#include <vector>

#include "platform/base/hash.h"

namespace {

struct Record {
  d_list_t link;
  int key = 0;
  std::atomic<int> references{0};
  std::atomic<int> frees{0};

  explicit Record(int k = 0) : key(k) { D_INIT_LIST_HEAD(&link); }
  Record(const Record&) = delete;
};
Record* of(d_list_t* link) { return d_list_entry(link, Record, link); }

bool key_cmp(d_hash_table*, d_list_t* link, const void* key, unsigned int ksize) {
  return ksize == sizeof(int) && of(link)->key == *static_cast<const int*>(key);
}
void key_init(d_hash_table*, d_list_t* link, void* arg) { of(link)->key = (*static_cast<int*>(arg))++; }
uint32_t key_hash(d_hash_table*, const void* key, unsigned int) {
  return static_cast<uint32_t>(daos::mix64(static_cast<uint64_t>(*static_cast<const int*>(key))));
}
uint32_t rec_hash(d_hash_table* table, d_list_t* link) { return key_hash(table, &of(link)->key, sizeof(int)); }
void addref(d_hash_table*, d_list_t* link) { of(link)->references++; }
bool decref(d_hash_table*, d_list_t* link) { return --of(link)->references == 0; }
int ndecref(d_hash_table*, d_list_t* link, int count) {
  if (of(link)->references < count) return -DER_INVAL;
  return (of(link)->references -= count) == 0 ? 1 : 0;
}
void rec_free(d_hash_table*, d_list_t* link) { of(link)->frees++; }

d_hash_table_ops_t full_ops() { return {key_cmp, key_init, key_hash, rec_hash, addref, decref, ndecref, rec_free}; }

class Table {
 public:
  explicit Table(uint32_t feats, uint32_t bits = 4, d_hash_table_ops_t ops = full_ops()) : ops_(ops) {
    EXPECT_EQ(d_hash_table_create(feats, bits, this, &ops_, &table_), 0);
  }
  ~Table() { EXPECT_EQ(d_hash_table_destroy(table_, true), 0); }
  operator d_hash_table*() { return table_; }  // NOLINT(google-explicit-constructor)

 private:
  d_hash_table_ops_t ops_;
  d_hash_table* table_ = nullptr;
};

int insert(d_hash_table* table, Record* record, bool exclusive = true) {
  return d_hash_rec_insert(table, &record->key, sizeof(int), &record->link, exclusive);
}
Record* find(d_hash_table* table, int key) {
  d_list_t* link = d_hash_rec_find(table, &key, sizeof key);
  return link != nullptr ? of(link) : nullptr;
}
bool erase(d_hash_table* table, int key) { return d_hash_rec_delete(table, &key, sizeof key); }

class HashTable : public ::testing::TestWithParam<uint32_t> {};
INSTANTIATE_TEST_SUITE_P(Locks, HashTable,
                         ::testing::Values(0u, D_HASH_FT_NOLOCK, D_HASH_FT_MUTEX, D_HASH_FT_RWLOCK, D_HASH_FT_GLOCK,
                                           D_HASH_FT_LRU, D_HASH_FT_MUTEX | D_HASH_FT_GLOCK,
                                           D_HASH_FT_RWLOCK | D_HASH_FT_LRU));

TEST_P(HashTable, BehavesLikeAMap) {
  std::vector<Record> records(100);
  for (int i = 0; i < 100; i++) records[static_cast<size_t>(i)].key = i;
  Table table(GetParam());
  std::map<int, Record*> model;
  uint64_t state = 42;
  for (int step = 0; step < 5000; step++) {
    state = daos::mix64(state + 0x9e3779b97f4a7c15ULL);
    const int key = static_cast<int>(state % 100);
    switch (state / 100 % 3) {
      case 0: {
        Record& record = records[static_cast<size_t>(key)];
        EXPECT_EQ(insert(table, &record), model.contains(key) ? -DER_EXIST : 0);
        model[key] = &record;
        break;
      }
      case 1:
        EXPECT_EQ(erase(table, key), model.erase(key) == 1);
        break;
      default: {
        Record* found = find(table, key);
        ASSERT_EQ(found, model.contains(key) ? model[key] : nullptr);
        if (found != nullptr) d_hash_rec_decref(table, &found->link);
      }
    }
  }
  size_t seen = 0;
  EXPECT_EQ(d_hash_table_traverse(
                table,
                [](d_list_t*, void* arg) {
                  ++*static_cast<size_t*>(arg);
                  return 0;
                },
                &seen),
            0);
  EXPECT_EQ(seen, model.size());
  for (const Record& record : records) EXPECT_EQ(record.references, model.contains(record.key) ? 1 : 0);
}

TEST(HashTableReferences, TheLastOneFrees) {
  Record record(1);
  Table table(0);
  ASSERT_EQ(insert(table, &record), 0);
  EXPECT_EQ(record.references, 1);
  ASSERT_EQ(find(table, 1), &record);
  EXPECT_EQ(record.references, 2);
  EXPECT_TRUE(erase(table, 1));
  EXPECT_EQ(record.frees, 0);  // we still hold it
  EXPECT_TRUE(d_hash_rec_unlinked(&record.link));
  d_hash_rec_decref(table, &record.link);
  EXPECT_EQ(record.frees, 1);
  EXPECT_FALSE(erase(table, 1));
  EXPECT_FALSE(d_hash_rec_delete_at(table, &record.link));
}

TEST(HashTableReferences, AnEphemeralRecordLeavesWithItsLastReference) {
  Record record(1);
  Table table(D_HASH_FT_EPHEMERAL);
  record.references = 1;  // the caller's own
  ASSERT_EQ(insert(table, &record), 0);
  EXPECT_EQ(record.references, 1);
  ASSERT_EQ(find(table, 1), &record);
  d_hash_rec_decref(table, &record.link);
  EXPECT_EQ(record.frees, 0);
  d_hash_rec_decref(table, &record.link);
  EXPECT_EQ(record.frees, 1);
  EXPECT_EQ(find(table, 1), nullptr);
}

TEST(HashTableReferences, SeveralAreDroppedAtOnce) {
  for (const bool with_op : {true, false}) {
    d_hash_table_ops_t ops = full_ops();
    if (!with_op) ops.hop_rec_ndecref = nullptr;
    Record record(1);
    Table table(0, 4, ops);
    ASSERT_EQ(insert(table, &record), 0);
    d_hash_rec_addref(table, &record.link);
    d_hash_rec_addref(table, &record.link);
    EXPECT_EQ(d_hash_rec_ndecref(table, 2, &record.link), 0);
    EXPECT_EQ(record.references, 1);
    EXPECT_TRUE(erase(table, 1));
    EXPECT_EQ(record.frees, 1);
  }
}

TEST(HashTableCalls, FindInsertGivesTheOneThatIsThere) {
  Record first(1);
  Record second(1);
  Table table(0);
  EXPECT_EQ(d_hash_rec_find_insert(table, &first.key, sizeof(int), &first.link), &first.link);
  EXPECT_EQ(first.references, 1);
  EXPECT_EQ(d_hash_rec_find_insert(table, &second.key, sizeof(int), &second.link), &first.link);
  EXPECT_EQ(first.references, 2);
  EXPECT_TRUE(d_hash_rec_unlinked(&second.link));
  d_hash_rec_decref(table, &first.link);
}

TEST(HashTableCalls, AnonymousRecordsGetTheirKey) {
  for (const uint32_t feats : {0u, static_cast<uint32_t>(D_HASH_FT_NO_KEYINIT_LOCK)}) {
    Record record;
    int next = 41;
    Table table(feats);
    EXPECT_EQ(d_hash_rec_insert_anonym(table, &record.link, &next), 0);
    EXPECT_EQ(next, 42);
    EXPECT_EQ(find(table, 41), &record);
  }
  d_hash_table_ops_t ops = full_ops();
  ops.hop_key_init = nullptr;
  Record record;
  Table table(0, 4, ops);
  EXPECT_EQ(d_hash_rec_insert_anonym(table, &record.link, nullptr), -DER_INVAL);
}

TEST(HashTableCalls, OnlyTheComparisonIsMandatory) {
  d_hash_table_ops_t ops = {};
  d_hash_table* none = nullptr;
  EXPECT_EQ(d_hash_table_create(0, 4, nullptr, &ops, &none), -DER_INVAL);
  ops.hop_key_cmp = key_cmp;
  Record record(3);
  Table table(0, 4, ops);
  EXPECT_EQ(insert(table, &record), 0);
  EXPECT_EQ(find(table, 3), &record);
  EXPECT_TRUE(d_hash_rec_delete_at(table, &record.link));
  EXPECT_EQ(find(table, 3), nullptr);
}

TEST(HashTableCalls, LruMovesWithinTheBucket) {
  Record records[3] = {Record(1), Record(2), Record(3)};
  Table table(D_HASH_FT_LRU, 0);  // one bucket
  for (Record& record : records) ASSERT_EQ(insert(table, &record), 0);
  find(table, 1);
  EXPECT_EQ(d_hash_rec_first(table), &records[0].link);
  EXPECT_TRUE(d_hash_rec_evict_at(table, &records[0].link));
  EXPECT_NE(d_hash_rec_first(table), &records[0].link);
  const int key = 3;
  EXPECT_TRUE(d_hash_rec_evict(table, &key, sizeof key));
  Table plain(0);
  EXPECT_FALSE(d_hash_rec_evict(plain, &key, sizeof key));
}

TEST(HashTableCalls, ANonEmptyTableIsDestroyedByForceOnly) {
  d_hash_table_ops_t ops = full_ops();
  Record record(1);
  d_hash_table table;
  ASSERT_EQ(d_hash_table_create_inplace(0, 2, nullptr, &ops, &table), 0);
  ASSERT_EQ(insert(&table, &record), 0);
  EXPECT_EQ(d_hash_table_destroy_inplace(&table, false), -DER_BUSY);
  EXPECT_EQ(d_hash_table_destroy_inplace(&table, true), 0);
  EXPECT_EQ(record.frees, 1);
}

TEST(HashTableCalls, TraversalStopsAtTheFirstResult) {
  Record records[3] = {Record(1), Record(2), Record(3)};
  Table table(0);
  for (Record& record : records) ASSERT_EQ(insert(table, &record), 0);
  int left = 2;
  const int rc =
      d_hash_table_traverse(table, [](d_list_t*, void* arg) { return --*static_cast<int*>(arg) == 0 ? 77 : 0; }, &left);
  EXPECT_EQ(rc, 77);
  EXPECT_EQ(left, 0);
}

TEST(HashTableThreads, InsertFindAndDeleteAtTheSameTime) {
  for (const uint32_t feats : {0u, static_cast<uint32_t>(D_HASH_FT_MUTEX), static_cast<uint32_t>(D_HASH_FT_RWLOCK)}) {
    std::vector<Record> records(400);
    Table table(feats, 3);
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; t++) {
      threads.emplace_back([&, t] {
        for (int round = 0; round < 20; round++) {
          for (int i = t * 100; i < t * 100 + 100; i++) {
            Record& record = records[static_cast<size_t>(i)];
            record.key = i;
            EXPECT_EQ(insert(table, &record), 0);
            Record* other = find(table, (i + 100) % 400);
            if (other != nullptr) d_hash_rec_decref(table, &other->link);
            EXPECT_TRUE(erase(table, i));
            while (record.references != 0) std::this_thread::yield();
          }
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(d_hash_rec_first(table), nullptr);
  }
}

TEST(HashFunctions, KnownValues) {
  EXPECT_EQ(d_hash_string_u32("", 0), 5381u);
  EXPECT_EQ(d_hash_string_u32("a", 1), 5381u * 33 + 'a');
  EXPECT_EQ(d_hash_string_u32("ab", 2), (5381u * 33 + 'a') * 33 + 'b');
  const auto* text = reinterpret_cast<const unsigned char*>("hello world");
  EXPECT_EQ(d_hash_murmur64(text, 11, 5731), daos::murmur64(daos::as_bytes("hello world"), 5731));
  EXPECT_NE(d_hash_murmur64(text, 11, 5731), d_hash_murmur64(text, 10, 5731));
  EXPECT_NE(d_hash_mix64(1), d_hash_mix64(2));
  EXPECT_NE(d_hash_mix96(1, 2, 3), d_hash_mix96(3, 2, 1));
}

TEST(HashFunctions, RangesAndSearch) {
  for (uint64_t i = 0; i < 1000; i++) {
    EXPECT_LT(d_hash_jump(i, 7), 7u);
    EXPECT_LT(d_u64_hash(i, 5), 32u);
    EXPECT_LT(d_u32_hash(i, 5), 32u);
  }
  EXPECT_EQ(d_u64_hash(1234, 0), 0u);
  uint64_t hashes[] = {10, 20, 30};
  EXPECT_EQ(d_hash_srch_u64(hashes, 3, 5), 0u);
  EXPECT_EQ(d_hash_srch_u64(hashes, 3, 20), 1u);
  EXPECT_EQ(d_hash_srch_u64(hashes, 3, 29), 1u);
  EXPECT_EQ(d_hash_srch_u64(hashes, 3, 1000), 2u);
  EXPECT_EQ(d_power2_nbits(1), 0u);
  EXPECT_EQ(d_power2_nbits(5), 3u);
  EXPECT_EQ(d_power2_nbits(8), 3u);
  EXPECT_EQ(d_power2_nbits(9), 4u);
}

}  // namespace
