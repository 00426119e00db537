#include "programs/hosted_engine/hosted_engine.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <iterator>

#include "platform/base/stamp.h"

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

}  // namespace

Result<FolderLock> FolderLock::take(const std::string& directory) {
  const int fd = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return errno_error(errno, directory);
  FolderLock lock(fd);
  if (::flock(fd, LOCK_EX | LOCK_NB) == 0) return lock;
  if (errno != EWOULDBLOCK) return errno_error(errno, directory);
  return error(Code::kBusy, "{} is in use by another engine process", directory);
}

void FolderLock::close() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

Result<std::unique_ptr<HostedEngine>> HostedEngine::open(Options options) {
  FolderLock lock = DX_TRY(FolderLock::take(options.directory));
  std::unique_ptr<HostedEngine> self(new HostedEngine(std::move(options), std::move(lock)));
  self->superblock_ = DX_TRY(read_superblock(self->options_.directory));
  self->options_.log = self->options_.log.named(fmt::format("engine {}", self->superblock_.rank));
  DX_TRY(self->open_rooms());
  return self;
}

Status HostedEngine::open_rooms() {
  for (uint32_t target = 0; target < superblock_.targets; target++) {
    rooms_.push_back(DX_TRY(open_room(fmt::format("target {}", target))));
  }
  rooms_.push_back(DX_TRY(open_room("system")));
  scope_ = std::make_unique<runtime::Scope>(system().thread->reactor());
  std::vector<engine::Room> targets;
  for (uint32_t target = 0; target < superblock_.targets; target++) targets.push_back(rooms_[target].view());
  engine::EngineConfig config{
      .system = superblock_.system,
      .system_name = superblock_.system_name,
      .engine = superblock_.engine,
      .rank = superblock_.rank,
      .address = superblock_.address,
      .service_address = superblock_.service_addresses.empty() ? "" : superblock_.service_addresses.front(),
      .memory_bytes = superblock_.memory_bytes,
      .disk_bytes = superblock_.disk_bytes,
      .incarnation = static_cast<uint64_t>(clock_.unix_ns()),
      .build = std::string(build_string()),
      .devices = engine::devices_of(superblock_)};
  engine_ = std::make_unique<engine::Engine>(std::move(config), system().view(), std::move(targets));
  return {};
}

Result<HostedEngine::Room> HostedEngine::open_room(const std::string& name) {
  Room room;
  room.thread = DX_TRY(runtime::ReactorThread::start(
      name, {.clock = &clock_, .seed = runtime::system_seed(), .log = options_.log.named(name)}));
  Status status;
  room.thread->call([&] {
    auto disk = storage::open_posix_disk(room.thread->reactor(), room.thread->poller(), options_.directory);
    status = disk.status();
    if (disk.ok()) room.disk = std::move(disk).take();
  });
  DX_TRY(std::move(status));
  room.transport = std::make_unique<fabric::tcp::TcpTransport>(room.thread->poller(), options_.doors);
  return room;
}

HostedEngine::~HostedEngine() {
  for (Room& room : rooms_) room.thread->stop();
  engine_.reset();
  scope_.reset();
  for (Room& room : rooms_) room.disk.reset();
}

std::future<Status> HostedEngine::start(std::move_only_function<void(const Status&)> told) {
  return run<Status>([this, told = std::move(told)]() mutable { return serve(std::move(told)); });
}

runtime::Task<Status> HostedEngine::serve(std::move_only_function<void(const Status&)> told) {
  Status status = co_await start_and_join();
  if (told && (!status.ok() || engine_->joined())) told(status);
  co_return status;
}

runtime::Task<Status> HostedEngine::start_and_join() {
  runtime::Reactor& reactor = system().thread->reactor();
  const runtime::StopToken stop = stop_waiting_.token();
  DX_CO_TRY(co_await engine_->start());
  while (!engine_->joined()) {
    const Status waited = co_await runtime::sleep(reactor, reactor.within(kLook, stop));
    if (!waited.ok()) co_return Status();
  }
  options_.log.info("serves");
  co_return Status();
}

void HostedEngine::stop_waiting() {
  system().thread->reactor().post([this] { stop_waiting_.request_stop(); });
}

Status HostedEngine::stop() {
  return run<Status>([this] { return engine_->stop(); }).get();
}

// ------------------------------------------------------------------------------------------------------------- fork

void HostedEngine::hold() {
  // Between two turns everything that a reactor owns is whole, so the child finds each descriptor where it belongs.
  rest_ = std::make_shared<Rest>(rooms_.size());
  for (Room& room : rooms_) {
    room.thread->reactor().post([rest = rest_] {
      rest->arrived.count_down();
      rest->over.wait();
    });
  }
  rest_->arrived.wait();
  for (Room& room : rooms_) storage::hold_for_fork(*room.disk);
}

void HostedEngine::release() {
  for (Room& room : rooms_) storage::release_after_fork(*room.disk);
  rest_->over.count_down();
  rest_.reset();
}

void HostedEngine::abandon_after_fork() {
  engine_->abandon_after_fork();
  for (Room& room : rooms_) {
    storage::abandon_after_fork(*room.disk);
    room.thread->poller().abandon_after_fork();
  }
  lock_.close();
}

}  // namespace daos::program
