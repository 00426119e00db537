#include "platform/runtime/driver.h"

#include <pthread.h>

#include <algorithm>
#include <latch>

namespace daos::runtime {

bool Driver::step(Duration sleep_max) {
  // Sources try by themselves what was busy lately, so the poller is asked only when they found nothing, and now and
  // then for the sake of those it alone knows of.
  bool progress = reactor_.turn();
  if (!progress || ++turns_unasked_ >= kTurnsUnaskedMax) {
    turns_unasked_ = 0;
    progress |= poller_.poll();
  }
  if (progress) {
    was_busy_ = true;
    return true;
  }
  if (was_busy_) {  // counted from the end of the last busy turn, which may itself have been longer than the spin
    was_busy_ = false;
    busy_until_ = reactor_.now() + kSpin;
  }
  if (reactor_.now() < busy_until_ || reactor_.has_work()) return false;
  const Time deadline = reactor_.next_deadline();
  const Duration until_timer = deadline == Time::never() ? sleep_max : deadline - reactor_.fresh_now();
  return poller_.sleep(reactor_, std::min(sleep_max, std::max(until_timer, Duration(0))));
}

Result<std::unique_ptr<ReactorThread>> ReactorThread::start(std::string name, Reactor::Options options) {
  std::unique_ptr<ReactorThread> self(new ReactorThread(std::move(options), DX_TRY(EpollPoller::create())));
  self->thread_ = std::thread([thread = self.get()] { thread->run(); });
  pthread_setname_np(self->thread_.native_handle(), name.substr(0, 15).c_str());
  return self;
}

void ReactorThread::run() {
  Driver driver(reactor_, *poller_);
  while (!stopping_.load(std::memory_order_relaxed)) driver.step(std::chrono::seconds(10));
}

void ReactorThread::stop() {
  if (!thread_.joinable()) return;
  reactor_.post([this] { stopping_.store(true, std::memory_order_relaxed); });
  thread_.join();
}

void ReactorThread::call(std::move_only_function<void()> function) {
  std::latch done(1);
  reactor_.post([&] {
    function();
    done.count_down();
  });
  done.wait();
}

}  // namespace daos::runtime
