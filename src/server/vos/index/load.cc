// Items back into the index.
#include "platform/base/stamp.h"
#include "server/vos/index/boundary.h"
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
    if (!runs_.empty()) return error(Code::kCorrupt, "index items: runs of nothing");
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
  /// Bytes in place: a restart loads millions of keys and values, and copies each once, to where it stays.
  ByteSpan take_bytes() {
    uint32_t size = 0;
    decoder_(size);
    if (!decoder_.ok() || size > decoder_.rest().size()) {
      decoder_.fail();
      return {};
    }
    const ByteSpan bytes = decoder_.rest().first(size);
    decoder_ = Decoder(decoder_.rest().subspan(size));
    return bytes;
  }
  Result<ByteSpan> key(std::string_view what) {
    const ByteSpan bytes = take_bytes();
    if (!decoder_.ok()) return error(Code::kCorrupt, "index items: {} is malformed", what);
    if (bytes.empty()) return error(Code::kCorrupt, "index items: {} without bytes", what);
    return bytes;
  }
  /// As items::Content says, in its order, but its bytes in place, and its runs as well if there are several.
  struct ContentInPlace {
    items::Content head;
    ByteSpan bytes;
    std::vector<TierAddress> runs;
    std::span<const TierAddress> stored() const {
      if (!runs.empty()) return runs;
      return head.stored ? std::span(&*head.stored, 1) : std::span<const TierAddress>();
    }
  };
  ContentInPlace take_content() {
    ContentInPlace content{.runs = std::exchange(runs_, {})};
    decoder_(content.head.version, content.head.record_bytes, content.head.written);
    content.bytes = take_bytes();
    if (decoder_.ok()) decoder_(content.head.stored, content.head.checksums);
    return content;
  }
  /// Made when something is in it: of most objects that are gone only the record is left.
  ObjectNode& object() {
    if (at_.object == nullptr) at_.object = &impl_.object(object_->container, object_->id);
    return *at_.object;
  }
  DkeyNode& dkey(ByteSpan akey) {
    at_.dkey = &impl_.dkey(object(), dkey_key_, akey);
    return *at_.dkey;
  }
  Status one();
  Status object_record();
  Status dkey_record();
  Status akey_record();
  Status value();
  Status content();
  Status piece();
  Status cut();
  Status runs();
  Status prepared();
  Status end_of_akey();
  static Status need(bool there, std::string_view what) {
    return there ? Status() : error(Code::kCorrupt, "index items: {} outside of what it belongs to", what);
  }
  Result<Blob*> blob_of(const ContentInPlace& content);
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
  std::optional<items::Object> object_;
  ByteSpan dkey_key_;
  Index::Impl::Found at_;  // what was made of the context
  struct Pending {
    Piece piece;
    items::Stamp hidden;
  };
  std::vector<TierAddress> runs_;  // of the next item
  std::vector<Blob*> contents_;    // one reference each
  std::vector<Pending> pending_;   // of this akey, until it is known whether the slice ends within them
};

Status Loader::object_record() {
  DX_TRY(need(object_.has_value(), "an object's record"));
  const auto record = DX_TRY(take<items::ObjectRecord>("an object's record"));
  impl_.note_highest(object_->container, object_->id, record.highest_epoch);
  for (const items::Stamp& punch : record.punches) impl_.punch(object(), {.version = punch.version(), .position = {}});
  return {};
}

Status Loader::dkey_record() {
  DX_TRY(need(!dkey_key_.empty(), "a dkey's record"));
  const auto record = DX_TRY(take<items::DkeyRecord>("a dkey's record"));
  if (at_.dkey == nullptr) dkey({});
  for (const items::Stamp& punch : record.punches) {
    impl_.punch(*at_.object, *at_.dkey, {.version = punch.version(), .position = {}});
  }
  return {};
}

