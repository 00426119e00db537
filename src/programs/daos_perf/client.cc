#include "programs/daos_perf/client.h"

#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <cstring>
#include <utility>
#include <vector>

#include "platform/base/hash.h"
#include "programs/daos_perf/kind.h"
#include "programs/daos_perf/value.h"

namespace daos::perf {
namespace {

uint64_t now_ns() {
  return static_cast<uint64_t>(std::chrono::steady_clock::now().time_since_epoch() / std::chrono::nanoseconds(1));
}
uint64_t cpu_ns() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto ns = [](const timeval& t) {
    return static_cast<uint64_t>(t.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(t.tv_usec) * 1000;
  };
  return ns(usage.ru_utime) + ns(usage.ru_stime);
}

/// Pool, container, object and event queue, in the order in which they are opened.
class Connection {
 public:
  Status open(const Plan& plan, uint32_t client) {
    DX_TRY(from_api(daos_init()));
    initialised_ = true;
    const char* system = plan.system.empty() ? nullptr : plan.system.c_str();
    DX_TRY(from_api(daos_pool_connect(plan.pool.c_str(), system, DAOS_PC_RW, &pool_, nullptr, nullptr))
               .within("pool " + plan.pool));
    DX_TRY(from_api(daos_cont_open(pool_, plan.container.c_str(), DAOS_COO_RW, &container_, nullptr, nullptr))
               .within("container " + plan.container));
    Result<std::unique_ptr<Kind>> kind = plan.kind == KindName::kSingle     ? open_single(container_, plan)
                                         : plan.kind == KindName::kKeyValue ? open_key_value(container_, plan)
                                                                            : open_array(container_, plan, client);
    if (kind.code() == Code::kNotImplemented) {
      return error(Code::kNotImplemented,
                   "--kind {}: the library does not have it yet; --kind single works (docs/api-status.md)",
                   kind_text(plan.kind));
    }
    kind_ = DX_TRY(std::move(kind).within(fmt::format("object {} of class {}", plan.object, plan.class_name)));
    return from_api(daos_eq_create(&queue_)).within("event queue");
  }
  ~Connection() {
    if (daos_handle_is_valid(queue_)) from_api(daos_eq_destroy(queue_, 0)).ignore("the process ends");
    kind_.reset();
    if (daos_handle_is_valid(container_)) from_api(daos_cont_close(container_, nullptr)).ignore("the process ends");
    if (daos_handle_is_valid(pool_)) from_api(daos_pool_disconnect(pool_, nullptr)).ignore("the process ends");
    if (initialised_) from_api(daos_fini()).ignore("the process ends");
  }
  Kind& kind() { return *kind_; }
  daos_handle_t queue() const { return queue_; }

 private:
  bool initialised_ = false;
  daos_handle_t pool_ = DAOS_HDL_INVAL;
  daos_handle_t container_ = DAOS_HDL_INVAL;
  std::unique_ptr<Kind> kind_;
  daos_handle_t queue_ = DAOS_HDL_INVAL;
};

/// One operation in flight. The library hands its event back, which leads to the rest.
struct Slot : daos_event_t {
  Slot() : daos_event_t{} {}
  std::vector<std::byte> value;
  std::unique_ptr<Request> request;
  uint64_t index = 0;
  uint64_t sequence = 0;  // of a write
  bool reading = false;
  uint64_t begin_ns = 0;
};

/// Which key is next, and whether it is read or written.
class Choice {
 public:
  Choice(const Plan& plan, uint32_t client)
      : plan_(plan), state_(mix64(plan.seed * 0x9e3779b97f4a7c15ULL + client)), busy_(plan.keys) {}
  /// Without --seconds, each key has had its turn.
  bool over() const { return plan_.seconds <= 0 && next_ == plan_.keys; }
  /// A key that no operation in flight has: its sequence is then certain.
  uint64_t take() {
    uint64_t index = plan_.seconds <= 0 ? next_++ : chance() % plan_.keys;
    while (busy_[index]) index = (index + 1) % plan_.keys;
    busy_[index] = true;
    return index;
  }
  void give_back(uint64_t index) { busy_[index] = false; }
  bool reads() {
    if (plan_.work == Work::kMixed) return chance() % 100 < plan_.read_percent;
    return plan_.work != Work::kWrite;
  }

 private:
  uint64_t chance() { return mix64(state_ += 0x9e3779b97f4a7c15ULL) >> 16; }
  const Plan& plan_;
  uint64_t state_;
  uint64_t next_ = 0;
  std::vector<bool> busy_;
};

class Client {
 public:
  Client(const Plan& plan, uint32_t client, Ledger& ledger, ClientResult& result, Connection& connection)
      : plan_(plan),
        client_(client),
        ledger_(ledger),
        result_(result),
        queue_(connection.queue()),
        choice_(plan, client),
        slots_(plan.depth),
        ended_(plan.depth) {
    for (Slot& slot : slots_) {
      slot.value.resize(plan.value_bytes);
      fill_value(slot.value, mix64(client) + static_cast<uint64_t>(&slot - slots_.data()));
      slot.request = connection.kind().request(slot.value);
    }
  }

