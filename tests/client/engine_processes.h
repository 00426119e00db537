// The engines' processes of a test's system, by SYSTEM_DIR (with-system): for tests that kill them.
#pragma once

#include <dirent.h>
#include <fcntl.h>
#include <sys/types.h>
#include <unistd.h>

#include <cstdlib>
#include <string>
#include <vector>

namespace api_test {

/// All of them, or the one in the folder `name` ("engine-0"). A process may end while we look: then it is none.
inline std::vector<pid_t> engines(const std::string& name = "") {
  std::vector<pid_t> found;
  const std::string directory = std::string(std::getenv("SYSTEM_DIR")) + (name.empty() ? "" : "/" + name);
  DIR* processes = opendir("/proc");
  while (const dirent* entry = processes != nullptr ? readdir(processes) : nullptr) {
    const pid_t pid = static_cast<pid_t>(std::atol(entry->d_name));
    if (pid <= 0) continue;
    const int fd = open(("/proc/" + std::string(entry->d_name) + "/cmdline").c_str(), O_RDONLY | O_CLOEXEC);
    char line[4096];
    const ssize_t bytes = fd >= 0 ? read(fd, line, sizeof line) : -1;
    if (fd >= 0) close(fd);
    if (bytes <= 0) continue;
    const std::string text(line, static_cast<size_t>(bytes));
    if (text.find("daos_engine") != std::string::npos && text.find(directory) != std::string::npos)
      found.push_back(pid);
  }
  if (processes != nullptr) closedir(processes);
  return found;
}

}  // namespace api_test
