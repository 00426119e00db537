#include "client/core/session.h"

namespace daos::core {
namespace {

using Closed = Result<std::optional<rpc::SlotOutcome>>;

/// Gives up the operation of `ref`. The answer is final: nothing of it is executed later.
runtime::Task<Closed> close_slot(Lane& lane, PoolRef pool, fabric::PeerId peer, rpc::SlotRef ref,
                                 runtime::CallContext context) {
  messages::SlotCloseReply reply = DX_CO_TRY(co_await lane.node().call(
      peer, messages::SlotCloseRequest{.pool = pool->id(), .slot = {ref.slot, ref.sequence + 1}}, context));
  co_return reply.executed;
}

void back_in_use(rpc::SlotPool& session, rpc::SlotRef ref) { session.recover({ref.slot, ref.sequence + 1}); }

/// Where the target listens by the newest map; `peer` when it has no place there.
fabric::PeerId peer_now(Lane& lane, const PoolRef& pool, map::TargetId id, fabric::PeerId peer) {
  const PoolViewRef view = pool->view();
  const map::Target* target = view == nullptr ? nullptr : view->map->find_target(id);
  if (target == nullptr) return peer;
  const Result<fabric::PeerId> now = peer_of(lane, pool->id(), *view, *target);
  return now.ok() ? *now : peer;
}

/// Closes a retired slot as soon as its target answers.
runtime::Task<void> recover(Lane& lane, PoolRef pool, map::TargetId target, fabric::PeerId peer, rpc::SlotRef ref) {
  const Patience& patience = lane.client().patience();
  Duration pause = patience.pause_first;
  while (!lane.stop().stop_requested()) {
    const Closed closed = co_await close_slot(lane, pool, peer_now(lane, pool, target, peer), ref,
                                              lane.reactor().within(patience.attempt_first, lane.stop()));
    if (closed.ok()) {
      back_in_use(lane.session(pool->id(), target), ref);
      co_return;
    }
    if (!is_transient(closed.code())) co_return;  // the pool is gone, or the session: nobody will use the slot
    const Status slept = co_await runtime::sleep(lane.reactor(), lane.reactor().within(pause, lane.stop()));
    slept.ignore("the loop looks at the token");
    pause = std::min(pause * 2, patience.attempt_max);
  }
}

}  // namespace

std::string address_of(const PoolView& view, const map::Target& target) {
  return fmt::format("tcp://{}:{}", view.map->engine_of(target).host, target.port);
}

Result<fabric::PeerId> peer_of(Lane& lane, const Uuid& pool, const PoolView& view, const map::Target& target) {
  Lane::KnownPeer& known = lane.known_peer(pool, target.target_id());
  if (known.version != view.map->version() || !known.peer) {
    known.peer = DX_TRY(lane.node().endpoint().peer(address_of(view, target)));
    known.version = view.map->version();
  }
  return *known.peer;
}

runtime::Task<Result<SlotLease>> SlotLease::acquire(Lane& lane, PoolRef pool, map::TargetId target, fabric::PeerId peer,
                                                    runtime::CallContext context) {
  const rpc::SlotRef ref = DX_CO_TRY(co_await lane.session(pool->id(), target).acquire(context));
  co_return SlotLease(lane, std::move(pool), target, peer, ref);
}

void SlotLease::release() {
  session().release(ref_);
  pool_.reset();
}

runtime::Task<Status> SlotLease::give_up(Status why) {
  const bool answered = !is_transient(why.code()) && why.code() != Code::kCancelled;
  if (attempts_ == 0 || (attempts_ == 1 && answered)) {
    release();
    co_return why;
  }
  session().retire(ref_);
  const PoolRef pool = std::move(pool_);
  pool_.reset();
  // Not by the operation's own token and deadline: those have ended it.
  const Closed closed =
      co_await close_slot(*lane_, pool, peer_, ref_, lane_->reactor().within(lane_->client().patience().give_up));
  if (!closed.ok()) {
    lane_->background().spawn(recover(*lane_, pool, target_, peer_, ref_));
    co_return error(Code::kOutcomeUnknown, "{}; whether it was executed could not be learnt ({})", why,
                    closed.status());
  }
  back_in_use(lane_->session(pool->id(), target_), ref_);
  if (!*closed || (*closed)->sequence != ref_.sequence) co_return why;
  const Code code = code_from_number((*closed)->code);
  co_return (*closed)->code == 0 ? Status() : Status(code);
}

void SlotLease::abandon() {
  session().retire(ref_);
  lane_->background().spawn(recover(*lane_, std::move(pool_), target_, peer_, ref_));
  pool_.reset();
}

}  // namespace daos::core
