// Which values of an update go to the extent file, and their runs until the record refers to them.
#pragma once

#include <vector>

#include "server/vos/shard.h"

namespace daos::vos {

class Shard::Placement {
 public:
  explicit Placement(ExtentStore& extents) : runs_(extents) {}

  /// Takes values above `limit` out of the record and adds them to the runs; may be called again with a lower limit. In
  /// their places the record has addresses that are right in number and length, so that its cost can be known.
  void choose(UpdateRecord& record, uint64_t limit);
  bool empty() const { return chosen_.empty(); }
  NewRuns& runs() { return runs_; }
  /// The runs are written: the record gets their addresses.
  void fill(UpdateRecord& record) const;
  /// The record is in the log.
  void keep() { runs_.keep(); }

 private:
  NewRuns runs_;
  std::vector<size_t> chosen_;  // values of the record, in order of their runs
};

}  // namespace daos::vos
