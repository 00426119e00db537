// The index as items, from one boundary to another.
#include <absl/container/flat_hash_map.h>

#include "server/vos/index/boundary.h"
#include "server/vos/index/impl.h"
#include "server/vos/index/items.h"

namespace daos::vos {

/// Writes items behind the contexts that they need, and knows when it is full and where it stopped.
class ItemWriter {
 public:
  ItemWriter(size_t bytes_max, ByteVector& out) : out_(out), begin_(out.size()), bytes_max_(bytes_max) {}

  /// At least one item, whatever the limit.
  bool full() const { return items_ > 0 && out_.size() - begin_ >= bytes_max_; }
  void object(const void* object, const Uuid& container, const classes::ObjectId& id) {
    if (object_ == object) return;
    object_ = object;
    dkey_ = nullptr;
    akey_ = nullptr;
    write(items::Kind::kObject, items::Object{.container = container, .id = id});
  }
  void object(const ObjectNode& node) { object(&node, node.container->id, node.id); }
  void dkey(const ObjectNode& in, const DkeyNode& dkey) {
    object(in);
    if (dkey_ == &dkey) return;
    dkey_ = &dkey;
    akey_ = nullptr;
    key(items::Kind::kDkey, dkey.key());
  }
  void akey(const Index::Impl::Found& at);
  bool within(const Index::Impl::Found& at) const { return akey_ == at.akey; }
  template <class Item>
  void item(items::Kind kind, const Item& item) {
    write(kind, item);
    items_++;
  }
  /// The number of the extent's content; written before it is first used.
  uint32_t content(const Blob& blob) {
    const auto [place, added] = contents_.try_emplace(&blob, static_cast<uint32_t>(contents_.size()));
    if (added) {
      runs_of(blob);
      write(items::Kind::kContent, content_of(blob));
    }
    return place->second;
  }
  void value(const Blob& blob, items::Stamp hidden) {
    runs_of(blob);
    item(items::Kind::kValue, items::Value{.hidden = hidden, .content = content_of(blob)});
  }

  static items::Content content_of(const Blob& blob);

  bool reached_end = false;
  std::string stopped;

 private:
  /// Before its content, if that has no room for them.
  void runs_of(const Blob& blob) {
    const std::span<const TierAddress> stored = blob.stored();
    if (stored.size() > 1) write(items::Kind::kRuns, items::RunsItem{.runs = {stored.begin(), stored.end()}});
  }
  template <class Item>
  void write(items::Kind kind, const Item& item) {
    out_.push_back(static_cast<std::byte>(kind));
    encode_into(out_, item);
  }
  void key(items::Kind kind, ByteSpan bytes) {
    out_.push_back(static_cast<std::byte>(kind));
    Encoder encoder(out_);
    encoder(static_cast<uint32_t>(bytes.size()));
    encoder.fixed(bytes.data(), bytes.size());
  }

