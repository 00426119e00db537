#include "programs/daos_perf/ledger.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace daos::perf {
namespace {

constexpr uint64_t kMagic = 0x72646c6670736164;  // "daspfldr"
constexpr uint64_t kVersion = 1;

struct Header {
  uint64_t magic;
  uint64_t version;
  uint64_t clients;
  uint64_t keys;
  uint64_t value_bytes;
  uint64_t kind;
  uint64_t object;
  uint64_t class_id;
  bool operator==(const Header&) const = default;
};
static_assert(sizeof(Header) % alignof(Ledger::Entry) == 0);

/// The file's descriptor, closed in every case.
struct File {
  explicit File(int fd) : fd(fd) {}
  File(const File&) = delete;
  ~File() { ::close(fd); }
  const int fd;
};

}  // namespace

Result<Ledger> Ledger::open(const Plan& plan) {
  const Header wanted{.magic = kMagic,
                      .version = kVersion,
                      .clients = plan.clients,
                      .keys = plan.keys,
                      .value_bytes = plan.value_bytes,
                      .kind = static_cast<uint64_t>(plan.kind),
                      .object = plan.object,
                      .class_id = plan.class_id};
  const uint64_t bytes = sizeof(Header) + sizeof(Entry) * plan.clients * plan.keys;
  if (plan.ledger.empty()) {
    void* memory = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) return errno_error(errno, "memory for the keys");
    return Ledger(memory, bytes, plan.keys);
  }
  const bool writes = plan.work == Work::kWrite || plan.work == Work::kMixed;
  const int mode = O_RDWR | O_CLOEXEC | (writes ? O_CREAT : 0);
  const File file(::open(plan.ledger.c_str(), mode, 0644));
  if (file.fd < 0) return errno_error(errno, plan.ledger);
  struct stat status{};
  if (::fstat(file.fd, &status) != 0) return errno_error(errno, plan.ledger);
  const bool fresh = status.st_size == 0;
  if (fresh && ::ftruncate(file.fd, static_cast<off_t>(bytes)) != 0) return errno_error(errno, plan.ledger);
  const Status another =
      error(Code::kInvalid, "{}: not the ledger of such a run; give the options of the run that began it", plan.ledger);
  if (!fresh && static_cast<uint64_t>(status.st_size) != bytes) return another;
  void* memory = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file.fd, 0);
  if (memory == MAP_FAILED) return errno_error(errno, plan.ledger);
  Ledger ledger(memory, bytes, plan.keys);
  if (fresh) std::memcpy(memory, &wanted, sizeof wanted);
  Header found;
  std::memcpy(&found, memory, sizeof found);
  if (found != wanted) return another;
  return ledger;
}

Ledger::Ledger(void* memory, uint64_t bytes, uint64_t keys)
    : memory_(memory),
      bytes_(bytes),
      keys_(keys),
      entries_(reinterpret_cast<Entry*>(static_cast<std::byte*>(memory) + sizeof(Header))) {}
Ledger::Ledger(Ledger&& other) noexcept
    : memory_(std::exchange(other.memory_, nullptr)),
      bytes_(other.bytes_),
      keys_(other.keys_),
      entries_(other.entries_) {}
Ledger::~Ledger() {
  if (memory_ != nullptr) ::munmap(memory_, bytes_);
}

Status check_sequence(const Ledger::Entry& entry, uint64_t key, uint64_t found) {
  if (found < entry.acknowledged) {
    return error(Code::kChecksum, "key {:#x}: LOST: write {} was acknowledged, {} is there", key, entry.acknowledged,
                 found == 0 ? "no value" : fmt::format("write {}", found));
  }
  if (found > entry.sent) {
    return error(Code::kChecksum, "key {:#x}: write {} is there, but only {} were sent", key, found, entry.sent);
  }
  return {};
}

}  // namespace daos::perf
