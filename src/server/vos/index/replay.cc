// Replay: the records behind a checkpoint, as far as the buckets do not contain them. A bucket holds everything that
// happened to its range up to its position, reclaim included, so a record is applied to exactly those parts of it whose
// bucket is older.
#include "server/vos/index/boundary.h"
#include "server/vos/index/impl.h"

namespace daos::vos {
namespace {

/// Whether a bucket that holds a part of [from, to) is older than the record.
bool any_older(const Index::Buckets& buckets, const std::string& from, const std::string& to,
               journal::Position position) {
  for (Index::Boundary at = from;;) {
    Index::Buckets::Bucket bucket = buckets.at(at);
    if (bucket.position < position) return true;
    if (bucket.next.empty() || bucket.next >= to) return false;
    at = std::move(bucket.next);
  }
}

}  // namespace

void Index::expect(const UpdateRecord& record) const {
  const ObjectNode* object = impl_->find_object(record.container, record.object);
  if (object != nullptr) object->dkeys.expect(probe_of(object->dkey_kind(), record.dkey.bytes()));
}

void Index::replay(const UpdateRecord& record, journal::Position position, const Buckets& buckets) {
  if (buckets.newest() < position) return apply(record, position);
  Impl& impl = *impl_;
  const Version version{record.epoch, record.minor};
  const auto older = [&](const Boundary& boundary) { return buckets.at(boundary).position < position; };
  if (older(object_boundary(record.container, record.object))) {
    impl.note_highest(record.container, record.object, record.epoch);
  }
  // Made only when a part is applied.
  const auto make = [&](const AkeyValue& value) {
    Impl::Found at{.object = &impl.object(record.container, record.object)};
    at.dkey = &impl.dkey(*at.object, record.dkey.bytes(), value.akey.bytes());
    at.akey = &impl.akey(*at.object, *at.dkey, value.akey.bytes());
    impl.note_write(*at.object, *at.dkey, version);
    return at;
  };
  for (const AkeyValue& value : record.values) {
    const std::string akey = akey_boundary(record.container, record.object, record.dkey.bytes(), value.akey.bytes());
    if (value.kind == ValueKind::kSingle) {
      if (!older(version_boundary(akey, version))) continue;
      const Impl::Found at = make(value);
      impl.put_single(*at.object, *at.dkey, *at.akey, impl.make_blob({.value = value}, version, position));
      continue;
    }
    if (older(akey)) {
      const Impl::Found at = make(value);
      impl.array(*at.akey).write(version, position, at.punches());
    }
    for (Impl::ValueCursor cursor{.value = value}; cursor.index < value.extents.size(); cursor.advance()) {
      const Extent& extent = value.extents[cursor.index];
      Blob* blob = nullptr;  // shared by the parts
      for (uint64_t start = extent.start; start < extent.end();) {
        const Buckets::Bucket bucket = buckets.at(extent_boundary(akey, start));
        const std::optional<uint64_t> cut = extent_cut(akey, bucket.next);
        const uint64_t end = cut && *cut > start ? std::min(*cut, extent.end()) : extent.end();
        if (bucket.position < position) {
          const Impl::Found at = make(value);
          blob = blob == nullptr ? impl.make_blob(cursor, version, position) : blob->share();
          impl.put_extent(*at.object, *at.dkey, *at.akey, blob, start, end);
        }
        start = end;
      }
    }
  }
}

void Index::replay(const PunchRecord& record, journal::Position position, const Buckets& buckets) {
  if (buckets.newest() < position) return apply(record, position);
  // A punch hides what lies in all buckets of its range. If only one of them is older, the mark is set again: where it
  // has worked before, it finds nothing to hide.
  const ByteSpan dkey = record.dkey.bytes();
  const std::string object_at = object_boundary(record.container, record.object);
  PunchRecord part = record;
  part.akeys.clear();
  bool applies = false;
  if (record.level == PunchLevel::kAkey) {
    for (const IoBuf& akey : record.akeys) {
      const std::string from = akey_boundary(record.container, record.object, dkey, akey.bytes());
      if (any_older(buckets, from, end_of(from), position)) part.akeys.push_back(akey);
    }
    applies = !part.akeys.empty();
  } else {
    const std::string from =
        record.level == PunchLevel::kObject ? object_at : dkey_boundary(record.container, record.object, dkey);
    applies = any_older(buckets, from, end_of(from), position);
  }
  if (applies) {
    apply(part, position);
  } else if (buckets.at(object_at).position < position) {
    impl_->note_highest(record.container, record.object, record.epoch);
  }
}

}  // namespace daos::vos
