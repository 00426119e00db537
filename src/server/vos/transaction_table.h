// What one shard knows of transactions of several targets: which of them it has prepared, and how those were decided
// that may still be asked about. Says nothing about storage: the records are its changes, and the checkpoint's table
// holds it as a whole. What a transaction would do is in the index.
#pragma once

#include <map>
#include <vector>

#include "server/vos/records/transaction_records.h"

namespace daos::vos {

/// kAgain, naming one, unless there is none: what who cannot ask their leaders answers instead.
Status all_decided(const std::vector<OpId>& in_doubt);

class TransactionTable {
 public:
  /// Null: unknown. Valid until the table changes.
  const TransactionEntry* find(const OpId& id) const;
  void apply(const PreparedRecord& record);
  void apply(const DecisionRecord& record);
  void apply(const ForgottenRecord& record);
  /// Its keys are nobody's any more; the transactions stay.
  void destroy_container(const Uuid& container);
  /// As a checkpoint has it.
  void restore(TransactionEntry entry);

  /// In order of their ids.
  std::vector<TransactionEntry> all() const;
  std::vector<TransactionEntry> in_doubt() const;
  size_t size() const { return entries_.size(); }
  /// What it takes in memory, about; and what a transaction adds to that.
  uint64_t used_bytes() const { return used_bytes_; }
  static uint64_t cost_of(const PreparedRecord& record);

 private:
  TransactionEntry& entry_of(const OpId& id);
  void set_keys(TransactionEntry& entry, std::vector<Touched> keys);

  std::map<OpId, TransactionEntry> entries_;
  uint64_t used_bytes_ = 0;
};

}  // namespace daos::vos
