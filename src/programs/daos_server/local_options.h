// The command line of `daos_server local` and its two verbs.
#pragma once

#include <string>
#include <vector>

#include "platform/base/status.h"
#include "programs/local/system.h"
#include "programs/output/outcome.h"

namespace daos::program {

struct LocalOptions {
  std::string directory;
  uint32_t engines = 0;  // 0: what is there, or the default
  uint32_t targets = 0;
  bool daemon = false;
  std::string scm_size;
  std::string nvme_size;
  std::vector<std::string> nvme_devices;
  bool force_format = false;
  std::string name;
  std::string engine_program;  // empty: daos_engine beside this program
  bool environment = false;    // status --env
};

/// `daos_server local --dir DIR`: formats the first time, resumes otherwise; in the foreground until Ctrl-C, or in the
/// background once ready.
Result<output::Answer> local_start(const LocalOptions& options);
/// `... status [--env]`
Result<output::Answer> local_status(const LocalOptions& options);
/// `... stop`
Result<output::Answer> local_stop(const LocalOptions& options);

}  // namespace daos::program
