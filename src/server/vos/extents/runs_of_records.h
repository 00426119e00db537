// Which extents records of the log refer to: recovery verifies them, and so does a look at a store that does not run.
#pragma once

#include <vector>

#include "server/vos/records/transaction_records.h"

namespace daos::vos {

/// The runs that records of updates, done or prepared, refer to.
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
  Status on(PreparedRecord record) override {
    for (Modification& modification : record.modifications) {
      if (auto* update = std::get_if<UpdateRecord>(&modification.what)) DX_TRY(on(std::move(*update)));
    }
    return {};
  }
  Status on(DecisionRecord) override { return {}; }
  Status on(ForgottenRecord) override { return {}; }
};

}  // namespace daos::vos
