// A folder of this machine as a Disk. Reads, writes and flushes go through io_uring, or, where that is forbidden (some
// containers), through a few threads; what else may wait (open, rename, preallocate) always goes through threads, which
// start with their first use. One per reactor; used from its thread, which also destroys it, after its files.
#pragma once

#include <memory>
#include <string>

#include "platform/runtime/epoll_poller.h"
#include "platform/runtime/reactor.h"
#include "platform/storage/storage.h"

namespace daos::storage {

enum class PosixBackend : uint8_t {
  kAuto,     // io_uring if the kernel lets us, else threads, and one log line says so
  kRing,     // io_uring or an error
  kThreads,  // never io_uring
};

struct PosixOptions {
  PosixBackend backend = PosixBackend::kAuto;
  unsigned ring_entries = 256;  // requests in the kernel at a time; the rest queue here
  unsigned threads = 4;         // with kThreads: requests in the kernel at a time
  bool make_root = true;        // else the root must be there
};

/// An error names the path and the system's words.
Result<std::unique_ptr<Disk>> open_posix_disk(runtime::Reactor& reactor, runtime::EpollPoller& poller, std::string root,
                                              PosixOptions options = {});

/// For a process that forks while it has disks of open_posix_disk(): between hold and release no file of theirs is
/// opened or closed. From any thread, with the disk's reactor at rest.
void hold_for_fork(Disk& disk);
void release_after_fork(Disk& disk);
/// In the child, in place of release: closes its copies of descriptors, so that no lock outlives the parent in them,
/// and touches nothing else.
void abandon_after_fork(Disk& disk);

}  // namespace daos::storage
