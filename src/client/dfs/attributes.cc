#include "client/dfs/attributes.h"

#include <algorithm>
#include <cctype>

namespace daos::dfs {
namespace {

using classes::ClassId;
using classes::ObjectType;

// User parts of the ids that are reserved: no file ever gets them.
constexpr classes::ObjectId kSuperblockId{.lo = 0, .hi = 0};
constexpr classes::ObjectId kRootId{.lo = 0, .hi = 1};

const classes::Redundancy* redundancy_of(ClassId id) {
  return classes::find_redundancy(static_cast<uint8_t>(id.value() >> 24));
}

Status check_class(ClassId id, std::string_view what, const Place& place) {
  if (id == classes::kClassUnknown) return {};
  const classes::Redundancy* redundancy = redundancy_of(id);
  if (redundancy == nullptr) return error(Code::kInvalid, "{}: object class {:#x} does not exist", what, id.value());
  if (redundancy->failures_tolerated() < place.fit.redundancy_factor) {
    return error(Code::kInvalid, "{}: class {} tolerates {} failures, the container asks for {}", what,
                 classes::class_name(id), redundancy->failures_tolerated(), place.fit.redundancy_factor);
  }
  if (redundancy->group_size() > 1) {
    return error(Code::kNotSupported,
                 "{}: class {} keeps several copies or parity, which is not there yet; S1 to SX work", what,
                 classes::class_name(id));
  }
  return {};
}

/// Whole stripes of an erasure-code class, at least 1 MiB; 1 MiB for all others.
uint64_t default_chunk_bytes(ClassId file_class, const Place& place) {
  const classes::Redundancy* redundancy = redundancy_of(file_class);
  const bool striped = redundancy != nullptr && redundancy->is_erasure_code() && place.cell_bytes > 0;
  if (place.fit.redundancy_factor > 3 || !striped) return kChunkBytesDefault;
  const uint64_t stripe = redundancy->data * place.cell_bytes;
  if (stripe >= kChunkBytesDefault) return 2 * stripe;
  return (kChunkBytesDefault + stripe - 1) / stripe * stripe;
}

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return result;
}

Result<ClassId> chosen_class(ClassId given, ObjectType type, uint16_t hints, const Place& place) {
  if (given != classes::kClassUnknown) return given;
  return DX_TRY(classes::generate_oid({}, static_cast<uint32_t>(type), classes::kClassUnknown, hints, place.fit))
      .class_id();
}

}  // namespace

Result<Hints> parse_hints(std::string_view text, uint32_t redundancy_factor) {
  Hints hints;
  const std::string whole = lower(text);
  for (size_t begin = 0; begin < whole.size();) {
    const size_t end = std::min(whole.find(',', begin), whole.size());
    const std::string pair = whole.substr(begin, end - begin);
    begin = end + 1;
    const size_t colon = std::min(pair.find(':'), pair.size());
    const std::string key = pair.substr(0, colon);
    const std::string value = pair.substr(std::min(colon + 1, pair.size()));
    const bool directory = key == "dir" || key == "directory";
    uint16_t& bits = directory ? hints.directory : hints.file;
    const bool known = (directory || key == "file") && (value == "single" || value == "max");
    if (!known || bits != 0 || end + 1 == whole.size()) {
      return error(Code::kInvalid, "hints \"{}\": file:single, file:max, dir:single and dir:max are known, one of each",
                   text);
    }
    bits = value == "single" ? classes::kHintShardTiny : classes::kHintShardMax;
    if (redundancy_factor > 0) {
      const bool parity = value == "max" && !directory;
      bits |= parity ? classes::kHintErasureCode : classes::kHintReplicate;
    }
  }
  return hints;
}

Result<Plan> plan(Wanted wanted, const Place& place) {
  if (wanted.mode != Mode::kRelaxed && wanted.mode != Mode::kBalanced) {
    return error(Code::kInvalid, "consistency mode {} is not known", static_cast<uint32_t>(wanted.mode));
  }
  if (wanted.hints.size() > kHintsBytesMax) {
    return error(Code::kInvalid, "hints of {} characters, at most {} are possible", wanted.hints.size(),
                 kHintsBytesMax);
  }
  const Hints hints = DX_TRY(parse_hints(wanted.hints, place.fit.redundancy_factor));
  if (wanted.directory_class == classes::kClassUnknown) wanted.directory_class = wanted.object_class;
  if (wanted.file_class == classes::kClassUnknown) wanted.file_class = wanted.object_class;
  const classes::Redundancy* of_directories = redundancy_of(wanted.directory_class);
  // Entries are small and change in place: parity would be written again and again.
  if (of_directories != nullptr && of_directories->is_erasure_code()) wanted.directory_class = classes::kClassUnknown;
  DX_TRY(check_class(wanted.object_class, "object class", place));
  DX_TRY(check_class(wanted.directory_class, "directory class", place));
  DX_TRY(check_class(wanted.file_class, "file class", place));
  if (wanted.chunk_bytes == 0) wanted.chunk_bytes = default_chunk_bytes(wanted.file_class, place);

  Plan made{.superblock = {.chunk_bytes = wanted.chunk_bytes,
                           .object_class = wanted.object_class,
                           .directory_class = wanted.directory_class,
                           .file_class = wanted.file_class,
                           .mode = wanted.mode,
                           .hints = std::move(wanted.hints)},
            .roots = {}};
  const auto type = static_cast<uint32_t>(ObjectType::kMultiHashed);
  made.roots.superblock =
      DX_TRY(classes::generate_oid(kSuperblockId, type, wanted.directory_class, hints.directory, place.fit));
  made.roots.root = DX_TRY(classes::generate_oid(kRootId, type, wanted.directory_class, hints.directory, place.fit));
  return made;
}

Result<ClassId> default_directory_class(const Superblock& superblock, const Place& place) {
  const Hints hints = DX_TRY(parse_hints(superblock.hints, place.fit.redundancy_factor));
  return chosen_class(superblock.directory_class, ObjectType::kMultiHashed, hints.directory, place);
}

Result<ClassId> default_file_class(const Superblock& superblock, const Place& place) {
  const Hints hints = DX_TRY(parse_hints(superblock.hints, place.fit.redundancy_factor));
  return chosen_class(superblock.file_class, ObjectType::kArrayByte, hints.file, place);
}

}  // namespace daos::dfs
