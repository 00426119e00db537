// What whoever creates a file system may ask for, and what becomes of it. Pure functions; any thread.
#pragma once

#include "client/dfs/layout.h"
#include "model/classes/generate.h"

namespace daos::dfs {

inline constexpr uint64_t kChunkBytesDefault = 1u << 20;

/// 0 and empty: chosen here.
struct Wanted {
  uint64_t chunk_bytes = 0;
  classes::ClassId object_class;  // for both that follow, unless they say otherwise
  classes::ClassId directory_class;
  classes::ClassId file_class;
  Mode mode = Mode::kRelaxed;
  std::string hints;  // "file:max,dir:single"
};

/// The container and its pool, as choices of classes see them.
struct Place {
  classes::Fit fit;
  uint64_t cell_bytes = 0;  // of erasure code
};

/// Hint bits for directories and for files.
struct Hints {
  uint16_t directory = 0;
  uint16_t file = 0;
};
/// kInvalid: what is not a list of `file:` and `dir:` with `single` or `max`, one of each at most.
Result<Hints> parse_hints(std::string_view text, uint32_t redundancy_factor);

struct Plan {
  Superblock superblock;
  Roots roots;
};
/// kInvalid: a class that does not exist, or tolerates fewer failures than the container promises; a mode or hints that
/// are not known. kNotSupported: a class with copies or parity, which objects cannot have yet.
Result<Plan> plan(Wanted wanted, const Place& place);

/// The class that an object gets when neither its creator nor its directory chose one.
Result<classes::ClassId> default_directory_class(const Superblock& superblock, const Place& place);
Result<classes::ClassId> default_file_class(const Superblock& superblock, const Place& place);

}  // namespace daos::dfs
