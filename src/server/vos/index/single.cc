// Single values: the newest in the akey itself, older ones in a tree by version.
#include "server/vos/index/impl.h"

namespace daos::vos {

void Index::Impl::put_single(ObjectNode& object, DkeyNode& dkey, AkeyNode& akey, Blob* blob) {
  if (akey.single == nullptr) {
    akey.single = blob;
    return;
  }
  if (blob->version() == akey.single->version()) {  // twice in one update: the later one counts
    Blob::release(store, akey.single);
    akey.single = blob;
    return;
  }
  if (blob->version() > akey.single->version()) std::swap(blob, akey.single);
  // What is older has died by now at the latest.
  const uint64_t due = akey.single->version().epoch;
  if (Blob* older = akey.older(); older != nullptr && older->version() == blob->version()) {
    Blob::release(store, older);
    akey.set_older(blob);
  } else if (older == nullptr && akey.rest() == nullptr) {
    akey.set_older(blob);
  } else {
    History& history = rest(akey).history;
    // Nearly always the newest of them: whether it is, one look at the last one says.
    const auto place = history.insert(history.end(), blob);
    if (*place != blob) {
      Blob::release(store, *place);
      history.erase(place);
      history.insert(blob);
    }
  }
  enqueue(object, dkey, akey, due);
}

Blob* Index::Impl::single_at(const AkeyNode& akey, const Punches& punches, uint64_t epoch, journal::Position& newest) {
  Blob* blob = akey.single;
  if (blob != nullptr && blob->version().epoch > epoch) {
    blob = akey.older();
    if (blob != nullptr && blob->version().epoch > epoch) blob = nullptr;
    if (akey.rest() != nullptr) {
      const History& history = akey.rest()->history;
      const auto after = history.upper_bound(last_of(epoch));
      if (after != history.begin()) blob = *std::prev(after);
    }
  }
  const Marker hiding = punches.hiding(last_of(epoch));
  if (blob == nullptr || blob->version() < hiding.version) {
    depend(newest, hiding.position);
    return nullptr;
  }
  depend(newest, blob->position());
  return blob;
}

SingleView Index::single(const KeyPath& path, uint64_t epoch) const {
  epoch = std::min(epoch, kLatest - 1);
  SingleView view;
  const Impl::Found found = impl_->find(path);
  if (found.akey == nullptr) {
    // What the punch of a key that is gone says: the reply waits for it.
    if (found.object != nullptr) {
      const Punches above{{&found.object->markers, found.dkey == nullptr ? nullptr : &found.dkey->markers, nullptr}};
      view.position = above.hiding(last_of(epoch)).position;
    }
    return view;
  }
  const Punches punches = found.punches();
  if (const Blob* blob = Impl::single_at(*found.akey, punches, epoch, view.position)) {
    view.exists = true;
    view.bytes = blob->record_bytes();
    view.epoch = blob->version().epoch;
    view.data = blob->data();
    view.checksums = blob->checksums();
  } else if (const Array* array = found.akey->array()) {
    view.exists = array->exists_at(epoch, punches);
    depend(view.position, array->newest_position);
  }
  return view;
}

}  // namespace daos::vos
