// Cancellation within one reactor. A StopSource belongs to a Scope or an operation and outlives everything that holds a
// token of it, so a token is one pointer. Asking to stop calls the registered callbacks at once, in order of
// registration.
#pragma once

#include <boost/intrusive/list.hpp>

namespace daos::runtime {

class StopSource;

class StopToken {
 public:
  StopToken() = default;  // never stops
  explicit StopToken(StopSource* source) : source_(source) {}
  bool stop_requested() const;
  StopSource* source() const { return source_; }

 private:
  StopSource* source_ = nullptr;
};

/// Called when the token's source stops; unregisters itself on destruction. Does not fire if it already stopped: ask
/// first.
class StopCallback
    : public boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
 public:
  using Function = void (*)(void* self);
  StopCallback(StopToken token, Function function, void* self);
  StopCallback(const StopCallback&) = delete;

 private:
  friend class StopSource;
  Function function_;
  void* self_;
};

class StopSource {
 public:
  StopSource() = default;
  /// Stops when `parent` does.
  explicit StopSource(StopToken parent)
      : linked_(
            parent, [](void* self) { static_cast<StopSource*>(self)->request_stop(); }, this),
        stopped_(parent.stop_requested()) {}
  StopSource(const StopSource&) = delete;

  void request_stop() {
    stopped_ = true;
    while (!callbacks_.empty()) {
      StopCallback& callback = callbacks_.front();
      callbacks_.pop_front();
      callback.function_(callback.self_);
    }
  }
  bool stop_requested() const { return stopped_; }
  StopToken token() { return StopToken(this); }

 private:
  friend class StopCallback;
  boost::intrusive::list<StopCallback, boost::intrusive::constant_time_size<false>> callbacks_;
  StopCallback linked_{StopToken(), nullptr, nullptr};
  bool stopped_ = false;
};

inline bool StopToken::stop_requested() const { return source_ != nullptr && source_->stop_requested(); }

inline StopCallback::StopCallback(StopToken token, Function function, void* self) : function_(function), self_(self) {
  if (StopSource* source = token.source(); source != nullptr && !source->stop_requested())
    source->callbacks_.push_back(*this);
}

}  // namespace daos::runtime
