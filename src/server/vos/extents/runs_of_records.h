// Which extents records of the log refer to: recovery verifies them, and so does a look at a store that does not run.
#pragma once

#include <vector>

#include "server/vos/records/log_records.h"

namespace daos::vos {

/// The runs that update records refer to.
class RunsOfRecords : public RecordVisitor {
 public:
  std::vector<TierAddress> runs;
  Status on(UpdateRecord record) override {
    for (const AkeyValue& value : record.values) runs.insert(runs.end(), value.stored.begin(), value.stored.end());
    return {};
  }
  Status on(PunchRecord) override { return {}; }
  Status on(SlotClosedRecord) override { return {}; }
  Status on(ClientEndedRecord) override { return {}; }
  Status on(ClockReservedRecord) override { return {}; }
  Status on(ContainerDestroyedRecord) override { return {}; }
};

}  // namespace daos::vos
