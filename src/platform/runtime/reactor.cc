#include "platform/runtime/reactor.h"

#include <algorithm>

#include "platform/base/check.h"

namespace daos::runtime {

void Timer::arm(Reactor& reactor, Time deadline, Function function, void* self) {
  cancel();
  deadline_ = deadline;
  order_ = reactor.timer_order_++;
  function_ = function;
  self_ = self;
  if (deadline != Time::never()) reactor.timers_.insert(*this);
}

Reactor::Reactor(Options options)
    : clock_(*options.clock),
      hlc_(*options.clock),
      rng_(options.seed),
      log_(std::move(options.log)),
      now_(clock_.now()) {}

Reactor::~Reactor() { timers_.clear(); }

void Reactor::post(std::move_only_function<void()> function) {
  {
    std::lock_guard lock(mail_mutex_);
    mailbox_.push_back(std::move(function));
    mail_.store(true, std::memory_order_seq_cst);  // pairs with the driver's "about to sleep" flag: one sees the other
  }
  if (Waker* waker = waker_.load(std::memory_order_acquire)) waker->wake();
}

void Reactor::remove_source(PollSource* source) {
  std::erase(sources_, source);
  std::erase(urgent_, source);
}

bool Reactor::turn() {
  now_ = clock_.now();
  turns_++;
  bool progress = deliver_mail();
  for (size_t i = 0; i < sources_.size(); i++) progress |= sources_[i]->poll();  // by index: poll() may add a source
  progress |= fire_timers();
  progress |= run_ready();
  for (size_t i = 0; i < sources_.size(); i++) sources_[i]->flush();
  return progress;
}

Time Reactor::next_deadline() const {
  if (!ready_.empty()) return now_;
  return timers_.empty() ? Time::never() : timers_.begin()->deadline_;
}

bool Reactor::deliver_mail() {
  if (!mail_.load(std::memory_order_acquire)) return false;
  {
    std::lock_guard lock(mail_mutex_);
    mail_.store(false, std::memory_order_relaxed);
    delivering_.swap(mailbox_);
  }
  for (auto& function : delivering_) function();
  delivering_.clear();
  return true;
}

bool Reactor::fire_timers() {
  bool fired = false;
  while (!timers_.empty() && timers_.begin()->deadline_ <= now_) {
    Timer& timer = *timers_.begin();
    timers_.erase(timers_.begin());
    timer.function_(timer.self_);
    fired = true;
  }
  return fired;
}

bool Reactor::run_ready() {
  size_t resumed = 0;
  for (; !ready_.empty() && resumed < kResumedPerTurnMax; resumed++) {
    const std::coroutine_handle<> handle = ready_.front();
    ready_.pop_front();
    handle.resume();
    while (!urgent_.empty()) {
      PollSource* source = urgent_.back();
      urgent_.pop_back();
      source->flush();
    }
  }
  return resumed > 0;
}

}  // namespace daos::runtime
