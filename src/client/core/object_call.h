// What all object operations share: finding the target of a group, and asking it until it answers. Of this folder only.
#pragma once

#include <optional>

#include "client/core/object.h"
#include "client/core/session.h"

namespace daos::core {

/// Where a group of an object is, by one map. Made for every operation, so it formats nothing.
struct Route {
  PoolViewRef view;
  map::TargetId target;
  fabric::PeerId peer;

  map::MapVersion version() const { return view->map->version(); }
  /// "rank 2 target 1 (tcp://...)", for people.
  std::string text() const;
};
Result<Route> route(Lane& lane, const PoolRef& pool, PoolViewRef view, const Object& object, classes::GroupIndex group);

/// What follows from a failed attempt: a newer map where that may help, a pause, a word to the user.
runtime::Task<void> after_failure(Lane& lane, PoolRef pool, const Route& to, std::string_view what, Status why,
                                  Attempts& attempts);
/// A reply was given by a target that knows a newer map: the next operations need not be told one by one.
void learn_version(Lane& lane, const PoolRef& pool, map::MapVersion seen, map::MapVersion used);

inline bool worth_repeating(Code code) { return is_transient(code) || code == Code::kStale; }

Status check_size(size_t bytes, std::string_view what);
/// kNoHandle, kNoPerm.
Status check_writable(const Object& object);

inline size_t akey_bytes(const auto& akey) { return akey.akey.size() + akey.extents.size() * sizeof(messages::Extent); }

/// Memory that the target may use for the length of one attempt; none: nothing is lent.
struct Lending {
  fabric::Access access = fabric::Access::kPeerReads;
  std::vector<MutableByteSpan> pieces;
  uint64_t bytes = 0;
};

/// One attempt's key. When this has ended nobody touches the memory any more, so it ends before anybody hears of the
/// attempt's outcome.
class Loan {
 public:
  Loan(Lane& lane, const Lending& lending) : endpoint_(lane.node().endpoint()) {
    if (lending.bytes > 0) memory_.key = endpoint_.lend(lending.access, lending.pieces);
  }
  Loan(const Loan&) = delete;
  ~Loan() { end(); }
  void enter(auto& request) const {
    if constexpr (requires { request.lent; }) request.lent = memory_;
  }
  void end() {
    if (memory_.key != fabric::MemoryKey()) endpoint_.revoke(std::exchange(memory_.key, {}));
  }

 private:
  fabric::Endpoint& endpoint_;
  fabric::RemoteMemory memory_;
};

/// Fills in what every request on an object says.
template <class Request>
Request request_on(const Object& object) {
  Request request;
  request.pool = object.container()->pool()->id();
  request.handle = object.container()->handle();
  request.object = object.id();
  return request;
}

/// Asks until there is an answer or patience ends. `what`, for the log: a literal.
template <class Request>
runtime::Task<Result<typename Request::Reply>> read_group(Lane& lane, ObjectRef object, classes::GroupIndex group,
                                                          Request request, std::string_view what,
                                                          runtime::StopToken stop, Lending lending = {}) {
  const PoolRef& pool = object->container()->pool();
  if (!object->container()->open()) co_return Status(Code::kNoHandle);
  Attempts attempts(lane, stop, std::nullopt);
  for (;;) {
    PoolViewRef view = DX_CO_TRY(co_await view_of(lane, pool, attempts));
    const Route to = DX_CO_TRY(route(lane, pool, std::move(view), *object, group));
    request.map_version = to.version();
    Loan loan(lane, lending);
    loan.enter(request);
    Result<typename Request::Reply> reply = co_await lane.node().call(to.peer, request, attempts.next(lending.bytes));
    loan.end();
    if (reply.ok()) {
      learn_version(lane, pool, reply->map_version, to.version());
      co_return reply;
    }
    if (!worth_repeating(reply.code())) co_return std::move(reply).status().within(to.text());
    if (!attempts.over()) co_await after_failure(lane, pool, to, what, reply.status(), attempts);
    if (attempts.over()) co_return attempts.given_up(reply.status()).within(to.text());
  }
}

/// Sends a change until it has an outcome. `slot` is what it was sent under, and is the caller's to give back.
template <class Request>
runtime::Task<Status> send_change(Lane& lane, ObjectRef object, classes::GroupIndex group, Request request,
                                  std::string_view what, Attempts& attempts, std::optional<SlotLease>& slot,
                                  Lending lending) {
  const PoolRef& pool = object->container()->pool();
  for (;;) {
    PoolViewRef view = DX_CO_TRY(co_await view_of(lane, pool, attempts));
    const Route to = DX_CO_TRY(route(lane, pool, std::move(view), *object, group));
    if (slot && slot->target() != to.target) {
      // The map gave the data another place: what the old one may have executed is of no account there.
      slot->abandon();
      slot.reset();
    }
    if (!slot) slot.emplace(DX_CO_TRY(co_await SlotLease::acquire(lane, pool, to.target, to.peer, attempts.whole())));
    slot->set_peer(to.peer);
    request.map_version = to.version();
    request.slot = slot->ref();
    slot->count_attempt();
    Loan loan(lane, lending);
    loan.enter(request);
    Result<typename Request::Reply> reply = co_await lane.node().call(to.peer, request, attempts.next(lending.bytes));
    loan.end();
    if (reply.ok()) {
      learn_version(lane, pool, reply->map_version, to.version());
      co_return Status();
    }
    if (!worth_repeating(reply.code())) co_return std::move(reply).status().within(to.text());
    if (!attempts.over()) co_await after_failure(lane, pool, to, what, reply.status(), attempts);
    if (attempts.over()) co_return attempts.given_up(reply.status()).within(to.text());
  }
}

/// Changes one group, exactly once.
template <class Request>
runtime::Task<Status> change_group(Lane& lane, ObjectRef object, classes::GroupIndex group, Request request,
                                   std::string_view what, runtime::StopToken stop, Lending lending = {}) {
  Attempts attempts(lane, stop, std::nullopt);
  std::optional<SlotLease> slot;
  Status outcome =
      co_await send_change(lane, object, group, std::move(request), what, attempts, slot, std::move(lending));
  if (!slot) co_return outcome;
  if (outcome.ok()) {
    slot->release();
    co_return outcome;
  }
  outcome = co_await slot->give_up(std::move(outcome));
  co_return outcome;
}

/// `function(GroupIndex)` gives a Task<Status>; all groups are asked at once. The first error.
template <class Function>
runtime::Task<Status> every_group(Lane& lane, ObjectRef object, Function function) {
  runtime::Scope scope(lane.reactor());
  for (uint32_t group = 0; group < object->group_count(); group++) scope.spawn(function(classes::GroupIndex(group)));
  Status all = co_await scope.join();
  co_return all;
}

}  // namespace daos::core
