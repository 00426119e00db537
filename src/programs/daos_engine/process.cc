#include "programs/daos_engine/process.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <future>
#include <iterator>
#include <memory>
#include <vector>

#include "platform/base/stamp.h"
#include "platform/fabric/tcp/tcp.h"
#include "platform/runtime/driver.h"
#include "platform/storage/posix/posix_disk.h"
#include "programs/output/log_file.h"
#include "server/engine/engine.h"
#include "server/engine/superblock.h"

namespace daos::program {
namespace {

constexpr Duration kLook = std::chrono::milliseconds(2);

Result<engine::Superblock> read_superblock(const std::string& directory) {
  const std::string path = directory + "/" + std::string(engine::kSuperblockName);
  std::ifstream file(path, std::ios::binary);
  if (!file) return error(Code::kNonexistent, "{}: no superblock: `daos_server local` formats a directory", path);
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  return engine::decode_superblock(as_bytes(bytes), path);
}

/// A thread with all that a part of an engine runs on.
struct Room {
  std::unique_ptr<runtime::ReactorThread> thread;
  std::unique_ptr<storage::Disk> disk;
  std::unique_ptr<fabric::tcp::TcpTransport> transport;
  engine::Room view() { return {.reactor = thread->reactor(), .disk = *disk, .transport = *transport}; }
};

Result<Room> make_room(const std::string& name, const std::string& directory, runtime::Clock& clock,
                       const Logger& log) {
  Room room;
  room.thread = DX_TRY(
      runtime::ReactorThread::start(name, {.clock = &clock, .seed = runtime::system_seed(), .log = log.named(name)}));
  Status status;
  room.thread->call([&] {
    auto disk = storage::open_posix_disk(room.thread->reactor(), room.thread->poller(), directory);
    status = disk.status();
    if (disk.ok()) room.disk = std::move(disk).take();
  });
  DX_TRY(std::move(status));
  room.transport = std::make_unique<fabric::tcp::TcpTransport>(room.thread->poller());
  return room;
}

/// The rooms of one engine. The engine goes after the last turn of all reactors, and before what it runs on.
struct Rooms {
  std::unique_ptr<runtime::Scope> scope;  // of the system room
  std::vector<Room> rooms;                // the targets', then the system's
  std::unique_ptr<engine::Engine> engine;

  Room& system() { return rooms.back(); }
  ~Rooms() {
    for (Room& room : rooms) room.thread->stop();
    engine.reset();
    scope.reset();
    for (Room& room : rooms) room.disk.reset();
  }

  /// Runs on the system room's reactor.
  std::future<Status> run(std::move_only_function<runtime::Task<Status>()> make) {
    std::promise<Status> promise;
    std::future<Status> future = promise.get_future();
    system().thread->reactor().post([this, make = std::move(make), promise = std::move(promise)]() mutable {
      scope->spawn(carry(std::move(make), std::move(promise)));
    });
    return future;
  }
  static runtime::Task<void> carry(std::move_only_function<runtime::Task<Status>()> make,
                                   std::promise<Status> promise) {
    Status status = co_await make();
    promise.set_value(std::move(status));
  }
};

engine::EngineConfig config_of(const engine::Superblock& superblock, uint64_t incarnation) {
  return {.system = superblock.system,
          .system_name = superblock.system_name,
          .engine = superblock.engine,
          .rank = superblock.rank,
          .address = superblock.address,
          .service_address = superblock.service_addresses.empty() ? "" : superblock.service_addresses.front(),
          .memory_bytes = superblock.memory_bytes,
          .disk_bytes = superblock.disk_bytes,
          .incarnation = incarnation,
          .build = std::string(build_string())};
}

/// What start() tells outside of the process, and how it is told to end.
struct Outside {
  int ready_fd = -1;
  Logger log;
  runtime::StopSource stopping;  // on the system room's reactor
};

/// Serving means: every target answers, and the system knows this incarnation. Success also when a stop came before
/// that.
runtime::Task<Status> start(engine::Engine& engine, runtime::Reactor& reactor, Outside& outside) {
  const runtime::StopToken stop = outside.stopping.token();
  const Status started = co_await engine.start();
  if (!started.ok()) {
    ::kill(::getpid(), SIGTERM);  // whoever waits for a signal finds the error
    co_return started;
  }
  while (!engine.joined()) {
    const Status waited = co_await runtime::sleep(reactor, reactor.within(kLook, stop));
    if (!waited.ok()) co_return Status();
  }
  outside.log.info("serves");
  if (outside.ready_fd >= 0) {
    if (::write(outside.ready_fd, "1", 1) != 1) outside.log.warn("nobody waits for this engine to be ready");
    ::close(outside.ready_fd);
  }
  co_return Status();
}

}  // namespace

Status lock_folder(const std::string& directory) {
  const int fd = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return errno_error(errno, directory);
  if (::flock(fd, LOCK_EX | LOCK_NB) == 0) return {};  // never closed: it ends with the process
  const int err = errno;
  ::close(fd);
  if (err != EWOULDBLOCK) return errno_error(err, directory);
  return error(Code::kBusy, "{} is in use by another engine process", directory);
}

Status run_engine(const EngineArguments& arguments, const sigset_t& signals) {
  const std::unique_ptr<output::LogFile> sink = DX_TRY(output::LogFile::open(arguments.log));
  DX_TRY(lock_folder(arguments.directory));
  const engine::Superblock superblock = DX_TRY(read_superblock(arguments.directory));
  const Logger log = Logger(sink.get()).named(fmt::format("engine {}", superblock.rank));
  log.info("daos_engine {}, process {}: rank {} of system {}, {} targets, listens on {}", build_string(), ::getpid(),
           superblock.rank, superblock.system_name, superblock.targets,
           engine::tcp_address(superblock.address.host, superblock.address.system_port));

  runtime::SystemClock clock;
  Rooms rooms;
  for (uint32_t target = 0; target < superblock.targets; target++) {
    rooms.rooms.push_back(DX_TRY(make_room(fmt::format("target {}", target), arguments.directory, clock, log)));
  }
  rooms.rooms.push_back(DX_TRY(make_room("system", arguments.directory, clock, log)));
  runtime::Reactor& reactor = rooms.system().thread->reactor();
  rooms.scope = std::make_unique<runtime::Scope>(reactor);
  std::vector<engine::Room> targets;
  for (uint32_t target = 0; target < superblock.targets; target++) targets.push_back(rooms.rooms[target].view());
  rooms.engine = std::make_unique<engine::Engine>(config_of(superblock, static_cast<uint64_t>(clock.unix_ns())),
                                                  rooms.system().view(), std::move(targets));
  engine::Engine& engine = *rooms.engine;
  Outside outside{.ready_fd = arguments.ready_fd, .log = log};
  std::future<Status> started = rooms.run([&] { return start(engine, reactor, outside); });

  // A signal may come long before the engine has joined: rank 0 may be away for good.
  int number = 0;
  while (::sigwait(&signals, &number) != 0) {
  }
  reactor.post([&outside] { outside.stopping.request_stop(); });
  if (const Status status = started.get(); !status.ok()) {
    // What is half open cannot be closed in order. The files are made for an end at any moment.
    log.error("cannot start: {}", status);
    std::_Exit(1);
  }
  log.info("ends on signal {}", number);
  DX_TRY(rooms.run([&] { return engine.stop(); }).get());
  log.info("ended in order");
  return {};
}

}  // namespace daos::program
