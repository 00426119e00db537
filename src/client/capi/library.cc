#include "client/capi/library.h"

#include <pthread.h>

#include <algorithm>

#include "client/capi/api_call.h"
#include "client/capi/error_number.h"
#include "client/capi/handles.h"

namespace daos::capi {
namespace {

// The process's one library. Lock order: life, then a library's own locks.
constinit std::mutex life;
constinit unsigned uses = 0;                            // guarded by life
constinit bool fork_handlers = false;                   // guarded by life
constinit Library* retired = nullptr;                   // guarded by life
constinit std::optional<World>* test_world = nullptr;   // guarded by life; outlives everything
constinit std::atomic<Library*> installed{nullptr};     // release/acquire publishes the library
constinit std::atomic<Library*> left_by_fork{nullptr};  // in a child: the parent's, until daos_reinit

}  // namespace

Library::Library(World world) : world_(std::move(world)) {}

Library* Library::current() { return installed.load(std::memory_order_acquire); }

void Library::set_world_for_test(World world) {
  std::lock_guard lock(life);
  if (test_world == nullptr) test_world = new std::optional<World>();
  *test_world = std::move(world);
}

Result<Library*> Library::start(World world) {
  std::unique_ptr<Library> library(new Library(std::move(world)));
  const Uuid id = Uuid::from_random(runtime::system_seed(), runtime::system_seed());
  library->stores_ = std::make_unique<Stores>(library->world_.doors, library->world_.embedded_settings, id);
  core::SystemSource* system = nullptr;
  if (!library->world_.embedded.empty()) {
    library->store_ = DX_TRY(library->stores_->open(library->world_.embedded));
    system = library->store_.store().get();
  } else if (library->world_.system) {
    library->system_ = library->world_.system(id);
    system = library->system_.get();
  }
  library->client_ = std::make_unique<core::Client>(
      core::Client::Options{.id = id, .system = system, .patience = library->world_.patience, .log = client_log()});
  core::Context* synchronous = DX_TRY(library->context(kSynchronous));
  library->common_queue_ = std::make_shared<EventQueue>(*synchronous);
  return library.release();
}

int Library::init() {
  std::lock_guard lock(life);
  if (left_by_fork.load(std::memory_order_relaxed) != nullptr) return -DER_UNINIT;  // daos_reinit comes first
  if (uses == 0) {
    if (!fork_handlers) {
      if (pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child) != 0) return -DER_NOMEM;
      fork_handlers = true;
    }
    install_poisoning();
    Result<Library*> started = start(test_world != nullptr && *test_world ? **test_world : default_world());
    if (!started.ok()) return report(started.status());
    installed.store(*started, std::memory_order_release);
  }
  uses++;
  return 0;
}

int Library::fini() {
  std::lock_guard lock(life);
  Library* library = installed.load(std::memory_order_relaxed);
  if (library == nullptr) return -DER_UNINIT;
  if (core::Context::inside_any()) return -DER_BUSY;
  if (--uses > 0) return 0;
  installed.store(nullptr, std::memory_order_release);
  library->stop();
  library->before_ = std::exchange(retired, library);
  return 0;
}

int Library::reinit() {
  std::lock_guard lock(life);
  Library* parent = left_by_fork.load(std::memory_order_relaxed);
  if (parent == nullptr) return installed.load(std::memory_order_relaxed) != nullptr ? 0 : -DER_UNINIT;
  Result<Library*> started = start(parent->world_);
  if (!started.ok()) return report(started.status());
  if (const Status adopted = (*started)->adopt_handles(*parent); !adopted.ok()) {
    (*started)->stop();
    (*started)->before_ = std::exchange(retired, *started);
    return report(adopted);
  }
  parent->before_ = std::exchange(retired, parent);
  left_by_fork.store(nullptr, std::memory_order_relaxed);
  installed.store(*started, std::memory_order_release);
  return 0;
}

