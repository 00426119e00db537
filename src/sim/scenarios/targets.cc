// Scenario "targets": one to four targets with everything below them (object operations, store, log, rpc, slots),
// clients that speak their messages directly, and a stand-in for the pool's service that knows every handle. Small, so
// that a seed takes milliseconds: the place where the store's and the slots' rules are tried by the thousand.
#include "sim/scenarios/targets.h"

#include "model/map/builder.h"
#include "platform/rpc/node.h"
#include "server/object/ops/ops.h"
#include "sim/scenarios/register_run.h"

namespace daos::sim {

using namespace std::chrono_literals;
using runtime::CallContext;
using runtime::Task;

namespace {

const Uuid kPool = Uuid::from_random(0x9001, 0);
const Uuid kContainer = Uuid::from_random(0xc0, 1);
constexpr std::string_view kServiceAddress = "sim://service:1";

std::string target_address(size_t target) { return fmt::format("sim://target-{}:1", target); }

/// Answers for every container handle.
class Service : public Program {
 public:
  explicit Service(Life& life) : life_(life), node_(life.reactor(), {.role = rpc::ClockRole::kEngine}) {}
  Task<Status> start(runtime::StopToken) override {
    node_.serve<messages::HandleLookupRequest>([](messages::HandleLookupRequest, rpc::Caller) { return rights(); });
    DX_CO_TRY(node_.open(life_.transport(), {.listen = std::string(kServiceAddress),
                                             .identity = {.client = Uuid::from_random(life_.random(), 1),
                                                          .role = fabric::Role::kEngine}}));
    co_return Status();
  }
  Task<void> stop() override { return node_.close(); }

 private:
  static Task<Result<messages::HandleRights>> rights() {
    co_return messages::HandleRights{.container = kContainer, .may_read = true, .may_write = true};
  }
  Life& life_;
  rpc::Node node_;
};

/// What the pool's shards are made with, besides their tier 0.
struct PoolShape {
  journal::Durability durability = journal::Durability::kPower;
  uint64_t tier1_bytes = 0;
  uint32_t inline_max = 4096;
};

class TargetProgram : public Program {
 public:
  TargetProgram(Life& life, size_t index, const RunOptions& options, PoolShape shape)
      : life_(life),
        shape_(shape),
        target_(life.reactor(), life.disk(life.reactor()),
                {.engine = Uuid::from_random(0xe0, index),
                 .rank = map::Rank(static_cast<uint32_t>(index)),
                 .directory = "target",
                 .listen = target_address(index),
                 .service_address = std::string(kServiceAddress),
                 .incarnation = life.number(),
                 .build = "simulation",
                 .planted = options.planted,
                 .log_segment_bytes = 1u << 20,
                 .bulk_bytes_max = 512 * kKiB}) {
    object::serve(target_);
  }
  Task<Status> start(runtime::StopToken) override {
    DX_CO_TRY(co_await target_.start(life_.transport()));
    if (target_.lease(kPool).ok()) co_return Status();
    messages::ShardCreateRequest request{.pool = kPool, .map = map::make_uniform_map(1, 1)->encode()};
    request.spec.tier_bytes[0] = 64 * kMiB;
    request.spec.tier_bytes[1] = shape_.tier1_bytes;
    request.spec.inline_max = shape_.inline_max;
    request.spec.durability = static_cast<uint8_t>(shape_.durability);
    Status created = co_await target_.create_shard(std::move(request));
    co_return created;
  }
  Task<void> stop() override {
    const Status stopped = co_await target_.stop();
    stopped.ignore("its disk is gone");
  }

