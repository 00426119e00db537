// One operation of a random history, as plain data: it can be printed, left out and repeated. What it means for the
// model and for the library is in world.h.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace api_model {

/// A sequence that is the same on every machine.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed * 0x9e3779b97f4a7c15ull + 0x1234567) {}
  uint64_t below(uint64_t n) {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    state_ ^= state_ << 17;
    return (state_ >> 11) % n;
  }
  bool one_in(uint64_t n) { return below(n) == 0; }

 private:
  uint64_t state_;
};

enum class Kind : uint8_t {
  // on keys, of an object of one's own or of one that all share
  kUpdate,
  kFetch,
  kWriteRecords,
  kRemoveRecords,
  kFetchRecords,
  kPunchAkeys,
  kPunchDkey,
  kPunchObject,
  kListDkeys,
  kListAkeys,
  kListRecords,
  kQueryEpoch,
  kBurst,
  // on a byte array
  kArrayWrite,
  kArrayPunch,
  kArraySetSize,
  kArrayRead,
  // on a key-value store
  kPut,
  kGet,
  kRemove,
  kListKeys,
};
inline constexpr const char* kKindNames[] = {
    "update",     "fetch",        "write records", "remove records", "fetch records", "punch akeys",
    "punch dkey", "punch object", "list dkeys",    "list akeys",     "list records",  "query epoch",
    "burst",      "array write",  "array punch",   "array size",     "array read",    "put",
    "get",        "remove",       "list keys"};

struct Operation {
  Kind kind = Kind::kUpdate;
  bool shared = false;  // on the object that all workers use
  uint32_t dkey = 0;    // also the key of a store
  std::vector<uint32_t> akeys;
  uint64_t flags = 0;                         // conditions of the API
  uint64_t start = 0, count = 0, start2 = 0;  // records or cells; start2: of a second extent, 0 without
  uint64_t bytes = 0;                         // of values
  uint64_t id = 0;                            // what is written can be told by it
  bool with_event = false;

  bool on_keys() const { return kind <= Kind::kBurst; }
  bool on_array() const { return kind >= Kind::kArrayWrite && kind <= Kind::kArrayRead; }

  std::string text() const {
    std::string line = "#" + std::to_string(id) + " " + kKindNames[static_cast<size_t>(kind)];
    if (on_keys()) line += shared ? " (shared)" : " (own)";
    line += " key " + std::to_string(dkey);
    if (!akeys.empty()) {
      line += " akeys";
      for (const uint32_t akey : akeys) line += " " + std::to_string(akey);
    }
    if (count > 0) line += " [" + std::to_string(start) + ", +" + std::to_string(count) + ")";
    if (start2 > 0) line += " [" + std::to_string(start2) + ", +" + std::to_string(count) + ")";
    if (bytes > 0) line += " " + std::to_string(bytes) + " bytes";
    if (flags != 0) line += " flags " + std::to_string(flags);
    return line + (with_event ? " by event" : "");
  }
};

Operation random_operation(Random& random, uint64_t id);

}  // namespace api_model
