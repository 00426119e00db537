// Items back into the index.
#include "server/vos/index/impl.h"
#include "server/vos/index/items.h"

namespace daos::vos {
namespace {

/// Reads one slice, or several back to back.
class Loader {
 public:
  Loader(Index::Impl& impl, ByteSpan bytes) : impl_(impl), decoder_(bytes) {}
  Status run() {
    while (!decoder_.rest().empty()) DX_TRY(one());
    return end_of_akey();
  }
  ~Loader() { drop_contents(); }

 private:
  template <class Item>
  Result<Item> take(std::string_view what) {
    Item item;
    decoder_(item);
    if (!decoder_.ok()) return error(Code::kCorrupt, "index items: {} is malformed", what);
    return item;
  }
  Result<IoBuf> key(std::string_view what) {
    IoBuf bytes = DX_TRY(take<IoBuf>(what));
    if (bytes.empty()) return error(Code::kCorrupt, "index items: {} without bytes", what);
    return bytes;
  }
  Status one();
  Status object_record();
  Status dkey_record();
  Status akey_record();
  Status value();
  Status content();
  Status piece();
  Status cut();
  Status end_of_akey();
  Status need(const void* context, std::string_view what) const {
    return context != nullptr ? Status() : error(Code::kCorrupt, "index items: {} outside of what it belongs to", what);
  }
  Result<Blob*> blob_of(const items::Content& content);
  void hide(items::Stamp hidden) {
    if (hidden.version() != Version{})
      impl_.punch(*at_.object, *at_.dkey, *at_.akey, {.version = hidden.version(), .position = {}});
  }
  void drop_contents() {
    for (Blob* blob : contents_) Blob::release(impl_.store, blob);
    contents_.clear();
  }