 private:
  Life& life_;
  PoolShape shape_;
  target::Target target_;
};

/// An application that uses its memory for something else as soon as it has it back: whoever still reads it shows.
struct Spoiler {
  std::vector<MutableByteSpan> memory;
  ~Spoiler() {
    for (const MutableByteSpan piece : memory) std::ranges::fill(piece, std::byte{'?'});
  }
};

/// What the client's library does, without the library: slots, retries, closing a slot before giving up.
class DirectClient : public RegisterClient {
 public:
  DirectClient(Life& life, size_t targets)
      : reactor_(life.reactor()), node_(life.reactor(), {.role = rpc::ClockRole::kClient}), rng_(life.random()) {
    targets_.reserve(targets);
    for (size_t i = 0; i < targets; i++) targets_.push_back(std::make_unique<Target>(reactor_));
  }
  Status open(Life& life) {
    DX_TRY(node_.open(life.transport(), {.identity = {.client = Uuid::from_random(life.random(), life.random())}}));
    for (size_t i = 0; i < targets_.size(); i++) targets_[i]->peer = DX_TRY(node_.endpoint().peer(target_address(i)));
    return {};
  }
  Task<void> close() { return node_.close(); }
  void stop_at(runtime::StopToken stop) { stop_ = stop; }

  Task<Answer> update(uint32_t key, ValueId value) override {
    Target& target = *targets_[key % targets_.size()];
    messages::UpdateRequest request{
        .pool = kPool, .handle = kHandle, .object = object(key), .map_version = map::MapVersion(1)};
    request.dkey = dkey(key);
    std::vector<IoBuf> values = make_values(key, value);
    std::vector<MutableByteSpan> memory;
    for (size_t akey = 0; akey < values.size(); akey++) {
      request.akeys.push_back({.akey = this->akey(akey), .record_bytes = values[akey].size(), .value = values[akey]});
      memory.push_back(values[akey].writable());
    }
    if (rng_.below(2) == 0) {
      for (size_t akey = 0; akey < values.size(); akey++) {
        request.akeys[akey].value = {};
        request.akeys[akey].lent_bytes = values[akey].size();
      }
    } else {
      memory.clear();
    }
    const Spoiler spoiler{memory};
    const Time give_up = reactor_.now() + 500ms + up_to(rng_.below(3) == 0 ? 20s : 3s);
    Result<rpc::SlotRef> slot = co_await target.slots.acquire({.deadline = give_up, .stop = stop_});
    if (!slot.ok()) co_return Answer{Outcome::kNotExecuted, value, slot.status().to_string()};
    request.slot = *slot;
    bool unsure = false;
    Status last;
    while (reactor_.now() < give_up && !stop_.stop_requested()) {
      request.lent.key = lend(fabric::Access::kPeerReads, memory);
      Result<messages::UpdateReply> reply = co_await node_.call(target.peer, request, attempt(give_up));
      take_back(request.lent.key);
      if (reply.ok()) {
        target.slots.release(*slot);
        co_return Answer{Outcome::kOk, value, {}};
      }
      last = std::move(reply).status();
      if (refused(last.code())) {
        if (unsure) break;  // an earlier attempt may have been executed: only the slot knows
        target.slots.release(*slot);
        co_return Answer{Outcome::kNotExecuted, value, last.to_string()};
      }
      unsure = true;
      DX_PROBE("client: update sent again");
      co_await pause();
    }
    target.slots.retire(*slot);
    Answer answer = co_await close_slot(target, *slot);
    answer.value = value;
    if (answer.error.empty()) answer.error = last.to_string();
    co_return answer;
  }

