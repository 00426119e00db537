// What a transaction prepares, and its outcome: now, or again at a replay.
//
// A bucket holds what every record up to its position did to it. So a prepare is replayed into those buckets that are
// older than it, and a decision finds what was prepared exactly in the buckets that are older than the decision: from
// their images, or from that replay. What a decision does to keys beside their values (punches, that an array was
// written, an object's highest epoch) it says itself, because it concerns other buckets than the one that the entry
// stood in.
#include "server/vos/index/boundary.h"
#include "server/vos/index/impl.h"

namespace daos::vos {

void Index::Impl::prepare(const PreparedRecord& record, journal::Position position, const Buckets* buckets) {
  prepared.drop(record.id, record.epoch);  // proposed again
  const auto older = [&](const Boundary& boundary) {
    return buckets == nullptr || buckets->at(boundary).position < position;
  };
  Prepared::Entry entry{.transaction = record.id, .version = {.epoch = record.epoch}};
  const auto prepare_extents = [&](const std::string& akey, const AkeyValue& value) {
    entry.kind = Prepared::Kind::kExtent;
    for (ValueCursor cursor{.value = value}; cursor.index < value.extents.size(); cursor.advance()) {
      entry.order++;
      const Extent& extent = value.extents[cursor.index];
      entry.blob = nullptr;  // shared by the parts
      for (entry.start = extent.start; entry.start < extent.end(); entry.start = entry.end) {
        const std::string boundary = extent_boundary(akey, entry.start);
        const Buckets::Bucket bucket = buckets == nullptr ? Buckets::Bucket() : buckets->at(boundary);
        const std::optional<uint64_t> cut = extent_cut(akey, bucket.next);
        entry.end = cut && *cut > entry.start ? std::min(*cut, extent.end()) : extent.end();
        if (buckets != nullptr && bucket.position >= position) continue;
        entry.blob = entry.blob == nullptr ? make_blob(cursor, entry.version, position) : entry.blob->share();
        prepared.add(boundary, entry);
      }
    }
  };
  const auto update = [&](const UpdateRecord& change) {
    entry.version.minor = change.minor;
    for (const AkeyValue& value : change.values) {
      const std::string akey = akey_boundary(change.container, change.object, change.dkey.bytes(), value.akey.bytes());
      if (value.kind == ValueKind::kArray) {
        prepare_extents(akey, value);
        continue;
      }
      entry.kind = Prepared::Kind::kValue;
      entry.order++;
      const std::string boundary = version_boundary(akey, entry.version);
      if (!older(boundary)) continue;
      entry.blob = make_blob({.value = value}, entry.version, position);
      prepared.add(boundary, entry);
    }
  };
  const auto punch = [&](const PunchRecord& change) {
    entry.version.minor = change.minor;
    entry.kind = Prepared::Kind::kPunch;
    entry.blob = nullptr;
    const auto at = [&](const std::string& boundary) {
      entry.order++;
      if (older(boundary)) prepared.add(boundary, entry);
    };
    if (change.level == PunchLevel::kObject) at(object_boundary(change.container, change.object));
    if (change.level == PunchLevel::kDkey) at(dkey_boundary(change.container, change.object, change.dkey.bytes()));
    if (change.level != PunchLevel::kAkey) return;
    for (const IoBuf& akey : change.akeys)
      at(akey_boundary(change.container, change.object, change.dkey.bytes(), akey.bytes()));
  };
  for (const Modification& modification : record.modifications) {
    entry.start = entry.end = 0;
    if (const auto* change = std::get_if<UpdateRecord>(&modification.what)) update(*change);
    if (const auto* change = std::get_if<PunchRecord>(&modification.what)) punch(*change);
  }
}

void Index::Impl::commit_values(const OpId& id, journal::Position position) {
  for (Prepared::Entries::node_type& taken : prepared.take(id)) {
    const Prepared::Entry& entry = taken.mapped();
    if (Blob* blob = std::exchange(taken.mapped().blob, nullptr)) {
      const std::optional<Place> place = place_of(taken.key());
      DX_CHECK(place.has_value(), "something prepared stands nowhere");
      Found at{.object = &object(place->container, place->object)};
      at.dkey = &dkey(*at.object, as_bytes(place->dkey), as_bytes(place->akey));
      at.akey = &akey(*at.object, *at.dkey, as_bytes(place->akey));
      note_write(*at.object, *at.dkey, entry.version);
      blob->commit_at(position);
      if (entry.kind == Prepared::Kind::kValue) {
        put_single(*at.object, *at.dkey, *at.akey, blob);
      } else {
        put_extent(*at.object, *at.dkey, *at.akey, blob, entry.start, entry.end);
      }
    }
    prepared.forget(taken);
  }
}

namespace {

/// Of a committed update: what is not in its values.
void note_update(Index::Impl& impl, const Touched& touched, uint64_t epoch, journal::Position position,
                 const Index::Buckets* buckets) {
  const auto older = [&](const Index::Boundary& boundary) {
    return buckets == nullptr || buckets->at(boundary).position < position;
  };
  const Version version{epoch, touched.minor};
  const ByteSpan dkey = touched.dkey.bytes();
  if (older(object_boundary(touched.container, touched.object))) {
    impl.note_highest(touched.container, touched.object, epoch);
  }
  for (const IoBuf& array : touched.arrays) {
    if (!older(akey_boundary(touched.container, touched.object, dkey, array.bytes()))) continue;
    Index::Impl::Found at{.object = &impl.object(touched.container, touched.object)};
    at.dkey = &impl.dkey(*at.object, dkey, array.bytes());
    at.akey = &impl.akey(*at.object, *at.dkey, array.bytes());
    impl.note_write(*at.object, *at.dkey, version);
    impl.array(*at.akey).write(version, position, at.punches());
  }
}

}  // namespace

bool Index::has_prepared() const { return !impl_->prepared.empty(); }

void Index::prepare(const PreparedRecord& record, journal::Position position) {
  impl_->prepare(record, position, nullptr);
}

void Index::decide(const DecisionRecord& record, journal::Position position) {
  if (record.outcome == Outcome::kAborted) return impl_->prepared.drop(record.id);
  for (const Touched& touched : record.keys) {
    if (touched.punched) {
      apply(touched.punch(record.epoch), position);
    } else {
      note_update(*impl_, touched, record.epoch, position, nullptr);
    }
  }
  impl_->commit_values(record.id, position);
}

void Index::replay(const PreparedRecord& record, journal::Position position, const Buckets& buckets) {
  impl_->prepare(record, position, buckets.newest() < position ? nullptr : &buckets);
}

void Index::replay(const DecisionRecord& record, journal::Position position, const Buckets& buckets) {
  if (buckets.newest() < position || record.outcome == Outcome::kAborted) return decide(record, position);
  for (const Touched& touched : record.keys) {
    if (touched.punched) {
      replay(touched.punch(record.epoch), position, buckets);
    } else {
      note_update(*impl_, touched, record.epoch, position, &buckets);
    }
  }
  impl_->commit_values(record.id, position);
}

std::vector<OpId> Index::prepared_transactions() const {
  std::set<OpId> ids;
  for (const auto& [boundary, entry] : impl_->prepared.entries()) ids.insert(entry.transaction);
  return {ids.begin(), ids.end()};
}

Needed Index::Impl::needed_by_prepared(const Job& job, Needed needed) const {
  const ObjectNode& object = *job.object;
  const Uuid& container = object.container->id;
  const std::string boundary = job.dkey == nullptr ? object_boundary(container, object.id)
                               : job.akey == nullptr
                                   ? dkey_boundary(container, object.id, job.dkey->key())
                                   : akey_boundary(container, object.id, job.dkey->key(), job.akey->key());
  if (const auto oldest = prepared.oldest_below(boundary)) needed.horizon = std::min(needed.horizon, *oldest);
  return needed;
}

}  // namespace daos::vos
