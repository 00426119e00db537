#include "platform/storage/posix/posix_disk.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include "platform/base/check.h"
#include "platform/storage/posix/io_engine.h"

namespace daos::storage {
namespace {

using posix::Descriptor;
using posix::IoEngine;
using posix::IoRequest;
using posix::OpenFiles;

constexpr size_t kZerosPerWrite = 1u << 20;
constexpr size_t kPartsAtOnceMax = 16;
constexpr uint64_t kBytesAtOnceMax = 512u << 10;
constexpr Duration kWaitAtOnceMax = std::chrono::milliseconds(1);
constexpr uint32_t kHandedOver = 256;  // writes

runtime::Task<int> call(IoEngine& engine, std::move_only_function<int()> function) {
  auto request = std::make_unique<IoRequest>();
  request->call = std::move(function);
  const std::unique_ptr<IoRequest> done = co_await engine.run(std::move(request));
  co_return done->error;
}

/// Makes `path` and its parents, each durable in its own parent. Blocking.
int make_directories(const std::string& path) {
  if (mkdir(path.c_str(), 0700) == 0) {
    const std::string parent = std::filesystem::path(path).parent_path();
    const Descriptor folder(open(parent.empty() ? "." : parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    return folder.get() < 0 || fsync(folder.get()) != 0 ? errno : 0;
  }
  if (errno == EEXIST) {
    struct stat info;
    if (stat(path.c_str(), &info) != 0) return errno;
    return S_ISDIR(info.st_mode) ? 0 : ENOTDIR;
  }
  if (errno != ENOENT) return errno;
  const std::string parent = std::filesystem::path(path).parent_path();
  if (parent.empty() || parent == path) return ENOENT;
  const int error = make_directories(parent);
  return error != 0 ? error : make_directories(path);
}

class PosixFile final : public File {
 public:
  PosixFile(IoEngine& engine, std::shared_ptr<Descriptor> descriptor, std::string path, OpenOptions options)
      : engine_(engine),
        descriptor_(std::move(descriptor)),
        path_(std::move(path)),
        direct_(options.direct),
        at_once_(options.at_once && !options.direct) {}

  runtime::Task<Result<size_t>> read(uint64_t offset, IoBuf into) override {
    if (into.empty()) co_return size_t{0};
    std::vector<IoBuf> parts;
    parts.push_back(std::move(into));
    const std::unique_ptr<IoRequest> done =
        co_await engine_.run(request(IoRequest::Kind::kRead, offset, std::move(parts)));
    if (done->error != 0) co_return failed(done->error, fmt::format("read at {} of", offset));
    co_return done->transferred;
  }
  runtime::Task<Status> write(uint64_t offset, std::vector<IoBuf> parts) override {
    auto wanted = request(IoRequest::Kind::kWrite, offset, std::move(parts));
    if (at_once_) write_at_once(*wanted);
    if (!wanted->wants_more()) co_return Status();
    const std::unique_ptr<IoRequest> done = co_await engine_.run(std::move(wanted));
    co_return failed(done->error, fmt::format("write at {} to", offset));
  }
  runtime::Task<Status> flush() override {
    const std::unique_ptr<IoRequest> done = co_await engine_.run(request(IoRequest::Kind::kFlush, 0, {}));
    co_return failed(done->error, "flush of");
  }
  runtime::Task<Status> write_durable(uint64_t offset, std::vector<IoBuf> parts) override {
    auto wanted = request(IoRequest::Kind::kWriteDurable, offset, std::move(parts));
    if (!wanted->wants_more()) co_return Status();
    const std::unique_ptr<IoRequest> done = co_await engine_.run(std::move(wanted));
    co_return failed(done->error, fmt::format("durable write at {} to", offset));
  }
  runtime::Task<Status> preallocate(uint64_t bytes) override {
    const int error = co_await call(engine_, [file = descriptor_, bytes]() -> int {
      // fallocate first: it fails at once, and without a trace, when there is no room, and keeps the blocks together.
      // Its blocks are only reserved, though, and turning them into written ones costs a metadata commit at each flush,
      // so zeros follow.
      if (fallocate(file->get(), 0, 0, static_cast<off_t>(bytes)) != 0 && errno != EOPNOTSUPP) return errno;
      Result<IoBuf> zeros = IoBuf::allocate(std::min<uint64_t>(bytes, kZerosPerWrite), IoBuf::kDirectAlignment);
      if (!zeros.ok()) return ENOMEM;
      std::fill_n(zeros->data(), zeros->size(), std::byte{0});
      for (uint64_t done = 0; done < bytes;) {
        const ssize_t n = pwrite(file->get(), zeros->data(), std::min<uint64_t>(bytes - done, kZerosPerWrite),
                                 static_cast<off_t>(done));
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return n < 0 ? errno : ENOSPC;
        done += static_cast<uint64_t>(n);
      }
      // Sizes and block maps go to the disk now, so that fdatasync after later writes has only data to flush.
      return fsync(file->get()) == 0 ? 0 : errno;
    });
    co_return failed(error, fmt::format("preallocation of {} bytes for", bytes));
  }
  runtime::Task<Status> reserve(uint64_t bytes) override {
    const int error = co_await call(engine_, [file = descriptor_, bytes] {
      struct stat info;
      if (fstat(file->get(), &info) != 0) return errno;
      const auto end = static_cast<off_t>(bytes);
      if (end <= info.st_size) return 0;
      if (fallocate(file->get(), 0, info.st_size, end - info.st_size) == 0) return 0;
      const int error = errno;
      // Some file systems leave half of what they could not finish.
      if (error != EOPNOTSUPP) return ftruncate(file->get(), info.st_size) == 0 ? error : errno;
      return ftruncate(file->get(), end) == 0 ? 0 : errno;
    });
    co_return failed(error, fmt::format("reservation of {} bytes for", bytes));
  }
  runtime::Task<Status> truncate(uint64_t bytes) override {
    const int error = co_await call(engine_, [file = descriptor_, bytes] {
      return ftruncate(file->get(), static_cast<off_t>(bytes)) == 0 ? 0 : errno;
    });
    co_return failed(error, fmt::format("truncation to {} bytes of", bytes));
  }
  Result<uint64_t> size() override {
    struct stat info;
    if (fstat(descriptor_->get(), &info) != 0) return failed(errno, "size of");
    if (S_ISBLK(info.st_mode)) {
      const off_t end = lseek(descriptor_->get(), 0, SEEK_END);
      if (end < 0) return failed(errno, "size of");
      return static_cast<uint64_t>(end);
    }
    return static_cast<uint64_t>(info.st_size);
  }
  Status lock(LockKind kind) override {
    const int wanted = kind == LockKind::kShared ? LOCK_SH : LOCK_EX;
    if (flock(descriptor_->get(), wanted | LOCK_NB) == 0) return {};
    if (errno == EWOULDBLOCK) return error(Code::kBusy, "{} is in use by another process", path_);
    return failed(errno, "lock of");
  }

 private:
  /// As much as the system takes without a wait of its own. One that made the caller wait (too much is on its way to
  /// the medium) is a sign that the next ones would, too.
  void write_at_once(IoRequest& request) {
    if (handed_over_ > 0) {
      handed_over_--;
      return;
    }
    if (request.rest.size() > kPartsAtOnceMax) return;
    uint64_t bytes = 0;
    for (const iovec& part : request.rest) bytes += part.iov_len;
    if (bytes > kBytesAtOnceMax) return;
    const Time begin = engine_.reactor().fresh_now();
    const ssize_t n = pwritev(descriptor_->get(), request.rest.data(), static_cast<int>(request.rest.size()),
                              static_cast<off_t>(request.offset));
    if (engine_.reactor().fresh_now() - begin > kWaitAtOnceMax) handed_over_ = kHandedOver;
    if (n > 0) request.advance(static_cast<size_t>(n));  // what is left, or an error, is the engine's business
  }
  std::unique_ptr<IoRequest> request(IoRequest::Kind kind, uint64_t offset, std::vector<IoBuf> parts) const {
    auto request = std::make_unique<IoRequest>();
    request->kind = kind;
    request->direct = direct_;
    request->file = descriptor_;
    request->offset = offset;
    request->parts = std::move(parts);
    for (IoBuf& part : request->parts) {
      if (part.empty()) continue;
      if (direct_) {
        DX_DCHECK(reinterpret_cast<uintptr_t>(part.data()) % IoBuf::kDirectAlignment == 0, "{}: unaligned memory",
                  path_);
        DX_DCHECK(part.size() % IoBuf::kDirectAlignment == 0, "{}: unaligned length {}", path_, part.size());
      }
      request->rest.push_back({.iov_base = part.data(), .iov_len = part.size()});
    }
    return request;
  }
  Status failed(int error, std::string_view what) const {
    return error == 0 ? Status() : errno_error(error, fmt::format("{} {}", what, path_));
  }

  IoEngine& engine_;
  const std::shared_ptr<Descriptor> descriptor_;
  const std::string path_;
  const bool direct_;
  const bool at_once_;
  uint32_t handed_over_ = 0;  // so many more are
};

class PosixDisk final : public Disk {
 public:
  PosixDisk(std::unique_ptr<IoEngine> engine, std::string root) : engine_(std::move(engine)), root_(std::move(root)) {}

  runtime::Task<Result<std::unique_ptr<File>>> open(std::string path, OpenOptions options) override {
    std::string full = at(path);
    // Filled on a thread, read after it has ended.
    struct Opened {
      std::shared_ptr<Descriptor> descriptor;
      bool direct = false;
    };
    auto opened = std::make_shared<Opened>();
    const int error = co_await call(*engine_, [opened, full, options, files = files_]() -> int {
      int flags = (options.read_only ? O_RDONLY : O_RDWR) | O_CLOEXEC | (options.create ? O_CREAT : 0) |
                  (options.create && options.exclusive ? O_EXCL : 0);
      opened->direct = options.direct;
      int fd = files->open(full.c_str(), flags | (options.direct ? O_DIRECT : 0), 0600);
      if (fd < 0 && errno == EINVAL && options.direct) {
        // A file system without O_DIRECT (an older tmpfs): buffered then, everything else alike. The failed attempt may
        // have created the file already.
        opened->direct = false;
        fd = files->open(full.c_str(), flags & ~O_EXCL, 0600);
      }
      if (fd < 0) return errno;
      opened->descriptor = std::make_shared<Descriptor>(fd, files);
      return 0;
    });
    if (error != 0) co_return errno_error(error, fmt::format("open of {}", full));
    options.direct = opened->direct;
    co_return std::unique_ptr<File>(
        std::make_unique<PosixFile>(*engine_, std::move(opened->descriptor), std::move(full), options));
  }
  runtime::Task<Status> make_directory(std::string path) override {
    const int error = co_await call(*engine_, [full = at(path)] { return make_directories(full); });
    co_return failed(error, "making of directory", path);
  }
  Result<std::vector<std::string>> list(const std::string& path) override {
    DIR* folder = opendir(at(path).c_str());
    if (folder == nullptr) return failed(errno, "list of", path);
    std::vector<std::string> names;
    errno = 0;
    while (const dirent* each = readdir(folder)) {
      const std::string_view name = each->d_name;
      if (name != "." && name != "..") names.emplace_back(name);
    }
    const int error = errno;
    closedir(folder);
    if (error != 0) return failed(error, "list of", path);
    std::sort(names.begin(), names.end());
    return names;
  }
  bool exists(const std::string& path) override { return access(at(path).c_str(), F_OK) == 0; }
  runtime::Task<Status> rename(std::string from, std::string to) override {
    const int error = co_await call(*engine_, [old_name = at(from), new_name = at(to)] {
      return ::rename(old_name.c_str(), new_name.c_str()) == 0 ? 0 : errno;
    });
    co_return failed(error, fmt::format("rename to {} of", at(to)), from);
  }
  runtime::Task<Status> remove(std::string path) override {
    const int error = co_await call(*engine_, [full = at(path)] { return ::remove(full.c_str()) == 0 ? 0 : errno; });
    co_return failed(error, "removal of", path);
  }
  runtime::Task<Status> remove_tree(std::string path) override {
    const int error = co_await call(*engine_, [full = at(path)] {
      std::error_code code;
      std::filesystem::remove_all(full, code);
      return code.value();
    });
    co_return failed(error, "removal of", path);
  }
  runtime::Task<Status> sync_directory(std::string path) override {
    const int error = co_await call(*engine_, [full = at(path)] {
      const Descriptor folder(::open(full.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
      return folder.get() < 0 || fsync(folder.get()) != 0 ? errno : 0;
    });
    co_return failed(error, "sync of directory", path);
  }
  Result<Space> space() override {
    struct statvfs info;
    if (statvfs(root_.c_str(), &info) != 0) return failed(errno, "space of", "");
    return Space{.total_bytes = info.f_blocks * info.f_frsize, .free_bytes = info.f_bavail * info.f_frsize};
  }
  OpenFiles& files() { return *files_; }
  IoEngine& engine() { return *engine_; }

 private:
  std::string at(const std::string& path) const { return path.empty() ? root_ : root_ + "/" + path; }
  Status failed(int error, std::string_view what, const std::string& path) const {
    return error == 0 ? Status() : errno_error(error, fmt::format("{} {}", what, at(path)));
  }

  const std::shared_ptr<OpenFiles> files_ = std::make_shared<OpenFiles>();
  const std::unique_ptr<IoEngine> engine_;
  const std::string root_;
};

Result<std::unique_ptr<IoEngine>> make_engine(runtime::Reactor& reactor, runtime::EpollPoller& poller,
                                              const std::string& root, const PosixOptions& options) {
  if (options.backend != PosixBackend::kThreads) {
    Result<std::unique_ptr<IoEngine>> ring =
        posix::make_ring_engine(reactor, poller, options.ring_entries, posix::make_thread_engine(reactor, 1));
    if (ring.ok() || options.backend == PosixBackend::kRing) return std::move(ring).within(root);
    reactor.log().warn("disk {}: using {} threads, because io_uring is not available ({})", root, options.threads,
                       ring.status().message());
  }
  return posix::make_thread_engine(reactor, options.threads);
}

}  // namespace

Result<std::unique_ptr<Disk>> open_posix_disk(runtime::Reactor& reactor, runtime::EpollPoller& poller, std::string root,
                                              PosixOptions options) {
  if (options.make_root) {
    if (const int error = make_directories(root); error != 0) return errno_error(error, fmt::format("disk {}", root));
  }
  std::unique_ptr<IoEngine> engine = DX_TRY(make_engine(reactor, poller, root, options));
  return std::unique_ptr<Disk>(std::make_unique<PosixDisk>(std::move(engine), std::move(root)));
}

void hold_for_fork(Disk& disk) { static_cast<PosixDisk&>(disk).files().hold(); }
void release_after_fork(Disk& disk) { static_cast<PosixDisk&>(disk).files().release(); }
void abandon_after_fork(Disk& disk) {
  static_cast<PosixDisk&>(disk).files().abandon();
  static_cast<PosixDisk&>(disk).engine().abandon_after_fork();
}

}  // namespace daos::storage
