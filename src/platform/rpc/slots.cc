#include "platform/rpc/slots.h"

#include <algorithm>

namespace daos::rpc {

SlotTable::Slot& SlotTable::slot_of(const EndpointId& endpoint, uint16_t slot) {
  Session& session = sessions_[endpoint];
  if (slot >= session.slots.size()) session.slots.resize(slot + 1u);
  return session.slots[slot];
}

SlotTable::Decision SlotTable::arrive(const EndpointId& endpoint, SlotRef ref) {
  Slot& slot = slot_of(endpoint, ref.slot);
  if (ref.sequence == slot.outcome.sequence) {
    return {slot.outcome.closed ? Verdict::kStale : Verdict::kDuplicate, slot.outcome};
  }
  if (ref.sequence < slot.outcome.sequence || ref.sequence < slot.running) return {Verdict::kStale, slot.outcome};
  if (ref.sequence == slot.running) return {Verdict::kRunning, {}};
  slot.running = ref.sequence;
  return {Verdict::kNew, {}};
}

void SlotTable::record(const EndpointId& endpoint, uint16_t index, const SlotOutcome& outcome) {
  Slot& slot = slot_of(endpoint, index);
  if (outcome.sequence >= slot.outcome.sequence) slot.outcome = outcome;
  if (slot.running <= outcome.sequence) slot.running = 0;
}

void SlotTable::forget(const EndpointId& endpoint, SlotRef ref) {
  Slot& slot = slot_of(endpoint, ref.slot);
  if (slot.running == ref.sequence) slot.running = 0;
}

bool SlotTable::is_running(const EndpointId& endpoint, SlotRef ref) const {
  const auto found = sessions_.find(endpoint);
  return found != sessions_.end() && ref.slot < found->second.slots.size() &&
         found->second.slots[ref.slot].running == ref.sequence;
}

std::optional<SlotOutcome> SlotTable::last(const EndpointId& endpoint, uint16_t slot) const {
  const auto found = sessions_.find(endpoint);
  if (found == sessions_.end() || slot >= found->second.slots.size()) return std::nullopt;
  const SlotOutcome& outcome = found->second.slots[slot].outcome;
  if (outcome.sequence == 0) return std::nullopt;
  return outcome;
}

void SlotTable::end_client(const Uuid& client) {
  const auto first = sessions_.lower_bound(EndpointId{client, 0});
  auto last = first;
  while (last != sessions_.end() && last->first.client == client) ++last;
  sessions_.erase(first, last);
}

bool SlotTable::knows(const Uuid& client) const {
  const auto first = sessions_.lower_bound(EndpointId{client, 0});
  return first != sessions_.end() && first->first.client == client;
}

runtime::Task<Result<SlotRef>> SlotPool::acquire(runtime::CallContext context) {
  if (free_.empty()) grow();
  DX_CO_TRY(co_await credits_.acquire(context));
  const uint16_t slot = *free_.begin();
  free_.erase(free_.begin());
  co_return SlotRef{slot, next_sequence_[slot]++};
}

void SlotPool::release(SlotRef ref) {
  free_.insert(ref.slot);
  credits_.release();
}

void SlotPool::recover(SlotRef ref) {
  next_sequence_[ref.slot] = std::max(next_sequence_[ref.slot], ref.sequence + 1);
  if (retired_.erase(ref.slot) == 1) release(ref);
}

void SlotPool::grow() {
  const size_t before = next_sequence_.size();
  const size_t after = std::min<size_t>(before * 2, kSlotsMax);
  next_sequence_.resize(after, 1);
  for (size_t slot = before; slot < after; slot++) free_.insert(static_cast<uint16_t>(slot));
  credits_.release(after - before);
}

}  // namespace daos::rpc
