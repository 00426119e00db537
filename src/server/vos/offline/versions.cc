#include "server/vos/offline/versions.h"

#include "server/vos/index/boundary.h"
#include "server/vos/index/items.h"

namespace daos::vos {
namespace {

constexpr size_t kSliceBytes = 256u << 10;

class Walker {
 public:
  Walker(const Selection& selection, VersionVisitor& visitor) : selection_(selection), visitor_(visitor) {}

  /// Behind the last slice.
  void end() { tell_last(); }
  /// False once everything selected has been seen.
  Result<bool> slice(ByteSpan bytes) {
    Decoder decoder(bytes);
    contents_.clear();
    while (!decoder.rest().empty()) {
      uint8_t kind = 0;
      decoder(kind);
      one(static_cast<items::Kind>(kind), decoder);
      if (!decoder.ok()) return error(Code::kCorrupt, "an item of kind {} is malformed", kind);
    }
    return !past_;  // what is prepared stands behind everything else
  }

 private:
  /// A single value is told when it is known whether a newer one hides it.
  void tell_last() {
    if (last_) visitor_.on_version(*last_);
    last_.reset();
  }
  void tell(StoredVersion version) {
    if (last_ && (last_->hidden == Version{} || version.version < last_->hidden)) last_->hidden = version.version;
    tell_last();
    last_ = std::move(version);
  }
  template <class Item>
  static Item take(Decoder& decoder) {
    Item item;
    decoder(item);
    return item;
  }
  void one(items::Kind kind, Decoder& decoder);
  void object(const items::Object& object);
  void dkey(const IoBuf& key);
  void akey(const IoBuf& key);
  void prepared(Decoder& decoder);
  void punches(const std::vector<items::Stamp>& stamps, bool wanted) {
    if (!wanted) return;
    for (const items::Stamp& stamp : stamps) visitor_.on_punch(stamp.version());
  }
  StoredVersion version_of(const items::Content& content) {
    StoredRuns stored = std::exchange(runs_, {});
    if (content.stored) stored.assign(1, *content.stored);
    return {.version = content.version.version(),
            .hidden = {},
            .record_bytes = content.record_bytes,
            .extent = content.written,
            .bytes = content.bytes,
            .stored = std::move(stored),
            .checksum_type = content.checksums ? content.checksums->type : uint8_t{0}};
  }
  bool all_of_object() const { return in_object_ && !selection_.dkey && !selection_.akey; }
  bool all_of_dkey() const { return in_dkey_ && !selection_.akey; }

