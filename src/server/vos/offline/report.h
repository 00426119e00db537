// What a look at stored files found: a line for each file, and everything that is damaged. Paths are those of the disk
// that was looked at.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace daos::vos {

struct FileNote {
  std::string path;
  std::string found;
};

struct DamageNote {
  std::string path;
  std::optional<uint64_t> offset;  // nothing: the file as a whole
  std::string what;
  std::string affected;  // pool, containers, objects and keys, as far as they are known
};

struct Report {
  std::vector<FileNote> files;
  std::vector<DamageNote> damage;
};

}  // namespace daos::vos