  Task<Answer> fetch(uint32_t key) override {
    Target& target = *targets_[key % targets_.size()];
    messages::FetchRequest request{
        .pool = kPool, .handle = kHandle, .object = object(key), .map_version = map::MapVersion(1)};
    request.dkey = dkey(key);
    for (size_t akey = 0; akey < akeys_of(key); akey++)
      request.akeys.push_back({.akey = this->akey(akey), .bytes_max = kValueBytesMax});
    const bool lends = rng_.below(2) == 0;
    const Time give_up = reactor_.now() + 1s + up_to(10s);
    Status last;
    while (reactor_.now() < give_up && !stop_.stop_requested()) {
      std::vector<IoBuf> buffers;
      std::vector<MutableByteSpan> memory;
      for (size_t akey = 0; lends && akey < request.akeys.size(); akey++) {
        buffers.push_back(IoBuf::allocate(kValueBytesMax).take());
        memory.push_back(buffers.back().writable());
      }
      request.lent.key = lend(fabric::Access::kPeerWrites, memory);
      Result<messages::FetchReply> reply = co_await node_.call(target.peer, request, attempt(give_up));
      take_back(request.lent.key);
      if (reply.ok()) {
        std::vector<IoBuf> values;
        for (size_t akey = 0; akey < reply->values.size(); akey++) {
          const messages::FetchedValue& value = reply->values[akey];
          if (!value.too_big) {
            values.push_back(reply->placed ? buffers[akey].slice(0, value.record_bytes) : IoBuf(value.value));
            continue;
          }
          // More than the target moves at once: without lent memory it comes with the reply.
          DX_PROBE("client: fetch of more than a target moves at once");
          values.clear();
          break;
        }
        if (values.empty()) {
          request.lent = {};
          reply = co_await node_.call(target.peer, request, attempt(give_up));
          if (!reply.ok()) continue;
          for (const messages::FetchedValue& value : reply->values) values.push_back(value.value);
        }
        co_return Answer{Outcome::kOk, read_values(key, values), {}};
      }
      last = std::move(reply).status();
      co_await pause();
    }
    co_return Answer{Outcome::kNotExecuted, kAbsent, last.to_string()};
  }

 private:
  struct Target {
    explicit Target(runtime::Reactor& reactor) : slots(reactor) {}
    fabric::PeerId peer;
    rpc::SlotPool slots;
  };

  /// Gives up the slot's operation: executed, promised never to be, or (nobody answers) unknown.
  Task<Answer> close_slot(Target& target, rpc::SlotRef ref) {
    const rpc::SlotRef next{ref.slot, ref.sequence + 1};
    const Time give_up = reactor_.now() + up_to(10s);
    while (reactor_.now() < give_up && !stop_.stop_requested()) {
      Result<messages::SlotCloseReply> reply =
          co_await node_.call(target.peer, messages::SlotCloseRequest{.pool = kPool, .slot = next}, attempt(give_up));
      if (reply.ok()) {
        target.slots.recover(next);
        if (reply->executed) {
          DX_PROBE("client: gave up an update that was executed");
          co_return Answer{Outcome::kOk, kAbsent, {}};
        }
        DX_PROBE("client: gave up an update in time");
        co_return Answer{Outcome::kNotExecuted, kAbsent, {}};
      }
      co_await pause();
    }
    co_return Answer{Outcome::kUnknown, kAbsent, {}};
  }

  fabric::MemoryKey lend(fabric::Access access, std::vector<MutableByteSpan> memory) {
    return memory.empty() ? fabric::MemoryKey() : node_.endpoint().lend(access, std::move(memory));
  }
  void take_back(fabric::MemoryKey key) {
    if (key != fabric::MemoryKey()) node_.endpoint().revoke(key);
  }

  /// The target said no, and will say no to every attempt.
  static bool refused(Code code) {
    return code == Code::kNoSpace || code == Code::kInvalid || code == Code::kNotSupported || code == Code::kNoPerm;
  }
  CallContext attempt(Time give_up) {
    return {.deadline = std::min(give_up, reactor_.now() + 100ms + up_to(1s)), .stop = stop_};
  }
  Task<void> pause() {
    const Status slept = co_await runtime::sleep(reactor_, reactor_.within(1ms + up_to(100ms), stop_));
    slept.ignore("the loops look at the stop token");
  }
  Duration up_to(Duration most) { return Duration(static_cast<int64_t>(rng_.below(most.count() + 1))); }
  static classes::ObjectId object(uint32_t key) { return {.lo = key / 2, .hi = 0}; }
  static IoBuf dkey(uint32_t key) { return IoBuf::copy_of(as_bytes(fmt::format("dkey-{}", key))); }
  static IoBuf akey(size_t akey) { return IoBuf::copy_of(as_bytes(fmt::format("akey-{}", akey))); }

