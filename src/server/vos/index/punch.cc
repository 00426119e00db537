// Punches: a mark on the level that was punched, whatever lies below.
#include "server/vos/index/impl.h"

namespace daos::vos {

void Index::Impl::punch(ObjectNode& object, Marker marker) {
  object.markers.add(store.memory, marker);
  enqueue(object, marker.version.epoch);
}

void Index::Impl::punch(ObjectNode& object, DkeyNode& dkey, Marker marker) {
  dkey.markers.add(store.memory, marker);
  enqueue(object, dkey, marker.version.epoch);
}

void Index::Impl::punch(ObjectNode& object, DkeyNode& dkey, AkeyNode& akey, Marker marker) {
  rest(akey).markers.add(store.memory, marker);
  enqueue(object, dkey, akey, marker.version.epoch);
}

void Index::apply(const PunchRecord& record, journal::Position position) {
  const Marker marker{.version = {record.epoch, record.minor}, .position = position};
  // Also where nothing is: a write from before may still come.
  ObjectNode& object = impl_->object(record.container, record.object);
  object.highest_epoch = std::max(object.highest_epoch, record.epoch);
  impl_->newest_epoch = std::max(impl_->newest_epoch, record.epoch);
  if (record.level == PunchLevel::kObject) {
    impl_->punch(object, marker);
    return;
  }
  if (record.level == PunchLevel::kAkey && record.akeys.empty()) return;
  const ByteSpan first = record.level == PunchLevel::kAkey ? record.akeys.front().bytes() : ByteSpan();
  DkeyNode& dkey = impl_->dkey(object, record.dkey.bytes(), first);
  if (record.level == PunchLevel::kDkey) {
    impl_->punch(object, dkey, marker);
    return;
  }
  for (const IoBuf& akey : record.akeys) impl_->punch(object, dkey, impl_->akey(object, dkey, akey.bytes()), marker);
}

}  // namespace daos::vos
