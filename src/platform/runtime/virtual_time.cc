#include "platform/runtime/virtual_time.h"

namespace daos::runtime {

bool Timeline::step(Time limit) {
  if (events_.empty() || events_.begin()->first.first > limit) return false;
  auto node = events_.extract(events_.begin());
  now_ = node.key().first;
  node.mapped()();
  return true;
}

void Timeline::run_until(Time limit) {
  while (step(limit)) {
  }
  if (limit > now_) now_ = limit;
}

void VirtualReactor::schedule(Time when) {
  if (when >= scheduled_) return;
  scheduled_ = when;
  timeline_.at(when, [this, alive = alive_, when] {
    if (!*alive || scheduled_ != when) return;  // gone, or an earlier turn took its place
    scheduled_ = Time::never();
    reactor_.turn();
    if (reactor_.has_work()) schedule(timeline_.now());
    schedule(reactor_.next_deadline());
  });
}

}  // namespace daos::runtime
