// What transactions of several targets have prepared here: what they will write and punch if they are committed. It
// stands beside the tree of nodes, in the same order, and not in it: so nobody who reads meets it, reclaim has nothing
// to spare, keys that have nothing else do not exist, and while nothing is prepared nobody pays more than a look at
// whether this is empty.
//
// An entry stands at the boundary of the bucket item that it becomes when it is committed: a value at its version, a
// part of an extent at its start, a punch at its level. So an entry and what becomes of it are always in one bucket.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "server/vos/index/blob.h"
#include "server/vos/records/transaction_records.h"

namespace daos::vos {

class Prepared {
 public:
  enum class Kind : uint8_t { kValue = 1, kExtent = 2, kPunch = 3 };  // as it is stored (items.h)
  struct Entry {
    OpId transaction;
    uint32_t order = 0;  // within it: of what names an akey twice in one modification the later one counts
    Kind kind = Kind::kPunch;
    Version version;
    Blob* blob = nullptr;         // one reference; null: a punch
    uint64_t start = 0, end = 0;  // of kExtent
  };
  using Entries = std::multimap<std::string, Entry, std::less<>, Counted<std::pair<const std::string, Entry>>>;
  using Iterator = Entries::iterator;

  explicit Prepared(Store& store);
  Prepared(const Prepared&) = delete;
  Prepared& operator=(const Prepared&) = delete;
  ~Prepared();

  bool empty() const { return entries_.empty(); }
  size_t size() const { return entries_.size(); }
  const Entries& entries() const { return entries_; }
  size_t transactions() const { return transactions_.size(); }
  /// Takes over the entry's reference.
  void add(std::string_view boundary, const Entry& entry);
  /// Everything of a transaction, in its own order, out of here. Whoever gets it calls forget() for each.
  std::vector<Entries::node_type> take(const OpId& id);
  void forget(Entries::node_type& taken);
  /// Nobody sees these any more; their memory comes back by free_some(), true when nothing is left.
  void drop(const OpId& id, uint64_t before_epoch = ~0ull);
  void drop_container(const Uuid& container);
  bool free_some(size_t& budget);
  bool has_dropped() const { return !dropped_.empty(); }

  /// No part of an extent crosses `boundary` afterwards.
  void split(const std::string& boundary);
  /// The oldest epoch that anything here is of, if something stands at or below `boundary`; else nothing.
  std::optional<uint64_t> oldest_below(const std::string& boundary) const;

  /// What an entry takes beside its blob, now and, more or less, in the tree once it is committed.
  static uint64_t cost_of(size_t boundary_bytes, Kind kind);
  /// The second part of that, of all entries: a decision is never refused for want of room.
  uint64_t reserved() const { return reserved_; }

 private:
  using Parts = std::vector<Iterator, Counted<Iterator>>;  // of one transaction
  Entries::node_type extract(Iterator entry);

  Store& store_;
  Entries entries_;
  std::map<OpId, Parts, std::less<>, Counted<std::pair<const OpId, Parts>>> transactions_;
  std::map<uint64_t, uint64_t, std::less<>, Counted<std::pair<const uint64_t, uint64_t>>> epochs_;  // of how many
  std::vector<Entries::node_type> dropped_;
  uint64_t reserved_ = 0;
};

}  // namespace daos::vos
