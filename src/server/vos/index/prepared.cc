#include "server/vos/index/prepared.h"

#include <algorithm>

#include "platform/base/check.h"
#include "server/vos/index/boundary.h"
#include "server/vos/index/nodes.h"

namespace daos::vos {
namespace {

constexpr uint64_t kMapNode = 32;      // of the library's trees, before the value
constexpr uint64_t kTreeGrowth = 128;  // places in the trees of keys, which grow by halves of leaves
constexpr uint64_t kPieces = 3 * (sizeof(Piece) + sizeof(Array::Current) + sizeof(uint64_t));

uint64_t boundary_cost(size_t bytes) { return chunk_bytes(bytes + 1); }  // longer than what a string holds in itself

uint64_t reserve_of(size_t boundary_bytes, Prepared::Kind kind) {
  const uint64_t nodes = chunk_bytes(sizeof(ObjectNode)) + chunk_bytes(sizeof(DkeyNode) + boundary_bytes) +
                         chunk_bytes(sizeof(AkeyRest)) + kTreeGrowth + 2 * sizeof(Job);
  switch (kind) {
    case Prepared::Kind::kValue:
      return nodes + 2 * sizeof(Blob*);
    case Prepared::Kind::kExtent:
      return nodes + chunk_bytes(sizeof(Array)) + kPieces;
    case Prepared::Kind::kPunch:
      return nodes + chunk_bytes(sizeof(Markers::List)) + chunk_bytes(2 * sizeof(Marker));
  }
  return nodes;
}

}  // namespace

Prepared::Prepared(Store& store)
    : store_(store),
      entries_(Counted<std::pair<const std::string, Entry>>(store.memory)),
      transactions_(Counted<std::pair<const OpId, Parts>>(store.memory)),
      epochs_(Counted<std::pair<const uint64_t, uint64_t>>(store.memory)) {}

Prepared::~Prepared() {
  for (auto& [boundary, entry] : entries_) {
    store_.memory.used -= boundary_cost(boundary.size());
    if (entry.blob != nullptr) Blob::release(store_, entry.blob);
  }
  size_t budget = SIZE_MAX;
  free_some(budget);
}

uint64_t Prepared::cost_of(size_t boundary_bytes, Kind kind) {
  // A transaction's first entry brings its own nodes of the two other maps; what a vector has to spare is at most once
  // more what is in it, and stands beside its old self while it grows.
  const uint64_t links = chunk_bytes(kMapNode + sizeof(OpId) + sizeof(Parts)) + 2 * chunk_bytes(kMapNode) +
                         chunk_bytes(3 * sizeof(Iterator));
  return chunk_bytes(kMapNode + sizeof(Entries::value_type)) + boundary_cost(boundary_bytes) + links +
         reserve_of(boundary_bytes, kind);
}

void Prepared::add(std::string_view boundary, const Entry& entry) {
  // A copy, so that it takes no more than its bytes.
  const Iterator place = entries_.emplace(std::string(boundary), entry);
  store_.memory.used += boundary_cost(boundary.size());
  reserved_ += reserve_of(boundary.size(), entry.kind);
  epochs_[entry.version.epoch]++;
  transactions_.try_emplace(entry.transaction, Counted<Iterator>(store_.memory)).first->second.push_back(place);
}

Prepared::Entries::node_type Prepared::extract(Iterator entry) {
  reserved_ -= reserve_of(entry->first.size(), entry->second.kind);
  const auto of_epoch = epochs_.find(entry->second.version.epoch);
  if (--of_epoch->second == 0) epochs_.erase(of_epoch);
  return entries_.extract(entry);
}

std::vector<Prepared::Entries::node_type> Prepared::take(const OpId& id) {
  std::vector<Entries::node_type> taken;
  const auto found = transactions_.find(id);
  if (found == transactions_.end()) return taken;
  Parts& parts = found->second;
  // Parts of one extent have one order, and do not meet.
  std::sort(parts.begin(), parts.end(), [](Iterator a, Iterator b) {
    return std::pair(a->second.order, a->second.start) < std::pair(b->second.order, b->second.start);
  });
  taken.reserve(parts.size());
  for (const Iterator entry : parts) taken.push_back(extract(entry));
  transactions_.erase(found);
  return taken;
}

void Prepared::forget(Entries::node_type& taken) {
  store_.memory.used -= boundary_cost(taken.key().size());
  if (Blob* blob = taken.mapped().blob) Blob::release(store_, blob);
  taken = {};
}

void Prepared::drop(const OpId& id, uint64_t before_epoch) {
  const auto found = transactions_.find(id);
  if (found == transactions_.end()) return;
  std::erase_if(found->second, [&](Iterator entry) {
    if (entry->second.version.epoch >= before_epoch) return false;
    dropped_.push_back(extract(entry));
    return true;
  });
  if (found->second.empty()) transactions_.erase(found);
}

void Prepared::drop_container(const Uuid& container) {
  const std::string_view prefix(reinterpret_cast<const char*>(container.bytes.data()), container.bytes.size());
  const auto first = entries_.lower_bound(prefix);
  if (first == entries_.end() || !first->first.starts_with(prefix)) return;
  for (auto transaction = transactions_.begin(); transaction != transactions_.end();) {
    std::erase_if(transaction->second, [&](Iterator entry) {
      if (!entry->first.starts_with(prefix)) return false;
      dropped_.push_back(extract(entry));
      return true;
    });
    transaction = transaction->second.empty() ? transactions_.erase(transaction) : std::next(transaction);
  }
}

bool Prepared::free_some(size_t& budget) {
  while (!dropped_.empty()) {
    if (budget == 0) return false;
    budget--;
    forget(dropped_.back());
    dropped_.pop_back();
  }
  return true;
}

void Prepared::split(const std::string& boundary) {
  const std::optional<Place> cut = place_of(boundary);
  if (!cut || cut->level != Place::Level::kExtent) return;
  const std::string akey = akey_boundary(cut->container, cut->object, as_bytes(cut->dkey), as_bytes(cut->akey));
  std::vector<Entry> behind;
  const Iterator end = entries_.lower_bound(boundary);
  for (Iterator at = entries_.lower_bound(extent_boundary(akey, 0)); at != end; ++at) {
    if (at->second.end <= cut->start) continue;
    behind.push_back(at->second);
    behind.back().start = cut->start;
    at->second.end = cut->start;
    at->second.blob->share();
  }
  for (const Entry& entry : behind) add(boundary, entry);
}

std::optional<uint64_t> Prepared::oldest_below(const std::string& boundary) const {
  if (entries_.empty()) return {};
  const auto first = entries_.lower_bound(boundary);
  if (first == entries_.end() || !first->first.starts_with(boundary)) return {};
  return epochs_.begin()->first;
}

}  // namespace daos::vos
