// The index as items, in its own order: what a checkpoint's buckets are filled with. An item says what it is in one
// byte; the rest is in codec form. Items of context (an object, a dkey, an akey) say what the following ones belong to
// and are repeated at the start of every slice, so that a slice can be read by itself.
//
//   1 object    container, object id: context
//   2 record    of the object: highest epoch, punches
//   3 dkey      key: context
//   4 record    of the dkey: punches
//   5 akey      key: context
//   6 record    of the akey: punches, and of an array when it was written
//   7 value     a version of a single value, with its content
//   8 content   of an extent, numbered from 0 within the akey's context
//   9 piece     of an extent: which content, what range, when it died
//  10 cut       the slice ends here, within the array: what the pieces before have behind it is in the next slice
//  11 prepared  what a transaction would do that is not decided; whole by itself, behind everything else in the slice
//  15 runs      where the bytes of the next item, a value or a content, lie when that is in several runs of tier 1
//
// A build that does not know a kind refuses the checkpoint: a newer one wrote it. So a new kind is a new format, and is
// written only where something needs it. 12 to 14 are free.
//
// A value and a piece carry the first punch after them on whatever level: reclaim may have taken that mark away by the
// time this slice is read, when the bucket that held it was written again and this one was not.
#pragma once

#include <vector>

#include "platform/base/codec.h"
#include "server/vos/index/array.h"
#include "server/vos/index/blob.h"
#include "server/vos/index/prepared.h"

namespace daos::vos::items {

enum class Kind : uint8_t {
  kObject = 1,
  kObjectRecord = 2,
  kDkey = 3,
  kDkeyRecord = 4,
  kAkey = 5,
  kAkeyRecord = 6,
  kValue = 7,
  kContent = 8,
  kPiece = 9,
  kCut = 10,
  kPrepared = 11,
  kRuns = 15,
};

struct Stamp {
  uint64_t epoch = 0;
  uint16_t minor = 0;
  Stamp() = default;
  Stamp(Version version) : epoch(version.epoch), minor(version.minor) {}  // NOLINT: the same thing, as it is stored
  Version version() const { return {epoch, minor}; }
  static void visit(auto&& visitor, auto& self) { visitor(self.epoch, self.minor); }
};

struct Object {
  Uuid container;
  classes::ObjectId id;
  static void visit(auto&& visitor, auto& self) { visitor(self.container, self.id); }
};
struct ObjectRecord {
  uint64_t highest_epoch = 0;
  std::vector<Stamp> punches;
  static void visit(auto&& visitor, auto& self) { visitor(self.highest_epoch, self.punches); }
};
struct DkeyRecord {
  std::vector<Stamp> punches;
  static void visit(auto&& visitor, auto& self) { visitor(self.punches); }
};
struct AkeyRecord {
  std::vector<Stamp> punches;
  bool array = false;
  Stamp newest;
  std::vector<Stamp> births;
  static void visit(auto&& visitor, auto& self) { visitor(self.punches, self.array, self.newest, self.births); }
};
struct Content {
  Stamp version;
  uint64_t record_bytes = 0;
  std::optional<Extent> written;  // of an array
  IoBuf bytes;
  std::optional<TierAddress> stored;
  std::optional<Checksums> checksums;
  static void visit(auto&& visitor, auto& self) {
    visitor(self.version, self.record_bytes, self.written, self.bytes, self.stored, self.checksums);
  }
};
Content content_of(const Blob& blob);  // serialise.cc
struct Value {
  Stamp hidden;
  Content content;
  static void visit(auto&& visitor, auto& self) { visitor(self.hidden, self.content); }
};
struct PieceItem {
  uint32_t content = 0;
  uint64_t start = 0, end = 0;
  Stamp died, hidden;
  static void visit(auto&& visitor, auto& self) { visitor(self.content, self.start, self.end, self.died, self.hidden); }
};

struct RunsItem {
  std::vector<TierAddress> runs;
  static void visit(auto&& visitor, auto& self) { visitor(self.runs); }
};

struct Cut {
  uint64_t at = 0;
  static void visit(auto&& visitor, auto& self) { visitor(self.at); }
};

/// Behind it stands a Content, unless it is a punch. It names its place itself, because nodes are made of contexts.
struct PreparedItem {
  Uuid container;
  classes::ObjectId object;
  std::string dkey, akey;  // empty where the punch is of something above
  OpId transaction;
  uint32_t order = 0;
  Prepared::Kind kind = Prepared::Kind::kPunch;
  Stamp version;
  uint64_t start = 0, end = 0;    // of an extent
  std::vector<TierAddress> runs;  // where its bytes lie when that is in several, as kRuns says it of others
  static void visit(auto&& visitor, auto& self) {
    visitor(self.container, self.object, self.dkey, self.akey, self.transaction, self.order, self.kind, self.version,
            self.start, self.end, self.runs);
  }
};

}  // namespace daos::vos::items
