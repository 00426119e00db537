#include "server/target/bulk_buffers.h"

#include <algorithm>

namespace daos::target {

runtime::Task<Result<BulkBuffers::Hold>> BulkBuffers::acquire(rpc::EndpointId session, uint64_t bytes,
                                                              runtime::CallContext context) {
  bytes = std::min(bytes, bytes_max_);
  if (queues_.empty() && bytes <= free_) {
    free_ -= bytes;
    co_return Hold(*this, bytes);
  }
  Request request(reactor_, bytes);
  queues_[session].push_back(&request);
  waiting_++;
  Status waited = co_await request.granted.wait(context);
  if (request.granted.is_set()) co_return Hold(*this, bytes);  // perhaps in the turn in which the context ended
  leave(session, request);
  co_return std::move(waited).within(
      fmt::format("{} of {} bytes for values on their way are in use", bytes_max_ - free_, bytes_max_));
}

void BulkBuffers::hand_out() {
  while (!queues_.empty()) {
    // Whoever is next waits for as much as it needs, however little others ask for: a long value gets its turn, too.
    auto next = queues_.upper_bound(last_);
    if (next == queues_.end()) next = queues_.begin();
    Request& request = *next->second.front();
    if (request.bytes > free_) return;
    free_ -= request.bytes;
    last_ = next->first;
    next->second.pop_front();
    if (next->second.empty()) queues_.erase(next);
    waiting_--;
    request.granted.set();
  }
}

void BulkBuffers::leave(const rpc::EndpointId& session, Request& request) {
  const auto queue = queues_.find(session);
  std::erase(queue->second, &request);
  if (queue->second.empty()) queues_.erase(queue);
  waiting_--;
  hand_out();  // it may have kept the others waiting
}

}  // namespace daos::target