Status Loader::akey_record() {
  DX_TRY(need(at_.akey != nullptr, "an akey's record"));
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

Result<Blob*> Loader::blob_of(const ContentInPlace& in_place) {
  const items::Content& content = in_place.head;
  const auto corrupt = [](std::string_view why) { return error(Code::kCorrupt, "index items: a value {}", why); };
  if (content.version.version() >= kNever) return corrupt("of no possible epoch");
  if (content.written) {
    if (content.written->count == 0) return corrupt("that is an extent of nothing");
    if (content.written->end() < content.written->start) return corrupt("that is an extent behind the last index");
  }
  const unsigned __int128 wanted =
      static_cast<unsigned __int128>(content.written ? content.written->count : 1) * content.record_bytes;
  const std::span<const TierAddress> stored = in_place.stored();
  if (!stored.empty()) {
    if (!in_place.bytes.empty() || content.record_bytes == 0 || (content.stored && !in_place.runs.empty()))
      return corrupt("that is on tier 1 and is not");
    if (wanted > UINT64_MAX || runs_for(stored, static_cast<uint64_t>(wanted)) != stored.size())
      return corrupt("that is not as long as its runs");
    for (const TierAddress& run : stored) {
      if (run.offset + run.bytes < run.offset) return corrupt("behind the end of tier 1");
    }
  } else if (in_place.bytes.size() != wanted) {
    return corrupt("whose bytes are not as many as it says");
  }
  Blob::Content made{.version = content.version.version(),
                     .position = {},
                     .record_bytes = content.record_bytes,
                     .bytes = in_place.bytes};
  if (content.written) made.written = &*content.written;
  made.stored = stored;
  if (content.checksums) made.checksums = &*content.checksums;
  return Blob::create(impl_.store, made);
}

Status Loader::value() {
  DX_TRY(need(at_.akey != nullptr, "a value"));
  items::Stamp hidden;
  decoder_(hidden);
  const ContentInPlace content = take_content();
  if (!decoder_.ok()) return error(Code::kCorrupt, "index items: a value is malformed");
  if (content.head.written) return error(Code::kCorrupt, "index items: a single value with an extent");
  impl_.put_single(*at_.object, *at_.dkey, *at_.akey, DX_TRY(blob_of(content)));
  impl_.note_write(*at_.object, *at_.dkey, content.head.version.version());
  hide(hidden);
  return {};
}

Status Loader::content() {
  DX_TRY(need(at_.akey != nullptr, "an extent's content"));
  const ContentInPlace content = take_content();
  if (!decoder_.ok()) return error(Code::kCorrupt, "index items: an extent's content is malformed");
  if (!content.head.written) return error(Code::kCorrupt, "index items: an extent's content without an extent");
  contents_.push_back(DX_TRY(blob_of(content)));
  return {};
}

Status Loader::piece() {
  DX_TRY(need(at_.akey != nullptr, "a piece"));
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
  DX_TRY(need(at_.akey != nullptr, "a cut"));
  const auto item = DX_TRY(take<items::Cut>("a cut"));
  for (Pending& pending : pending_) {
    if (pending.piece.start >= item.at) return error(Code::kCorrupt, "index items: a piece behind the cut");
    pending.piece.end = std::min(pending.piece.end, item.at);
  }
  return {};
}

Status Loader::runs() {
  DX_TRY(need(at_.akey != nullptr, "runs"));
  auto item = DX_TRY(take<items::RunsItem>("a list of runs"));
  if (item.runs.empty()) return error(Code::kCorrupt, "index items: a list of no runs");
  runs_ = std::move(item.runs);
  return {};
}

Status Loader::prepared() {
  auto item = DX_TRY(take<items::PreparedItem>("something prepared"));
  const auto corrupt = [](std::string_view why) {
    return error(Code::kCorrupt, "index items: what is prepared {}", why);
  };
  const bool punch = item.kind == Prepared::Kind::kPunch;
  const bool extent = item.kind == Prepared::Kind::kExtent;
  if (!punch && !extent && item.kind != Prepared::Kind::kValue) return corrupt("is of no known kind");
  if (item.dkey.empty() && !item.akey.empty()) return corrupt("has an akey without a dkey");
  if (!punch && item.akey.empty()) return corrupt("is a value without an akey");
  const ByteSpan dkey = as_bytes(item.dkey);
  std::string boundary = item.dkey.empty()   ? object_boundary(item.container, item.object)
                         : item.akey.empty() ? dkey_boundary(item.container, item.object, dkey)
                                             : akey_boundary(item.container, item.object, dkey, as_bytes(item.akey));
  Prepared::Entry entry{.transaction = item.transaction,
                        .order = item.order,
                        .kind = item.kind,
                        .version = item.version.version(),
                        .start = item.start,
                        .end = item.end};
  runs_ = std::move(item.runs);
  if (punch) {
    if (!runs_.empty()) return corrupt("is a punch that lies somewhere");
    if (entry.version >= kNever) return corrupt("has no possible epoch");
    impl_.prepared.add(boundary, entry);
    return {};
  }
  const ContentInPlace content = take_content();
  if (!decoder_.ok()) return corrupt("is malformed");
  if (content.head.version.version() != entry.version) return corrupt("is of two versions");
  if (content.head.written.has_value() != extent) return corrupt("is an extent and is not");
  if (extent) {
    if (item.start >= item.end || item.start < content.head.written->start || item.end > content.head.written->end())
      return corrupt("lies outside its extent");
  }
  entry.blob = DX_TRY(blob_of(content));
  impl_.prepared.add(extent ? extent_boundary(boundary, item.start) : version_boundary(boundary, entry.version), entry);
  return {};
}

Status Loader::end_of_akey() {
  for (const Pending& pending : pending_) {
    const Piece& piece = pending.piece;
    Array& array = impl_.array(*at_.akey);
    if (!array.has_room_for(piece)) return error(Code::kCorrupt, "index items: a piece where another one is");
    piece.blob->share();
    array.place(piece);
    if (piece.died != kNever || piece.blob->removes()) {
      const Version due = piece.died != kNever ? piece.died : piece.born();
      impl_.enqueue(*at_.object, *at_.dkey, *at_.akey, due.epoch);
    }
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
  const auto what = static_cast<items::Kind>(kind);
  if (!runs_.empty() && what != items::Kind::kValue && what != items::Kind::kContent)
    return error(Code::kCorrupt, "index items: runs of nothing");
  switch (what) {
    case items::Kind::kObject: {
      const auto object = DX_TRY(take<items::Object>("an object"));
      DX_TRY(end_of_akey());
      object_ = object;
      dkey_key_ = {};
      at_ = {};
      return {};
    }
    case items::Kind::kDkey: {
      DX_TRY(need(object_.has_value(), "a dkey"));
      const ByteSpan dkey = DX_TRY(key("a dkey"));
      DX_TRY(end_of_akey());
      dkey_key_ = dkey;
      at_.akey = nullptr;
      at_.dkey = nullptr;
      return {};
    }
    case items::Kind::kAkey: {
      DX_TRY(need(!dkey_key_.empty(), "an akey"));
      const ByteSpan akey = DX_TRY(key("an akey"));
      DX_TRY(end_of_akey());
      DkeyNode& in = dkey(akey);
      at_.akey = &impl_.akey(*at_.object, in, akey);
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
    case items::Kind::kRuns:
      return runs();
    case items::Kind::kPrepared:
      return prepared();
  }
  return error(Code::kFormatVersion, "index items: one of unknown kind {}: a newer build wrote it than this build ({})",
               kind, build_string());
}

}  // namespace

Status Index::load(ByteSpan items) { return Loader(*impl_, items).run(); }

}  // namespace daos::vos
