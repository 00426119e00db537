// Who is attached, in a file: lines "+uuid pid" and "-uuid 0". Whoever runs the system next learns from it whose
// handles are still open. Belongs to one thread; blocking, a line at a time.
#pragma once

#include <sys/types.h>

#include <map>
#include <string>

#include "platform/base/log.h"
#include "platform/base/status.h"
#include "platform/base/uuid.h"

namespace daos::local {

/// Whether there is such a process; 0 is taken for one.
bool process_exists(uint32_t pid);

class ClientsFile {
 public:
  explicit ClientsFile(std::string path, Logger log) : path_(std::move(path)), log_(std::move(log)) {}
  ClientsFile(const ClientsFile&) = delete;
  ~ClientsFile() { close(); }

  /// Reads what an earlier run has left, and writes it anew without what cancels out.
  Status open();
  /// In a forked child too: its copy of the descriptor.
  void close();
  void add(const Uuid& client, uint32_t pid);
  void remove(const Uuid& client);
  /// Clients and their processes.
  const std::map<Uuid, uint32_t>& present() const { return present_; }

 private:
  Status rewrite();
  void note(char what, const Uuid& client, uint32_t pid);
  void write_line(char what, const Uuid& client, uint32_t pid);

  const std::string path_;
  const Logger log_;
  std::map<Uuid, uint32_t> present_;
  int fd_ = -1;
  size_t lines_ = 0;
};

}  // namespace daos::local
