// What nobody needs any more goes, in steps that hold nobody up. How long old versions stay for readers of older epochs
// is a matter of room: 30 s while there is enough, not at all when there is not.
#include "server/vos/shard.h"

namespace daos::vos {
namespace {

constexpr size_t kBudget = 512;  // items looked at without a pause: some tens of microseconds
/// How often within the time that old versions stay the clock is looked at.
constexpr int kMarks = 8;
/// Space is short, and old versions go at once, when less than 3/16 of a tier is free: before what is small is sent to
/// tier 1 for want of room.
constexpr uint64_t kShortSixteenths = 3;
/// The first round may have begun before space was short, the second looks at everything again, and what it empties
/// (the marks of punches) goes in the third.
constexpr int kRoundsForAll = 3;

}  // namespace

Status Shard::check_epoch(uint64_t epoch) const {
  if (epoch >= exact_from_) return {};
  return error(Code::kTxRestart, "epoch {:#x} is too old: this target keeps what was overwritten since {:#x}", epoch,
               exact_from_);
}

bool Shard::is_short() const {
  for (size_t tier = 0; tier < std::size(superblock_.tier_bytes); tier++) {
    if (tier_free(tier) < tier_total(tier) / 16 * kShortSixteenths) return true;
  }
  return false;
}

Retention Shard::retention() {
  if (clock_marks_.empty() || reactor_.now() - clock_marks_.back().time >= options_.retention / kMarks)
    clock_marks_.push_back({.time = reactor_.now(), .epoch = reactor_.hlc().last()});
  // An epoch says little of when it was: the clock may have been far ahead, or set back.
  while (!clock_marks_.empty() && clock_marks_.front().time + options_.retention <= reactor_.now()) {
    exact_from_ = std::max(exact_from_, clock_marks_.front().epoch);
    clock_marks_.pop_front();
  }
  if (is_short()) exact_from_ = reactor_.hlc().last();  // nothing has died after the newest epoch
  return {.horizon = exact_from_, .moments = {}};
}

bool Shard::reclaim_some(const Retention& retention) {
  Freed freed;
  const bool complete = index_.reclaim(retention, kBudget, freed);
  free(freed);
  return complete;
}

runtime::Task<Status> Shard::run_reclaim() {
  constexpr Duration kPause = std::chrono::milliseconds(20);
  constexpr Duration kStep = std::chrono::microseconds(200);
  for (;;) {
    // Without anything new, only time makes garbage of what is there.
    const Duration look_again = std::max(kPause, options_.retention / kMarks);
    const Status woken =
        co_await garbage_.wait(index_.has_garbage() ? reactor_.within(look_again, background_.token())
                                                    : runtime::CallContext{Time::never(), background_.token()});
    if (background_.token().stop_requested()) co_return Status();
    woken.ignore("a new round begins either way");
    garbage_.reset();
    while (!reclaim_some(retention())) {
      if (!(co_await runtime::sleep(reactor_, reactor_.within(kStep, background_.token()))).ok()) co_return Status();
    }
    if (!(co_await runtime::sleep(reactor_, reactor_.within(kPause, background_.token()))).ok()) co_return Status();
  }
}

runtime::Task<Status> Shard::reclaim_until(std::function<bool()> enough) {
  DX_CO_TRY(co_await reclaim_turn_.acquire({}));
  Status status = health();
  for (int rounds = 0; status.ok() && rounds < kRoundsForAll && !enough();) {
    exact_from_ = reactor_.hlc().last();
    if (reclaim_some(retention())) rounds++;
    co_await runtime::yield(reactor_);
    status = health();
  }
  reclaim_turn_.release();
  co_return status;
}

runtime::Task<void> Shard::release_index() {
  for (const Uuid& container : index_.containers()) index_.destroy(container);
  Freed freed;  // the next life finds out for itself what is free
  while (!index_.reclaim({}, kBudget, freed)) co_await runtime::yield(reactor_);
}

}  // namespace daos::vos
