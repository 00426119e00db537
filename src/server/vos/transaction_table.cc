#include "server/vos/transaction_table.h"

#include "server/vos/index/blob.h"

namespace daos::vos {
namespace {

constexpr uint64_t kEntryBytes = chunk_bytes(32 + sizeof(std::pair<const OpId, TransactionEntry>));

uint64_t bytes_of(const IoBuf& key) { return sizeof(IoBuf) + buffer_cost(key.size()); }
uint64_t bytes_of(const std::vector<Touched>& keys) {
  uint64_t bytes = 0;
  for (const Touched& touched : keys) {
    bytes += sizeof(Touched) + bytes_of(touched.dkey);
    for (const IoBuf& akey : touched.akeys) bytes += bytes_of(akey);
    for (const IoBuf& akey : touched.arrays) bytes += bytes_of(akey);
  }
  return bytes;
}

/// Copies: those of an operation share its receive buffer, values and all.
void make_own(std::vector<IoBuf>& keys) {
  for (IoBuf& key : keys) key = IoBuf::copy_of(key.bytes());
}

}  // namespace

Status all_decided(const std::vector<OpId>& in_doubt) {
  if (in_doubt.empty()) return {};
  return error(Code::kAgain, "{} is not decided yet, and the answer depends on its outcome", in_doubt.front());
}

const TransactionEntry* TransactionTable::find(const OpId& id) const {
  const auto found = entries_.find(id);
  return found == entries_.end() ? nullptr : &found->second;
}

TransactionEntry& TransactionTable::entry_of(const OpId& id) {
  const auto [entry, added] = entries_.try_emplace(id);
  if (added) {
    entry->second.id = id;
    used_bytes_ += kEntryBytes;
  }
  return entry->second;
}

void TransactionTable::set_keys(TransactionEntry& entry, std::vector<Touched> keys) {
  used_bytes_ -= bytes_of(entry.keys);
  entry.keys = std::move(keys);
  used_bytes_ += bytes_of(entry.keys);
}

void TransactionTable::apply(const PreparedRecord& record) {
  TransactionEntry& entry = entry_of(record.id);
  entry.state = TransactionState::kPrepared;
  entry.epoch = record.epoch;
  entry.map_version = record.map_version;
  entry.leader = record.leader;
  entry.participants = record.participants;
  std::vector<Touched> keys = touched_by(record);
  for (Touched& touched : keys) {
    touched.dkey = IoBuf::copy_of(touched.dkey.bytes());
    make_own(touched.akeys);
    make_own(touched.arrays);
  }
  set_keys(entry, std::move(keys));
}

void TransactionTable::apply(const DecisionRecord& record) {
  const bool known = entries_.contains(record.id);
  TransactionEntry& entry = entry_of(record.id);
  entry.state = record.outcome == Outcome::kCommitted ? TransactionState::kCommitted
                : known                               ? TransactionState::kAborted
                                                      : TransactionState::kRefused;
  set_keys(entry, {});
}

void TransactionTable::apply(const ForgottenRecord& record) {
  const auto found = entries_.find(record.id);
  if (found == entries_.end()) return;
  set_keys(found->second, {});
  used_bytes_ -= kEntryBytes;
  entries_.erase(found);
}

void TransactionTable::destroy_container(const Uuid& container) {
  for (auto& [id, entry] : entries_) {
    std::vector<Touched> left = entry.keys;
    if (std::erase_if(left, [&](const Touched& touched) { return touched.container == container; }) == 0) continue;
    set_keys(entry, std::move(left));
  }
}

void TransactionTable::restore(TransactionEntry stored) {
  TransactionEntry& entry = entry_of(stored.id);
  std::vector<Touched> keys = std::exchange(stored.keys, {});
  set_keys(entry, {});
  entry = std::move(stored);
  set_keys(entry, std::move(keys));
}

std::vector<TransactionEntry> TransactionTable::all() const {
  std::vector<TransactionEntry> all;
  all.reserve(entries_.size());
  for (const auto& [id, entry] : entries_) all.push_back(entry);
  return all;
}

std::vector<TransactionEntry> TransactionTable::in_doubt() const {
  std::vector<TransactionEntry> open = all();
  std::erase_if(open, [](const TransactionEntry& entry) { return entry.state != TransactionState::kPrepared; });
  return open;
}

uint64_t TransactionTable::cost_of(const PreparedRecord& record) {
  return kEntryBytes + record.participants.size() * sizeof(uint32_t) + bytes_of(touched_by(record));
}

}  // namespace daos::vos
