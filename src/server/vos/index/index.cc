// Applying updates, reading arrays, and the small answers.
#include "server/vos/index/index.h"

#include "model/stripe/chunks.h"
#include "server/vos/index/impl.h"

namespace daos::vos {

uint64_t Index::Impl::ValueCursor::checksum_bytes() const {
  const Checksums& all = value.checksums;
  if (all.type == 0 || value.record_bytes == 0) return 0;
  if (value.kind == ValueKind::kSingle) return all.values.size();
  const Extent& extent = value.extents[index];
  const stripe::Chunks chunks({.chunk_bytes = all.chunk}, value.record_bytes);
  return chunks.touched_by({.start = extent.start, .count = extent.count}) * all.length;
}
Checksums Index::Impl::ValueCursor::own_checksums() const {
  const Checksums& all = value.checksums;
  // Records of the time before checksums were checked on arrival may hold less than they should.
  const uint64_t from = std::min<uint64_t>(checksums, all.values.size());
  return {.type = all.type,
          .length = all.length,
          .chunk = all.chunk,
          .values = all.values.slice(from, std::min<uint64_t>(checksum_bytes(), all.values.size() - from))};
}
std::span<const TierAddress> Index::Impl::ValueCursor::own_runs() const {
  const std::span<const TierAddress> rest = std::span(value.stored).subspan(runs);
  if (value.kind == ValueKind::kSingle || rest.empty()) return rest;
  return rest.first(runs_for(rest, value.extents[index].count * value.record_bytes));
}
void Index::Impl::ValueCursor::advance() {
  runs += own_runs().size();
  bytes += value.extents[index].count * value.record_bytes;
  checksums += checksum_bytes();
  index++;
}

Index::Index() : impl_(std::make_unique<Impl>()) {}
Index::~Index() = default;

Blob* Index::Impl::make_blob(const ValueCursor& at, Version version, journal::Position position) {
  const AkeyValue& value = at.value;
  Blob::Content content{.version = version, .position = position, .record_bytes = value.record_bytes};
  if (value.kind == ValueKind::kSingle) {
    content.bytes = value.value.bytes();
  } else {
    content.written = &value.extents[at.index];
    if (!value.value.empty())
      content.bytes = value.value.bytes().subspan(at.bytes, content.written->count * value.record_bytes);
  }
  content.stored = at.own_runs();
  if (value.checksums.type == 0 || value.record_bytes == 0) return Blob::create(store, content);
  const Checksums checksums = at.own_checksums();
  content.checksums = &checksums;
  return Blob::create(store, content);
}

void Index::Impl::put_extent(ObjectNode& object, DkeyNode& dkey, AkeyNode& akey, Blob* blob, uint64_t start,
                             uint64_t end) {
  Array& extents = array(akey);
  const uint64_t due = blob->version().epoch;
  extents.insert(store, blob, start, end);
  if (!extents.past.empty() || extents.removals > 0) enqueue(object, dkey, akey, due);
}

void Index::Impl::note_write(ObjectNode& object, DkeyNode& dkey, Version version) {
  object.newest_epoch = std::max(object.newest_epoch, version.epoch);
  dkey.newest_epoch = std::max(dkey.newest_epoch, version.epoch);
  newest_epoch = std::max(newest_epoch, version.epoch);
  ContainerNode& container = *object.container;
  if (!container.progress.begun || container.jobs.front().object != &object) return;
  container.progress.oldest = std::min(container.progress.oldest, version);
}

void Index::apply(const UpdateRecord& record, journal::Position position) {
  const Version version{record.epoch, record.minor};
  if (record.values.empty()) return impl_->note_highest(record.container, record.object, record.epoch);
  ObjectNode& object = impl_->object(record.container, record.object);
  object.highest_epoch = std::max(object.highest_epoch, record.epoch);
  DkeyNode& dkey = impl_->dkey(object, record.dkey.bytes(), record.values.front().akey.bytes());
  impl_->note_write(object, dkey, version);
  for (const AkeyValue& value : record.values) {
    AkeyNode& akey = impl_->akey(object, dkey, value.akey.bytes());
    if (value.kind == ValueKind::kSingle) {
      impl_->put_single(object, dkey, akey, impl_->make_blob({.value = value}, version, position));
      continue;
    }
    impl_->array(akey).write(version, position, Impl::punches(object, dkey, akey));
    for (Impl::ValueCursor at{.value = value}; at.index < value.extents.size(); at.advance()) {
      const Extent& extent = value.extents[at.index];
      impl_->put_extent(object, dkey, akey, impl_->make_blob(at, version, position), extent.start, extent.end());
    }
  }
}

ArrayView Index::array(const KeyPath& path, Extent range, uint64_t epoch) const {
  epoch = std::min(epoch, kLatest - 1);
  ArrayView view;
  const Impl::Found found = impl_->find(path);
  if (found.akey == nullptr || found.akey->array() == nullptr) {
    const SingleView other = single(path, epoch);
    view.exists = other.exists;
    view.position = other.position;
    return view;
  }
  const Punches punches = found.punches();
  const Array& array = *found.akey->array();
  const Marker hiding = punches.hiding(last_of(epoch));
  view.position = hiding.position;
  std::vector<Array::Seen> seen;
  depend(view.position, array.read(range.start, range.end(), {.epoch = epoch, .hidden_before = hiding.version}, seen));
  // What is seen proves that the akey exists; only otherwise the answer depends on its newest write, wherever that was.
  view.exists = !seen.empty() || Impl::exists(*found.object, *found.dkey, *found.akey, epoch, view.position);
  view.extents.reserve(seen.size());
  for (const Array::Seen& part : seen) view.extents.push_back(view_of(part.start, part.end, *part.blob));
  return view;
}

uint64_t Index::highest_epoch(const Uuid& container, const classes::ObjectId& object) const {
  if (const ObjectNode* found = impl_->find_object(container, object)) return found->highest_epoch;
  const auto in_container = impl_->containers.find(container);
  if (in_container == impl_->containers.end()) return 0;
  const auto slot = in_container->second->objects.find(object);
  return slot == in_container->second->objects.end() ? 0 : slot->second.highest_epoch;
}

uint64_t Index::used_bytes() const { return impl_->store.memory.charged() + impl_->prepared.reserved(); }
uint64_t Index::stored_bytes() const { return impl_->store.runs.bytes(); }
void Index::each_run(const std::function<void(uint64_t offset, uint64_t bytes)>& visit) const {
  impl_->store.runs.each(visit);
}
uint64_t Index::akeys() const { return impl_->akeys; }
std::vector<Uuid> Index::containers() const {
  std::vector<Uuid> ids;
  for (const auto& [id, container] : impl_->containers) ids.push_back(id);
  return ids;
}

}  // namespace daos::vos
