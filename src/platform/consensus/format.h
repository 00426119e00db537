// What a replica keeps: entries of its log, and the snapshot file. docs/formats/service-log.md.
#pragma once

#include <string_view>
#include <vector>

#include "platform/base/codec.h"
#include "platform/base/uuid.h"
#include "platform/journal/journal.h"

namespace daos::consensus {

inline constexpr uint8_t kEntryFormat = 1;
inline constexpr uint16_t kSnapshotFormat = 1;
inline constexpr size_t kSnapshotBytesMax = 128u << 20;

/// One command in the log.
struct Entry {
  uint8_t format = kEntryFormat;
  Uuid operation;
  ByteVector command;
  static void visit(auto&& visitor, auto& self) { visitor(self.format, self.operation, self.command); }
};
/// kFormatVersion for an entry of another build, kCorrupt for bytes that are none.
Result<Entry> decode_entry(ByteSpan record);

struct Answer {
  Uuid operation;
  ByteVector bytes;
  static void visit(auto&& visitor, auto& self) { visitor(self.operation, self.bytes); }
};
/// The snapshot file: "DAOSSNAP", crc32c of what follows it (4 bytes), then this.
struct Snapshot {
  uint16_t format = kSnapshotFormat;
  journal::Position position;   // commands up to here are in it
  std::vector<Answer> answers;  // the oldest first
  ByteVector state;
  static void visit(auto&& visitor, auto& self) { visitor(self.format, self.position, self.answers, self.state); }
};
ByteVector encode_snapshot(const Snapshot& snapshot);
/// `path` names the file in errors: kFormatInvalid when it is damaged, kFormatVersion for another format.
Result<Snapshot> decode_snapshot(ByteSpan file, std::string_view path);

}  // namespace daos::consensus
