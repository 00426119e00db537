// What stands between daos_init and daos_fini: the client, its contexts, the open handles. One per process; a forked
// child gets a new one by daos_reinit.
//
// Contexts: one for synchronous calls and events without queue, one for synchronous calls made in callbacks, one per
// event queue up to 16; further queues share. They live until fini, so whoever has found one may use it.
//
// Thread-safety: any thread. fork: prepare holds the locks of init, of the stores and of the handle table, so both
// sides find them whole; the child closes its copies of descriptors and does nothing else until daos_reinit.
#pragma once

#include <array>
#include <atomic>
#include <functional>
#include <memory>
#include <mutex>

#include "client/capi/event_queue.h"
#include "client/capi/handle_table.h"
#include "client/capi/stores.h"
#include "client/core/client.h"
#include "client/core/context.h"

namespace daos::capi {

/// What the library takes from the world. Tests put their own in its place.
struct World {
  runtime::Clock* clock = nullptr;
  /// Makes each context's transport; empty: there is no network.
  std::function<Result<std::unique_ptr<fabric::Transport>>(runtime::EpollPoller&)> transport;
  /// Makes the source of the system for a client with that id.
  std::function<std::unique_ptr<core::SystemSource>(const Uuid& client)> system;
  /// A directory: the system is an embedded store, and `system` is not asked.
  std::string embedded;
  core::EmbeddedSettings embedded_settings;
  /// Of the transports: where embedded stores are.
  std::shared_ptr<fabric::tcp::Doors> doors = std::make_shared<fabric::tcp::Doors>();
  core::Patience patience;
  bool pipelines = false;  // daos_pipeline_run is offered
};
World default_world();

class Library {
 public:
  /// Null before daos_init, after daos_fini, and in a forked child before daos_reinit.
  static Library* current();

  // --- life, see daos.h
  static int init();
  static int fini();
  static int reinit();
  /// Takes effect with the next first daos_init.
  static void set_world_for_test(World world);

  HandleTable& handles() { return handles_; }
  Stores& stores() { return *stores_; }
  core::Client& client() { return *client_; }
  const World& world() const { return world_; }

  /// Where the calling thread makes a synchronous call.
  Result<core::Context*> synchronous();
  /// The events without queue.
  const std::shared_ptr<EventQueue>& common_queue() { return common_queue_; }
  /// The queue of an event that daos_event_init has seen; null when it is gone.
  std::shared_ptr<EventQueue> queue_of(daos_event_t* event);

  Result<daos_handle_t> create_queue();
  Status destroy_queue(daos_handle_t handle, bool force);

 private:
  static constexpr size_t kQueueContextsMax = 16;
  static constexpr size_t kSynchronous = kQueueContextsMax;
  static constexpr size_t kNested = kQueueContextsMax + 1;
  static constexpr size_t kContexts = kQueueContextsMax + 2;

  explicit Library(World world);
  static Result<Library*> start(World world);
  Result<core::Context*> context(size_t index);
  void stop();
  Status adopt_handles(Library& parent);
  void abandon_after_fork();
  static void before_fork();
  static void after_fork_in_parent();
  static void after_fork_in_child();

  World world_;
  std::unique_ptr<Stores> stores_;
  StoreLease store_;  // the system, when it is embedded
  std::unique_ptr<core::SystemSource> system_;
  std::unique_ptr<core::Client> client_;
  HandleTable handles_;
  std::shared_ptr<EventQueue> common_queue_;

  std::mutex mutex_;                                  // guards the making of contexts, and what follows
  std::array<unsigned, kQueueContextsMax> queues_{};  // on each context
  std::array<std::unique_ptr<core::Context>, kContexts> owned_;
  // What owned_ holds, for the fork handler and for lookups without the lock; release/acquire publishes the context.
  std::array<std::atomic<core::Context*>, kContexts> contexts_{};
  Library* before_ = nullptr;  // the one that it took the place of: never destroyed, since a late call may look at it
};

}  // namespace daos::capi