  ByteVector& out_;
  size_t begin_;
  size_t bytes_max_;
  size_t items_ = 0;
  const void* object_ = nullptr;
  const void* dkey_ = nullptr;
  const void* akey_ = nullptr;
  absl::flat_hash_map<const Blob*, uint32_t> contents_;  // of this akey; looked up only
};

void ItemWriter::akey(const Index::Impl::Found& at) {
  dkey(*at.object, *at.dkey);
  if (akey_ == at.akey) return;
  akey_ = at.akey;
  contents_.clear();
  key(items::Kind::kAkey, at.akey->key());
}

items::Content ItemWriter::content_of(const Blob& blob) {
  items::Content content{.version = blob.version(), .record_bytes = blob.record_bytes()};
  if (blob.is_array()) content.written = blob.written();
  if (const std::span<const TierAddress> stored = blob.stored(); stored.size() == 1) {
    content.stored = stored.front();
  } else if (stored.empty()) {
    content.bytes = blob.data().bytes;
  }
  if (const Checksums* checksums = blob.checksums_in_place()) content.checksums = *checksums;
  return content;
}

items::Content items::content_of(const Blob& blob) { return ItemWriter::content_of(blob); }

namespace {

std::vector<items::Stamp> stamps_of(const Markers& markers) {
  std::vector<items::Stamp> stamps;
  for (size_t i = 0; i < markers.size(); i++) stamps.emplace_back(markers.at(i).version);
  return stamps;
}

/// The punches that an akey's record carries: its own, and of the levels above those that end a time in which it
/// existed.
std::vector<items::Stamp> punches_of(const AkeyNode& akey, const Punches& above) {
  std::vector<Version> versions;
  const Markers* own = akey.markers();
  for (size_t i = 0; own != nullptr && i < own->size(); i++) versions.push_back(own->at(i).version);
  if (const Array* array = akey.array(); array != nullptr && !array->births.empty()) {
    const Version last = above.first_after(array->newest);
    for (const Markers* level : above.levels) {
      for (size_t i = 0; level != nullptr && i < level->size(); i++) {
        const Version version = level->at(i).version;
        if (version > array->births.front() && version <= last) versions.push_back(version);
      }
    }
  }
  std::sort(versions.begin(), versions.end());
  versions.erase(std::unique(versions.begin(), versions.end()), versions.end());
  return {versions.begin(), versions.end()};
}

items::Stamp hidden_stamp(const Punches& punches, Version born) {
  const Version hidden = punches.first_after(born);
  return hidden == kNever ? Version{} : hidden;
}

bool at_or_below(const Place* place, Place::Level level) { return place != nullptr && place->level >= level; }
bool stands_before(uint64_t rank, ByteSpan key, const KeyProbe& other) {
  if (rank != other.rank) return rank < other.rank;
  return compare_equal_ranks(key, other.bytes, other.lexical) < 0;
}
bool same_key(ByteSpan key, const std::string& other) { return as_text(key) == other; }

}  // namespace

bool Index::Impl::serialise_array(ItemWriter& writer, const Found& at, const Place* from, const Place* to) {
  Array& array = *at.akey->array();
  const Punches punches = at.punches();
  uint64_t start = at_or_below(from, Place::Level::kExtent) ? from->start : 0;
  const bool bounded = at_or_below(to, Place::Level::kExtent);
  array.split(start);
  if (bounded) array.split(to->start);
  for (; array.next_start(start, start); start++) {
    if (bounded && start >= to->start) break;
    if (writer.full()) {
      array.split(start);
      if (writer.within(at)) writer.item(items::Kind::kCut, items::Cut{.at = start});
      const std::string akey = akey_boundary(at.object->container->id, at.object->id, at.dkey->key(), at.akey->key());
      writer.stopped = extent_boundary(akey, start);
      return false;
    }
    writer.akey(at);
    array.each_at(start, [&](const Piece& piece) {
      const uint32_t content = writer.content(*piece.blob);
      writer.item(items::Kind::kPiece, items::PieceItem{.content = content,
                                                        .start = piece.start,
                                                        .end = piece.end,
                                                        .died = piece.died,
                                                        .hidden = hidden_stamp(punches, piece.born())});
    });
  }
  if (bounded) writer.reached_end = true;
  return !bounded;
}

bool Index::Impl::serialise_akey(ItemWriter& writer, ObjectNode& object, DkeyNode& dkey, AkeyNode& akey,
                                 const Place* from, const Place* to) {
  const Found at{.object = &object, .dkey = &dkey, .akey = &akey};
  const Punches punches = at.punches();
  const auto stop = [&](auto&& place) {
    writer.stopped = place(akey_boundary(object.container->id, object.id, dkey.key(), akey.key()));
    return false;
  };
  if (to != nullptr && to->level == Place::Level::kAkey) {
    writer.reached_end = true;
    return false;
  }
  const Array* array = akey.array();
  if (!at_or_below(from, Place::Level::kVersion)) {
    if (array != nullptr || (akey.markers() != nullptr && !akey.markers()->empty())) {
      if (writer.full()) return stop([](std::string boundary) { return boundary; });
      items::AkeyRecord record{.punches = punches_of(akey, punches), .array = array != nullptr};
      if (array != nullptr) {
        record.newest = array->newest;
        record.births.assign(array->births.begin(), array->births.end());
      }
      writer.akey(at);
      writer.item(items::Kind::kAkeyRecord, record);
    }
  }
  if (!at_or_below(from, Place::Level::kExtent)) {
    const Version first = at_or_below(from, Place::Level::kVersion) ? from->version : Version{};
    const bool bounded = to != nullptr && to->level == Place::Level::kVersion;
    const auto write = [&](const Blob& blob) {
      if (blob.version() < first) return true;
      if (bounded && blob.version() >= to->version) {
        writer.reached_end = true;
        return false;
      }
      if (writer.full())
        return stop([&](const std::string& boundary) { return version_boundary(boundary, blob.version()); });
      writer.akey(at);
      writer.value(blob, hidden_stamp(punches, blob.version()));
      return true;
    };
    if (!each_older(akey, first, [&](const Blob* blob) { return write(*blob); })) return false;
    if (akey.single != nullptr && !write(*akey.single)) return false;
    if (bounded) {
      writer.reached_end = true;
      return false;
    }
  }
  return array == nullptr || serialise_array(writer, at, from, to);
}

bool Index::Impl::serialise_dkey(ItemWriter& writer, ObjectNode& object, DkeyNode& dkey, const Place* from,
                                 const Place* to) {
  if (to != nullptr && to->level == Place::Level::kDkey) {
    writer.reached_end = true;
    return false;
  }
  if (!at_or_below(from, Place::Level::kAkey) && !dkey.markers.empty()) {
    if (writer.full()) {
      writer.stopped = dkey_boundary(object.container->id, object.id, dkey.key());
      return false;
    }
    writer.dkey(object, dkey);
    writer.item(items::Kind::kDkeyRecord, items::DkeyRecord{.punches = stamps_of(dkey.markers)});
  }
  const auto order = [&](const AkeyNode& akey, const std::string& other) {
    const KeyProbe mine = probe_of(object.akey_kind(), akey.key());
    const KeyProbe theirs = probe_of(object.akey_kind(), as_bytes(other));
    if (mine.rank != theirs.rank) return mine.rank < theirs.rank ? -1 : 1;
    return compare_equal_ranks(mine.bytes, theirs.bytes, mine.lexical);
  };
  const auto write = [&](AkeyNode& akey) {
    const Place* to_here = nullptr;
    if (at_or_below(to, Place::Level::kAkey)) {
      const int place = order(akey, to->akey);
      if (place > 0) {
        writer.reached_end = true;
        return false;
      }
      if (place == 0) to_here = to;
    }
    const bool from_here = at_or_below(from, Place::Level::kAkey) && same_key(akey.key(), from->akey);
    return serialise_akey(writer, object, dkey, akey, from_here ? from : nullptr, to_here);
  };
  if (dkey.akeys == nullptr) {
    const bool before =
        at_or_below(from, Place::Level::kAkey) && dkey.has_first != 0 && order(dkey.first, from->akey) < 0;
    return before || dkey.has_first == 0 || write(dkey.first);
  }
  const bool from_start = !at_or_below(from, Place::Level::kAkey);
  auto akey =
      from_start ? dkey.akeys->begin() : dkey.akeys->lower_bound(probe_of(object.akey_kind(), as_bytes(from->akey)));
  for (; akey != dkey.akeys->end(); ++akey) {
    if (!write(*akey.node())) return false;
  }
  return true;
}

bool Index::Impl::serialise_gone(ItemWriter& writer, const Uuid& container,
                                 const ContainerNode::Objects::value_type& object, const Place* from, const Place* to) {
  const bool ends = to != nullptr;
  if (!ends || to->level != Place::Level::kObject) {
    if (!at_or_below(from, Place::Level::kDkey)) {
      if (writer.full()) {
        writer.stopped = object_boundary(container, object.first);
        return false;
      }
      writer.object(&object.second, container, object.first);
      writer.item(items::Kind::kObjectRecord,
                  items::ObjectRecord{.highest_epoch = object.second.highest_epoch, .punches = {}});
    }
  }
  writer.reached_end = ends;
  return !ends;
}

bool Index::Impl::serialise_object(ItemWriter& writer, ObjectNode& object, const Place* from, const Place* to) {
  if (to != nullptr && to->level == Place::Level::kObject) {
    writer.reached_end = true;
    return false;
  }
  const bool from_start = !at_or_below(from, Place::Level::kDkey);
  if (from_start) {
    if (writer.full()) {
      writer.stopped = object_boundary(object.container->id, object.id);
      return false;
    }
    writer.object(object);
    writer.item(items::Kind::kObjectRecord,
                items::ObjectRecord{.highest_epoch = object.highest_epoch, .punches = stamps_of(object.markers)});
  }
  KeyProbe end;
  const bool bounded = at_or_below(to, Place::Level::kDkey);
  if (bounded) end = probe_of(object.dkey_kind(), as_bytes(to->dkey));
  auto entry =
      from_start ? object.dkeys.begin() : object.dkeys.lower_bound(probe_of(object.dkey_kind(), as_bytes(from->dkey)));
  for (; entry != object.dkeys.end(); ++entry) {
    const Place* to_here = nullptr;
    fetch_ahead(entry);
    DkeyNode& dkey = *entry.node();
    if (bounded && !stands_before(entry.rank(), dkey.key(), end)) {
      if (!same_key(dkey.key(), to->dkey)) {
        writer.reached_end = true;
        return false;
      }
      to_here = to;
    }
    const bool from_here = !from_start && same_key(dkey.key(), from->dkey);
    if (!serialise_dkey(writer, object, dkey, from_here ? from : nullptr, to_here)) return false;
  }
  return true;
}

Index::Boundary Index::Impl::serialise_nodes(const Boundary& from, const Boundary& to, size_t bytes_max,
                                             ByteVector& out) {
  const std::optional<Place> first = place_of(from);
  const std::optional<Place> last = place_of(to);
  ItemWriter writer(bytes_max, out);
  auto container = first ? containers.lower_bound(first->container) : containers.begin();
  for (; container != containers.end(); ++container) {
    auto& objects = container->second->objects;
    const bool from_here = first && container->first == first->container;
    auto entry = from_here ? objects.lower_bound(first->object) : objects.begin();
    for (; entry != objects.end(); ++entry) {
      const bool to_here = last && container->first == last->container && entry->first == last->object;
      if (last && !to_here) {
        if (std::pair(container->first, entry->first) > std::pair(last->container, last->object)) return to;
      }
      const Place* object_from = from_here && entry->first == first->object ? &*first : nullptr;
      const Place* object_to = to_here ? &*last : nullptr;
      if (entry->second.node == nullptr ? serialise_gone(writer, container->first, *entry, object_from, object_to)
                                        : serialise_object(writer, *entry->second.node, object_from, object_to)) {
        continue;
      }
      return writer.reached_end ? to : writer.stopped;
    }
  }
  return to;
}

}  // namespace daos::vos
