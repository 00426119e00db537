// What a directory holds that somebody wants looked at: a local system, one engine, one target, or one shard. Told by
// what is there, not by names alone. Blocking; reads names only.
#pragma once

#include <string>
#include <vector>

#include "platform/base/status.h"

namespace daos::program {

struct StoreTree {
  enum class Kind : uint8_t { kSystem, kEngine, kTarget, kShard };
  Kind kind = Kind::kShard;
  std::string root;  // absolute
  // Below the root, in order; "." is the root itself.
  std::vector<std::string> engines;   // also those without a superblock
  std::vector<std::string> services;  // folders of a log and a snapshot
  std::vector<std::string> shards;
  std::vector<std::string> half_shards;  // of creations or removals that were interrupted

  /// "a local system of 2 engines, 4 shards"
  std::string in_words() const;
  std::string path(std::string_view name) const;  // absolute
};

/// "1 shard", "2 shards"
std::string counted(size_t count, std::string_view noun);

/// kNonexistent, kInvalid: what a directory needs to be one of these.
Result<StoreTree> look_at(const std::string& directory);

/// Holds the locks that keep engines from starting on what is being looked at. kBusy, naming who has it and how to end
/// that; they end with the process.
Status lock_tree(const StoreTree& tree);

}  // namespace daos::program