  const Selection& selection_;
  VersionVisitor& visitor_;
  std::optional<items::Object> object_;
  std::optional<std::string> dkey_, akey_;  // of the last one seen; a slice repeats its contexts
  bool in_object_ = false, in_dkey_ = false, in_akey_ = false, past_ = false;
  StoredRuns runs_;  // of the next value or content
  std::vector<StoredVersion> contents_;
  std::optional<StoredVersion> last_;
};

void Walker::object(const items::Object& object) {
  contents_.clear();
  if (object_ && object_->container == object.container && object_->id == object.id) return;
  tell_last();
  object_ = object;
  dkey_.reset();
  akey_.reset();
  in_dkey_ = in_akey_ = false;
  past_ = selection_.container && object.container > *selection_.container;
  in_object_ = !past_ && (!selection_.container || object.container == *selection_.container) &&
               (!selection_.object || object.id == *selection_.object);
  if (in_object_) visitor_.on_object(object.container, object.id);
}

void Walker::dkey(const IoBuf& key) {
  contents_.clear();
  if (dkey_ && *dkey_ == as_text(key.bytes())) return;
  tell_last();
  dkey_ = as_text(key.bytes());
  akey_.reset();
  in_akey_ = false;
  in_dkey_ = in_object_ && (!selection_.dkey || *dkey_ == *selection_.dkey);
  if (in_dkey_) visitor_.on_dkey(key.bytes());
}

void Walker::akey(const IoBuf& key) {
  contents_.clear();
  if (akey_ && *akey_ == as_text(key.bytes())) return;
  tell_last();
  akey_ = as_text(key.bytes());
  in_akey_ = in_dkey_ && (!selection_.akey || *akey_ == *selection_.akey);
  if (in_akey_) visitor_.on_akey(key.bytes());
}

void Walker::prepared(Decoder& decoder) {
  auto item = take<items::PreparedItem>(decoder);
  const bool punch = item.kind == Prepared::Kind::kPunch;
  StoredPrepared prepared{.transaction = item.transaction, .place = {}, .punch = punch, .version = {}};
  runs_.assign(item.runs.begin(), item.runs.end());
  if (!punch) prepared.version = version_of(take<items::Content>(decoder));
  if (item.kind == Prepared::Kind::kExtent)
    prepared.version.extent = Extent{.start = item.start, .count = item.end - item.start};
  prepared.version.version = item.version.version();
  if (selection_.container && item.container != *selection_.container) return;
  if (selection_.object && item.object != *selection_.object) return;
  if (selection_.dkey && item.dkey != *selection_.dkey && !item.dkey.empty()) return;
  if (selection_.akey && item.akey != *selection_.akey && !item.akey.empty()) return;
  prepared.place = {.level = item.dkey.empty()   ? Place::Level::kObject
                             : item.akey.empty() ? Place::Level::kDkey
                                                 : Place::Level::kAkey,
                    .container = item.container,
                    .object = item.object,
                    .dkey = std::move(item.dkey),
                    .akey = std::move(item.akey),
                    .version = {}};
  visitor_.on_prepared(prepared);
}

void Walker::one(items::Kind kind, Decoder& decoder) {
  switch (kind) {
    case items::Kind::kObject:
      return object(take<items::Object>(decoder));
    case items::Kind::kDkey:
      return dkey(take<IoBuf>(decoder));
    case items::Kind::kAkey:
      return akey(take<IoBuf>(decoder));
    case items::Kind::kObjectRecord: {
      const auto record = take<items::ObjectRecord>(decoder);
      if (all_of_object()) visitor_.on_highest_epoch(record.highest_epoch);
      return punches(record.punches, all_of_object());
    }
    case items::Kind::kDkeyRecord:
      return punches(take<items::DkeyRecord>(decoder).punches, all_of_dkey());
    case items::Kind::kAkeyRecord:
      return punches(take<items::AkeyRecord>(decoder).punches, in_akey_);
    case items::Kind::kValue: {
      const auto item = take<items::Value>(decoder);
      StoredVersion version = version_of(item.content);
      version.hidden = item.hidden.version();
      if (in_akey_) tell(std::move(version));
      return;
    }
    case items::Kind::kContent:
      contents_.push_back(version_of(take<items::Content>(decoder)));
      return;
    case items::Kind::kPiece: {
      const auto piece = take<items::PieceItem>(decoder);
      if (!in_akey_ || piece.content >= contents_.size()) return;
      StoredVersion version = contents_[piece.content];
      version.extent = Extent{.start = piece.start, .count = piece.end - piece.start};
      const Version died = piece.died.version();
      const Version punched = piece.hidden.version();
      version.hidden = died == kNever ? punched : punched == Version{} ? died : std::min(died, punched);
      visitor_.on_version(version);
      return;
    }
    case items::Kind::kCut:
      take<items::Cut>(decoder);
      return;
    case items::Kind::kRuns: {
      const auto item = take<items::RunsItem>(decoder);
      runs_.assign(item.runs.begin(), item.runs.end());
      return;
    }
    case items::Kind::kPrepared:
      return prepared(decoder);
  }
}

std::string first_of(const Selection& selection) {
  if (!selection.container) return {};
  const classes::ObjectId object = selection.object.value_or(classes::ObjectId{});
  if (!selection.object || !selection.dkey) return object_boundary(*selection.container, object);
  return dkey_boundary(*selection.container, object, as_bytes(*selection.dkey));
}

}  // namespace

Status each_version(Index& index, const Selection& selection, VersionVisitor& visitor) {
  Walker walker(selection, visitor);
  Index::Boundary at = first_of(selection);
  bool more = true;
  do {
    ByteVector bytes;
    at = index.serialise(at, {}, kSliceBytes, bytes);
    more = DX_TRY(walker.slice(bytes));
  } while (more && !at.empty());
  walker.end();
  return {};
}

}  // namespace daos::vos
