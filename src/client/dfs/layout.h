// What a file system looks like in a container: names of keys and bytes of values (docs/formats/posix.md). Plain data
// and pure functions; any thread.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "model/classes/object_class.h"
#include "model/classes/object_id.h"
#include "platform/base/bytes.h"
#include "platform/base/codec.h"
#include "platform/base/status.h"

namespace daos::dfs {

/// The container's property ROOTS: the two objects that all others are found from, and room for two more.
struct Roots {
  classes::ObjectId superblock;
  classes::ObjectId root;

  static constexpr size_t kBytes = 64;
  std::string bytes() const;
  /// kIo: nothing is there.
  static Result<Roots> parse(std::string_view bytes);
};

// --- the superblock object: under one dkey a single value for each field, under the other the root directory's entry
inline constexpr std::string_view kSuperblockKey = "DFS_SB_METADATA";
inline constexpr std::string_view kRootKey = "/";

inline constexpr uint64_t kMagic = 0xda05df50da05df50;
inline constexpr uint16_t kSuperblockVersion = 2;
inline constexpr uint16_t kLayoutVersion = 3;
inline constexpr size_t kHintsBytesMax = 127;  // without the NUL

enum class Mode : uint32_t { kRelaxed = 0, kBalanced = 4 };  // the API's DFS_RELAXED, DFS_BALANCED

struct Superblock {
  uint64_t chunk_bytes = 0;  // of files that ask for nothing else
  classes::ClassId object_class;
  classes::ClassId directory_class;
  classes::ClassId file_class;
  Mode mode = Mode::kRelaxed;
  std::string hints;

  struct Field {
    std::string_view akey;
    ByteVector value;
  };
  /// In the order in which they are written.
  std::vector<Field> encode() const;
  /// The akeys, in that order too.
  static std::vector<std::string_view> akeys();
  /// One value for each of akeys(), empty where there is none. kInvalid: another magic, a version that this build does
  /// not read, or a value of the wrong size.
  static Result<Superblock> decode(const std::vector<ByteVector>& values);
  bool operator==(const Superblock&) const = default;
};

// --- a directory's entry: an array of bytes under this akey, 88 of them
inline constexpr std::string_view kEntryAkey = "DFS_INODE";

/// Seconds and nanoseconds stand apart in the bytes, for the sake of older readers.
struct Entry {
  uint32_t mode = 0;  // type and permissions, as in struct stat
  classes::ObjectId object;
  int64_t mtime_seconds = 0;
  int64_t ctime_seconds = 0;
  uint64_t chunk_bytes = 0;  // of a file; of a directory what its files start with, 0: the container's
  uint32_t object_class = 0;
  uint64_t mtime_ns = 0;
  uint64_t ctime_ns = 0;
  uint32_t uid = 0;
  uint32_t gid = 0;
  uint64_t size = 0;  // of a symbolic link: its length
  uint64_t hlc = 0;   // of the object when mtime was set by hand

  static constexpr size_t kBytes = 88;
  static constexpr size_t kOwnerOffset = 64;  // uid and gid
  static void visit(auto&& visitor, auto& self) {
    visitor(self.mode, self.object, self.mtime_seconds, self.ctime_seconds, self.chunk_bytes, self.object_class,
            self.mtime_ns, self.ctime_ns, self.uid, self.gid, self.size, self.hlc);
  }
  ByteVector encode() const;
  static Result<Entry> decode(ByteSpan bytes);
  bool operator==(const Entry&) const = default;
};

inline constexpr uint32_t kDirectory = 0040000;  // S_IFDIR
inline constexpr uint32_t kRootMode = kDirectory | 0755;

}  // namespace daos::dfs