  static inline const Uuid kHandle = Uuid::from_random(0x4a, 1);
  runtime::Reactor& reactor_;
  rpc::Node node_;
  runtime::Rng rng_;
  runtime::StopToken stop_;
  std::vector<std::unique_ptr<Target>> targets_;
};

/// Runs lanes of the workload, or (`read` given) reads every key once.
class ClientProgram : public Program {
 public:
  ClientProgram(Life& life, size_t targets, Workload& workload, bool* read)
      : life_(life), workload_(workload), read_(read), client_(life, targets), scope_(life.reactor()) {}
  Task<Status> start(runtime::StopToken) override {
    client_.stop_at(scope_.token());
    DX_CO_TRY(client_.open(life_));
    const uint32_t number = workload_.next_client++;
    if (read_ != nullptr) {
      scope_.spawn(read_everything(number));
    } else {
      for (uint32_t lane = 0; lane < workload_.lanes; lane++) {
        scope_.spawn(run_lane(life_, client_, workload_, number, runtime::Rng(life_.random()), scope_.token()));
      }
    }
    co_return Status();
  }
  Task<void> stop() override {
    scope_.stop();
    const Status joined = co_await scope_.join();
    joined.ignore("lanes do not fail");
    co_await client_.close();
  }

 private:
  Task<void> read_everything(uint32_t number) {
    co_await read_all(life_, client_, workload_, number, scope_.token());
    *read_ = !life_.crashed();
  }
  Life& life_;
  Workload& workload_;
  bool* read_;
  DirectClient client_;
  runtime::Scope scope_;
};

}  // namespace

RunResult run_targets(uint64_t seed, const RunOptions& options) {
  World world(seed, options.log);
  if (options.observer) world.set_observer(options.observer);
  runtime::Rng rng = world.rng().fork();
  PoolShape shape{.durability = rng.below(4) == 0 ? journal::Durability::kProcess : journal::Durability::kPower};
  const size_t targets = 1 + rng.below(3);
  const size_t clients = 2 + rng.below(3);
  Workload workload;
  workload.keys = static_cast<uint32_t>(2 + rng.below(8));
  workload.lanes = static_cast<uint32_t>(1 + rng.below(4));
  workload.think_max = 1ms + Duration(static_cast<int64_t>(rng.below(30'000'000)));
  // Half of the runs keep nearly everything in extents, of which there are just enough.
  if (rng.below(2) == 0) shape = {.durability = shape.durability, .tier1_bytes = 2 * kMiB, .inline_max = 16};
  bool read = false;

  Node& service = world.add_node("service");
  service.install([](Life& life) { return std::make_unique<Service>(life); });
  service.start();
  NemesisOptions faults{.power_may_fail = shape.durability == journal::Durability::kPower};
  for (size_t i = 0; i < targets; i++) {
    Node& node = world.add_node(fmt::format("target-{}", i));
    node.install([&options, i, shape](Life& life) { return std::make_unique<TargetProgram>(life, i, options, shape); });
    node.start();
    faults.servers.push_back(&node);
  }
  for (size_t i = 0; i < clients; i++) {
    Node& node = world.add_node(fmt::format("client-{}", i));
    node.install(
        [&workload, targets](Life& life) { return std::make_unique<ClientProgram>(life, targets, workload, nullptr); });
    node.start();
    faults.clients.push_back(&node);
  }
  Node& reader = world.add_node("reader");
  reader.install([&](Life& life) { return std::make_unique<ClientProgram>(life, targets, workload, &read); });
  return run_registers({world, workload, std::move(faults), reader, read});
}

}  // namespace daos::sim