void Library::stop() {
  for (const auto& [cookie, queue] : handles_.all<EventQueue>()) {
    const Status destroyed = queue->destroy(true);
    destroyed.ignore("somebody else is destroying it");
  }
  const Status destroyed = common_queue_->destroy(true);
  destroyed.ignore("nobody else can");
  // Those that hold embedded stores open go after the contexts, which still have something to tell the stores.
  auto pools = handles_.all<PoolHandle>();
  handles_.clear();
  std::lock_guard lock(mutex_);
  for (size_t i = 0; i < kContexts; i++) {
    if (owned_[i] == nullptr) continue;
    owned_[i]->close();
    contexts_[i].store(nullptr, std::memory_order_release);
  }
  for (auto& context : owned_) context.reset();
  pools.clear();
  system_.reset();
  store_ = StoreLease();
}

// --------------------------------------------------------------------------------------------------- contexts

Result<core::Context*> Library::context(size_t index) {
  if (core::Context* made = contexts_[index].load(std::memory_order_acquire)) return made;
  std::lock_guard lock(mutex_);
  if (core::Context* made = contexts_[index].load(std::memory_order_relaxed)) return made;
  owned_[index] = DX_TRY(core::Context::create({.clock = world_.clock,
                                                .seed = runtime::system_seed(),
                                                .log = client_log(),
                                                .client = client_.get(),
                                                .number = static_cast<uint32_t>(index),
                                                .transport = world_.transport}));
  contexts_[index].store(owned_[index].get(), std::memory_order_release);
  return owned_[index].get();
}

Result<core::Context*> Library::synchronous() { return context(core::Context::inside_any() ? kNested : kSynchronous); }

std::shared_ptr<EventQueue> Library::queue_of(daos_event_t* event) {
  const uint64_t cookie = EventState::of(event).queue;
  if (cookie == 0) return common_queue_;
  return handles_.find<EventQueue>({cookie});
}

Result<daos_handle_t> Library::create_queue() {
  size_t least;
  {
    std::lock_guard lock(mutex_);
    least = static_cast<size_t>(std::min_element(queues_.begin(), queues_.end()) - queues_.begin());
    queues_[least]++;
  }
  Result<core::Context*> made = context(least);
  if (!made.ok()) {
    std::lock_guard lock(mutex_);
    queues_[least]--;
    return made.status();
  }
  return handles_.add(std::make_shared<EventQueue>(**made));
}

Status Library::destroy_queue(daos_handle_t handle, bool force) {
  const std::shared_ptr<EventQueue> queue = handles_.find<EventQueue>(handle);
  if (queue == nullptr) return Status(Code::kNonexistent);
  DX_TRY(queue->destroy(force));
  if (handles_.remove<EventQueue>(handle) == nullptr) return {};
  std::lock_guard lock(mutex_);
  for (size_t i = 0; i < kQueueContextsMax; i++) {
    if (owned_[i].get() == &queue->context()) queues_[i]--;
  }
  return {};
}

// ------------------------------------------------------------------------------------------------------- fork

void Library::before_fork() {
  life.lock();
  Library* library = installed.load(std::memory_order_relaxed);
  if (library == nullptr) return;
  library->stores_->hold();
  library->handles_.lock_all();
}

void Library::after_fork_in_parent() {
  if (Library* library = installed.load(std::memory_order_relaxed)) {
    library->handles_.unlock_all();
    library->stores_->release();
  }
  life.unlock();
}

void Library::after_fork_in_child() {
  if (Library* library = installed.load(std::memory_order_relaxed)) {
    library->handles_.unlock_all();
    library->abandon_after_fork();
    left_by_fork.store(library, std::memory_order_relaxed);
    installed.store(nullptr, std::memory_order_release);
  }
  life.unlock();
}

void Library::abandon_after_fork() {
  for (auto& context : contexts_) {
    if (core::Context* made = context.load(std::memory_order_acquire)) made->abandon_after_fork();
  }
  if (system_ != nullptr) system_->abandon_after_fork();
  stores_->abandon();
}

}  // namespace daos::capi
