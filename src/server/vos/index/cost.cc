// What a record would take, before it is applied. An upper bound: a node of a tree may have to be split for it.
#include "server/vos/index/boundary.h"
#include "server/vos/index/impl.h"

namespace daos::vos {
namespace {

// Of absl's trees: the target size, and children where it is an inner node.
constexpr uint64_t kTreeNode = chunk_bytes(256 + 16);
// A split makes at most one node per level and a new root; a tree of 2^48 keys has no more levels than this.
constexpr uint64_t kTreeSplit = 12 * chunk_bytes(512);
constexpr uint64_t kOneNode = 16;  // so few pointers are in one node, which grows or is divided once

uint64_t object_cost(const ObjectNode* object) {
  return object != nullptr ? 0 : chunk_bytes(sizeof(ContainerNode)) + chunk_bytes(sizeof(ObjectNode)) + 2 * kTreeSplit;
}
uint64_t dkey_cost(const ObjectNode* object, const DkeyNode* dkey, size_t key_bytes, size_t akey_bytes) {
  if (dkey != nullptr) return 0;
  return chunk_bytes(sizeof(DkeyNode) + key_bytes + akey_bytes) +
         (object == nullptr ? DkeyTree::first_cost() : object->dkeys.insert_cost());
}
uint64_t akey_cost(const DkeyNode* dkey, const AkeyNode* akey, size_t key_bytes) {
  if (akey != nullptr) return 0;
  const AkeyTree* tree = dkey == nullptr ? nullptr : dkey->akeys;
  return chunk_bytes(sizeof(AkeyNode) + key_bytes) + chunk_bytes(sizeof(AkeyTree)) + AkeyTree::first_cost() +
         (tree == nullptr ? AkeyTree().insert_cost() : tree->insert_cost());
}
uint64_t marker_cost(const Markers* markers) {
  return chunk_bytes(sizeof(Markers::List)) +
         chunk_bytes((2 * (markers == nullptr ? 0 : markers->size()) + 1) * sizeof(Marker));
}

/// Of reclaim's queue: every level may get a job.
uint64_t job_cost(const ObjectNode* object, uint64_t jobs) {
  return object == nullptr ? JobQueue().push_cost(jobs) : object->container->jobs.push_cost(jobs);
}
/// A value that is no longer the newest.
uint64_t older_cost(const AkeyNode* akey) {
  if (akey == nullptr || akey->single == nullptr) return 0;
  if (akey->rest() == nullptr && akey->older() == nullptr) return 0;
  const uint64_t others = akey->rest() == nullptr ? 1 : akey->rest()->history.size();
  return chunk_bytes(sizeof(AkeyRest)) + (others < kOneNode ? 2 * kTreeNode : kTreeSplit);
}

/// In the tree of runs. More than one seldom splits more than its leaf and what is above that.
uint64_t runs_cost(uint64_t runs) { return runs == 0 ? 0 : kTreeSplit + (runs - 1) * 4 * kTreeNode; }

/// Pieces that the new ones would cut or end: each may become three.
uint64_t extent_cost(const Array* array, const Extent& extent) {
  if (array == nullptr) return 2 * sizeof(Piece) + kTreeSplit;
  const uint64_t pieces = array->count_in(extent.start, extent.end());
  return (3 * pieces + 2) * (sizeof(Piece) + sizeof(Array::Current) + sizeof(uint64_t)) + 2 * kTreeSplit +
         pieces / 2 * kTreeNode;
}

}  // namespace

uint64_t Index::cost_of(const UpdateRecord& record) const {
  const ByteSpan first = record.values.empty() ? ByteSpan() : record.values.front().akey.bytes();
  const Impl::Found at =
      impl_->find({.container = record.container, .object = record.object, .dkey = record.dkey.bytes(), .akey = {}});
  uint64_t cost = object_cost(at.object) + dkey_cost(at.object, at.dkey, record.dkey.size(), first.size()) +
                  job_cost(at.object, record.values.size());
  for (const AkeyValue& value : record.values) {
    const AkeyNode* akey = at.dkey == nullptr ? nullptr : Impl::find_akey(*at.object, *at.dkey, value.akey.bytes());
    const bool first_of_new = at.dkey == nullptr && &value == &record.values.front();
    if (!first_of_new) cost += akey_cost(at.dkey, akey, value.akey.size());
    Blob::Content content{.record_bytes = value.record_bytes};
    content.bytes = value.value.bytes();
    if (value.checksums.type != 0) content.checksums = &value.checksums;
    if (value.kind == ValueKind::kSingle) {
      content.stored = value.stored;
      cost += Blob::cost_of(content) + runs_cost(value.stored.size()) + older_cost(akey);
      continue;
    }
    const Array* array = akey == nullptr ? nullptr : akey->array();
    cost += chunk_bytes(sizeof(AkeyRest));
    cost += chunk_bytes(sizeof(Array)) +
            2 * chunk_bytes((array == nullptr ? 1 : 2 * array->births.size() + 1) * sizeof(Version));
    for (Impl::ValueCursor at{.value = value}; at.index < value.extents.size(); at.advance()) {
      const Extent& extent = value.extents[at.index];
      const Checksums checksums = value.checksums.type == 0 ? Checksums() : at.own_checksums();
      content.checksums = &checksums;
      content.written = &extent;
      content.bytes = value.value.bytes().first(value.value.empty() ? 0 : extent.count * value.record_bytes);
      content.stored = at.own_runs();
      cost += Blob::cost_of(content) + extent_cost(array, extent) + runs_cost(content.stored.size());
    }
  }
  return cost;
}

uint64_t Index::cost_of(const PunchRecord& record) const {
  const Impl::Found at =
      impl_->find({.container = record.container, .object = record.object, .dkey = record.dkey.bytes(), .akey = {}});
  uint64_t cost = object_cost(at.object) + job_cost(at.object, record.akeys.size() + 1);
  if (record.level == PunchLevel::kObject)
    return cost + marker_cost(at.object == nullptr ? nullptr : &at.object->markers);
  const size_t first = record.level == PunchLevel::kAkey && !record.akeys.empty() ? record.akeys.front().size() : 0;
  cost += dkey_cost(at.object, at.dkey, record.dkey.size(), first);
  if (record.level == PunchLevel::kDkey) return cost + marker_cost(at.dkey == nullptr ? nullptr : &at.dkey->markers);
  for (const IoBuf& key : record.akeys) {
    const AkeyNode* akey = at.dkey == nullptr ? nullptr : Impl::find_akey(*at.object, *at.dkey, key.bytes());
    cost += akey_cost(at.dkey, akey, key.size()) + chunk_bytes(sizeof(AkeyRest)) + kTreeSplit;
    cost += marker_cost(akey == nullptr ? nullptr : akey->markers());
  }
  return cost;
}

uint64_t Index::cost_of(const PreparedRecord& record) const {
  uint64_t cost = 0;
  bool runs = false;
  const auto add = [&](size_t boundary_bytes, Prepared::Kind kind) { cost += Prepared::cost_of(boundary_bytes, kind); };
  const auto add_value = [&](size_t akey_bytes, const AkeyValue& value) {
    for (Impl::ValueCursor at{.value = value};; at.advance()) {
      const bool single = value.kind == ValueKind::kSingle;
      if (!single && at.index == value.extents.size()) return;
      const Checksums checksums = value.checksums.type == 0 ? Checksums() : at.own_checksums();
      Blob::Content content{.record_bytes = value.record_bytes, .checksums = &checksums};
      if (!single) content.written = &value.extents[at.index];
      const uint64_t records = single ? 1 : content.written->count;
      content.bytes = value.value.bytes().first(value.value.empty() ? 0 : records * value.record_bytes);
      content.stored = at.own_runs();
      cost += content.stored.size() * (kTreeNode / kOneNode);
      runs |= !content.stored.empty();
      cost += Blob::cost_of(content);
      add(version_boundary({}, {}).size() + akey_bytes, single ? Prepared::Kind::kValue : Prepared::Kind::kExtent);
      if (single) return;
    }
  };
  for (const Modification& modification : record.modifications) {
    if (const auto* update = std::get_if<UpdateRecord>(&modification.what)) {
      for (const AkeyValue& value : update->values) {
        add_value(akey_boundary(update->container, update->object, update->dkey.bytes(), value.akey.bytes()).size(),
                  value);
      }
      continue;
    }
    const auto& punch = std::get<PunchRecord>(modification.what);
    const size_t above = dkey_boundary(punch.container, punch.object, punch.dkey.bytes()).size();
    if (punch.level != PunchLevel::kAkey) add(above, Prepared::Kind::kPunch);
    for (const IoBuf& akey : punch.akeys) {
      add(akey_boundary(punch.container, punch.object, punch.dkey.bytes(), akey.bytes()).size(),
          Prepared::Kind::kPunch);
    }
  }
  return cost + (runs ? kTreeSplit : 0);
}

}  // namespace daos::vos