  Index::Impl& impl_;
  Decoder decoder_;
  Index::Impl::Found at_;
  IoBuf dkey_key_;
  struct Pending {
    Piece piece;
    items::Stamp hidden;
  };
  std::vector<Blob*> contents_;   // one reference each
  std::vector<Pending> pending_;  // of this akey, until it is known whether the slice ends within them
};

Status Loader::object_record() {
  DX_TRY(need(at_.object, "an object's record"));
  const auto record = DX_TRY(take<items::ObjectRecord>("an object's record"));
  at_.object->highest_epoch = std::max(at_.object->highest_epoch, record.highest_epoch);
  for (const items::Stamp& punch : record.punches)
    impl_.punch(*at_.object, {.version = punch.version(), .position = {}});
  return {};
}

Status Loader::dkey_record() {
  if (dkey_key_.empty()) return need(nullptr, "a dkey's record");
  const auto record = DX_TRY(take<items::DkeyRecord>("a dkey's record"));
  if (at_.dkey == nullptr) at_.dkey = &impl_.dkey(*at_.object, dkey_key_.bytes(), {});
  for (const items::Stamp& punch : record.punches) {
    impl_.punch(*at_.object, *at_.dkey, {.version = punch.version(), .position = {}});
  }
  return {};
}

Status Loader::akey_record() {
  DX_TRY(need(at_.akey, "an akey's record"));
  const auto record = DX_TRY(take<items::AkeyRecord>("an akey's record"));
  for (const items::Stamp& punch : record.punches) hide(punch);
  if (!record.array) return {};
  Array& array = impl_.array(*at_.akey);
  array.newest = std::max(array.newest, record.newest.version());
  impl_.note_write(*at_.object, *at_.dkey, record.newest.version());
  array.births.clear();
  for (const items::Stamp& birth : record.births) {
    if (!array.births.empty() && birth.version() <= array.births.back()) {
      return error(Code::kCorrupt, "index items: an akey's first writes are out of order");
    }
    array.births.push_back(birth.version());
  }
  return {};
}

Result<Blob*> Loader::blob_of(const items::Content& content) {
  const auto corrupt = [](std::string_view why) { return error(Code::kCorrupt, "index items: a value {}", why); };
  if (content.version.version() >= kNever) return corrupt("of no possible epoch");
  if (content.written) {
    if (content.written->count == 0) return corrupt("that is an extent of nothing");
    if (content.written->end() < content.written->start) return corrupt("that is an extent behind the last index");
  }
  const unsigned __int128 wanted =
      static_cast<unsigned __int128>(content.written ? content.written->count : 1) * content.record_bytes;
  if (content.stored) {
    if (!content.bytes.empty() || content.record_bytes == 0) return corrupt("that is on tier 1 and is not");
    if (content.stored->bytes < wanted) return corrupt("that is longer than its run");
    if (content.stored->offset + content.stored->bytes < content.stored->offset)
      return corrupt("behind the end of tier 1");
  } else if (content.bytes.size() != wanted) {
    return corrupt("whose bytes are not as many as it says");
  }
  Blob::Content made{.version = content.version.version(),
                     .position = {},
                     .record_bytes = content.record_bytes,
                     .bytes = content.bytes.bytes()};
  if (content.written) made.written = &*content.written;
  if (content.stored) made.stored = &*content.stored;
  if (content.checksums) made.checksums = &*content.checksums;
  return Blob::create(impl_.store, made);
}

Status Loader::value() {
  DX_TRY(need(at_.akey, "a value"));
  const auto item = DX_TRY(take<items::Value>("a value"));
  if (item.content.written) return error(Code::kCorrupt, "index items: a single value with an extent");
  impl_.put_single(*at_.object, *at_.dkey, *at_.akey, DX_TRY(blob_of(item.content)));
  impl_.note_write(*at_.object, *at_.dkey, item.content.version.version());
  hide(item.hidden);
  return {};
}

Status Loader::content() {
  DX_TRY(need(at_.akey, "an extent's content"));
  const auto item = DX_TRY(take<items::Content>("an extent's content"));
  if (!item.written) return error(Code::kCorrupt, "index items: an extent's content without an extent");
  contents_.push_back(DX_TRY(blob_of(item)));
  return {};
}

Status Loader::piece() {
  DX_TRY(need(at_.akey, "a piece"));
  const auto item = DX_TRY(take<items::PieceItem>("a piece"));
  const auto corrupt = [](std::string_view why) { return error(Code::kCorrupt, "index items: a piece {}", why); };
  if (item.content >= contents_.size()) return corrupt("of no content");
  Blob* blob = contents_[item.content];
  const Extent written = blob->written();
  if (item.start < written.start || item.end > written.end() || item.start >= item.end)
    return corrupt("outside its extent");
  const Version died = item.died.version();
  if (died <= blob->version()) return corrupt("that died before it was born");
  const Piece piece{.start = item.start, .end = item.end, .died = died, .blob = blob};
  pending_.push_back({.piece = piece, .hidden = item.hidden});
  return {};
}

Status Loader::cut() {
  DX_TRY(need(at_.akey, "a cut"));
  const auto item = DX_TRY(take<items::Cut>("a cut"));
  for (Pending& pending : pending_) {
    if (pending.piece.start >= item.at) return error(Code::kCorrupt, "index items: a piece behind the cut");
    pending.piece.end = std::min(pending.piece.end, item.at);
  }
  return {};
}

Status Loader::end_of_akey() {
  for (const Pending& pending : pending_) {
    const Piece& piece = pending.piece;
    Array& array = impl_.array(*at_.akey);
    if (!array.has_room_for(piece)) return error(Code::kCorrupt, "index items: a piece where another one is");
    piece.blob->share();
    array.place(piece);
    if (piece.died != kNever || piece.blob->removes()) impl_.enqueue(*at_.object, *at_.dkey, *at_.akey);
    impl_.note_write(*at_.object, *at_.dkey, piece.born());
    hide(pending.hidden);
  }
  pending_.clear();
  drop_contents();
  return {};
}

Status Loader::one() {
  uint8_t kind = 0;
  decoder_(kind);
  switch (static_cast<items::Kind>(kind)) {
    case items::Kind::kObject: {
      const auto object = DX_TRY(take<items::Object>("an object"));
      DX_TRY(end_of_akey());
      at_ = {.object = &impl_.object(object.container, object.id)};
      dkey_key_ = {};
      return {};
    }
    case items::Kind::kDkey: {
      DX_TRY(need(at_.object, "a dkey"));
      dkey_key_ = DX_TRY(key("a dkey"));
      DX_TRY(end_of_akey());
      at_.akey = nullptr;
      at_.dkey = Index::Impl::find_dkey(*at_.object, dkey_key_.bytes());
      return {};
    }
    case items::Kind::kAkey: {
      if (dkey_key_.empty()) return need(nullptr, "an akey");
      const IoBuf akey = DX_TRY(key("an akey"));
      DX_TRY(end_of_akey());
      at_.dkey = &impl_.dkey(*at_.object, dkey_key_.bytes(), akey.bytes());
      at_.akey = &impl_.akey(*at_.object, *at_.dkey, akey.bytes());
      return {};
    }
    case items::Kind::kObjectRecord:
      return object_record();
    case items::Kind::kDkeyRecord:
      return dkey_record();
    case items::Kind::kAkeyRecord:
      return akey_record();
    case items::Kind::kValue:
      return value();
    case items::Kind::kContent:
      return content();
    case items::Kind::kPiece:
      return piece();
    case items::Kind::kCut:
      return cut();
  }
  return error(Code::kCorrupt, "index items: one of unknown kind {}", kind);
}

}  // namespace

Status Index::load(ByteSpan items) { return Loader(*impl_, items).run(); }

}  // namespace daos::vos
