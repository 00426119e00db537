// Everything that an index holds, in its own order: keys with their punches and every version that is still there, seen
// or not. For people who debug.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "server/vos/index/boundary.h"
#include "server/vos/index/index.h"
#include "server/vos/index/version.h"

namespace daos::vos {

struct StoredVersion {
  Version version;
  Version hidden;             // by the first punch or overwriting after it; zero: it is current
  uint64_t record_bytes = 0;  // 0: a removal
  std::optional<Extent> extent;
  IoBuf bytes;        // unless they lie in an extent
  StoredRuns stored;  // where they lie then
  uint8_t checksum_type = 0;
};

/// What a transaction would do here if it is committed.
struct StoredPrepared {
  OpId transaction;
  Place place;  // of the key, or what is punched
  bool punch = false;
  StoredVersion version;  // of a punch only the version counts
};

class VersionVisitor {
 public:
  virtual ~VersionVisitor() = default;
  // What the following belongs to; each once.
  virtual void on_object(const Uuid& container, const classes::ObjectId& object) = 0;
  virtual void on_dkey(ByteSpan key) = 0;
  virtual void on_akey(ByteSpan key) = 0;
  // Of the last of these.
  virtual void on_highest_epoch(uint64_t epoch) = 0;
  virtual void on_punch(Version version) = 0;
  virtual void on_version(const StoredVersion& version) = 0;
  // Anywhere between those, and whole by itself: it belongs to no key as long as it is not committed.
  virtual void on_prepared(const StoredPrepared& prepared) = 0;
};

/// What to look at; nothing: all.
struct Selection {
  std::optional<Uuid> container;
  std::optional<classes::ObjectId> object;
  std::optional<std::string> dkey, akey;
};

/// Splits extents of `index` in memory where a slice ends. kCorrupt: the index wrote what it cannot read.
Status each_version(Index& index, const Selection& selection, VersionVisitor& visitor);

}  // namespace daos::vos