  Status run() {
    for (Slot& slot : slots_) DX_TRY(from_api(daos_event_init(&slot, queue_, nullptr)));
    const uint64_t limit_ns = static_cast<uint64_t>(plan_.seconds * 1e9);
    result_.begin_ns = result_.end_ns = now_ns();
    for (Slot& slot : slots_) {
      if (choice_.over()) break;
      DX_TRY(start(slot, now_ns()));
    }
    while (in_flight_ > 0) {
      const int count = daos_eq_poll(queue_, 0, DAOS_EQ_WAIT, plan_.depth, ended_.data());
      if (count < 0) return from_api(count).within("waiting");
      const uint64_t now = now_ns();
      const bool timed_out = limit_ns > 0 && now - result_.begin_ns >= limit_ns;
      for (int i = 0; i < count; i++) {
        Slot& slot = *static_cast<Slot*>(ended_[static_cast<size_t>(i)]);
        in_flight_--;
        DX_TRY(finish(slot, now));
        if (!timed_out && !choice_.over()) DX_TRY(start(slot, now));
      }
      result_.end_ns = now;
    }
    for (Slot& slot : slots_) DX_TRY(from_api(daos_event_fini(&slot)));
    return {};
  }

 private:
  uint64_t key_of(const Slot& slot) const { return key_number(client_, slot.index); }

  Status start(Slot& slot, uint64_t now) {
    slot.index = choice_.take();
    slot.reading = choice_.reads();
    slot.begin_ns = now;
    Ledger::Entry& entry = ledger_.entry(client_, slot.index);
    int rc = 0;
    if (slot.reading) {
      rc = slot.request->fetch(key_of(slot), &slot);
    } else {
      slot.sequence = entry.sent + 1;
      stamp_value(slot.value, key_of(slot), slot.sequence);
      std::atomic_ref(entry.sent).store(slot.sequence, std::memory_order_release);  // in memory before the call
      rc = slot.request->update(key_of(slot), &slot);
    }
    if (rc == 0) in_flight_++;
    return from_api(rc).within(what(slot));
  }

  Status finish(Slot& slot, uint64_t now) {
    choice_.give_back(slot.index);
    if (slot.ev_error != 0) return from_api(slot.ev_error).within(what(slot));
    (slot.reading ? result_.reads : result_.writes).add(now - slot.begin_ns);
    result_.ended.fetch_add(1, std::memory_order_relaxed);
    Ledger::Entry& entry = ledger_.entry(client_, slot.index);
    if (!slot.reading) {
      std::atomic_ref(entry.acknowledged).store(slot.sequence, std::memory_order_release);
      return {};
    }
    const uint64_t found = slot.request->found_bytes();
    if (found == 0) result_.absent++;
    if (!plan_.verify) return {};
    if (found != 0 && found != plan_.value_bytes) {
      return error(Code::kChecksum, "key {:#x}: a value of {} bytes is there, not of {}", key_of(slot), found,
                   plan_.value_bytes);
    }
    const uint64_t sequence = found == 0 ? 0 : DX_TRY(check_value(slot.value, key_of(slot)));
    result_.verified++;
    // What an earlier run wrote without a ledger is known by its checksum alone.
    if (plan_.ledger.empty() && entry.sent == 0) return {};
    return check_sequence(entry, key_of(slot), sequence);
  }

  std::string what(const Slot& slot) const {
    return fmt::format("{} of key {:#x}", slot.reading ? "fetch" : "update", key_of(slot));
  }

  const Plan& plan_;
  const uint32_t client_;
  Ledger& ledger_;
  ClientResult& result_;
  const daos_handle_t queue_;
  Choice choice_;
  std::vector<Slot> slots_;
  std::vector<daos_event_t*> ended_;
  uint32_t in_flight_ = 0;
};

}  // namespace

Status from_api(int rc) {
  if (rc == 0) return {};
  if (rc == -DER_AGENT_COMM) {
    return Status(Code::kAgentComm,
                  "no DAOS agent answers at $DAOS_AGENT_DRPC_DIR/daos_agent.sock. Start a system with `daos_server "
                  "local --dir DIR --daemon`, then `eval \"$(daos_server local --dir DIR status --env)\"`");
  }
  const Code code = code_from_number(-rc);
  return code == Code::kMisc ? error(Code::kMisc, "{} ({})", d_errdesc(rc), d_errstr(rc)) : Status(code, d_errdesc(rc));
}

Status run_client(const Plan& plan, uint32_t client, Ledger& ledger, StartLine& line, ClientResult& result) {
  auto connection = std::make_unique<Connection>();
  const uint64_t begin = now_ns();
  const Status opened = connection->open(plan, client);
  result.connect_ns = now_ns() - begin;
  line.waiting.fetch_add(1);
  DX_TRY(opened);
  while (line.open.load() == 0) ::usleep(200);
  auto runs = std::make_unique<Client>(plan, client, ledger, result, *connection);
  const uint64_t cpu = cpu_ns();
  Status status = runs->run();
  result.cpu_ns = cpu_ns() - cpu;
  if (!status.ok()) {
    // Other operations may be in flight and look at their buffers; the process ends, and the system sees that.
    (void)runs.release();
    (void)connection.release();
  }
  return status;
}

}  // namespace daos::perf
