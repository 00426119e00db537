// A container as daos prints it. Plain data in, text and JSON out.
#pragma once

#include <cstdint>
#include <string>

#include "programs/output/outcome.h"

namespace daos::cli {

/// Of a container of type POSIX; classes as names.
struct FilesView {
  uint64_t chunk_bytes = 0;  // 0: not known, nothing is shown
  std::string object_class;
  std::string directory_class;
  std::string file_class;
  uint32_t mode = 0;
  std::string hints;
};

struct ContainerView {
  std::string pool_uuid;
  std::string uuid;
  std::string label;
  std::string type;  // "POSIX", "unknown"
  uint64_t redundancy_factor = 0;
  uint32_t handles = 0;
  uint32_t snapshots = 0;
  uint64_t latest_snapshot = 0;
  uint64_t open_time = 0;  // HLC; 0: never
  uint64_t modify_time = 0;
  bool healthy = true;
  FilesView files;
};

std::string created_text(const ContainerView& container);
std::string query_text(const ContainerView& container);
output::Json container_json(const ContainerView& container);

/// "2024-03-01 12:00:00.5 +0000 UTC"
std::string time_text(uint64_t hlc);

}  // namespace daos::cli
