#include "programs/daos/container_view.h"

#include <daos.h>
#include <time.h>

#include "programs/output/sizes.h"
#include "programs/output/table.h"
#include "programs/output/timestamp.h"

namespace daos::cli {

std::string time_text(uint64_t hlc) {
  timespec time{};
  daos_hlc2timespec(hlc, &time);
  return output::utc_time(time.tv_sec * 1'000'000'000L + time.tv_nsec);
}

std::string created_text(const ContainerView& container) {
  output::Fields fields = {{"Container UUID", container.uuid}};
  if (!container.label.empty()) fields.emplace_back("Container Label", container.label);
  fields.emplace_back("Container Type", container.type);
  return fmt::format("Successfully created container {} type {}\n{}\n", container.uuid, container.type,
                     output::entity("", fields));
}

std::string query_text(const ContainerView& container) {
  output::Fields fields = {{"Container UUID", container.uuid}};
  if (!container.label.empty()) fields.emplace_back("Container Label", container.label);
  fields.emplace_back("Container Type", container.type);
  fields.emplace_back("Pool UUID", container.pool_uuid);
  fields.emplace_back("Container redundancy factor", std::to_string(container.redundancy_factor));
  fields.emplace_back("Number of open handles", std::to_string(container.handles));
  const auto time = [](uint64_t hlc) { return fmt::format("{} ({:#x})", time_text(hlc), hlc); };
  fields.emplace_back("Latest open time", time(container.open_time));
  fields.emplace_back("Latest close/modify time", time(container.modify_time));
  fields.emplace_back("Number of snapshots", std::to_string(container.snapshots));
  if (container.latest_snapshot != 0) {
    fields.emplace_back("Latest Persistent Snapshot",
                        fmt::format("{:#x} ({})", container.latest_snapshot, time_text(container.latest_snapshot)));
  }
  const FilesView& files = container.files;
  const auto add = [&fields](const char* key, const std::string& value) {
    if (!value.empty()) fields.emplace_back(key, value);
  };
  add("Object Class", files.object_class);
  add("Dir Object Class", files.directory_class);
  add("File Object Class", files.file_class);
  add("Hints", files.hints);
  if (files.chunk_bytes > 0) add("Chunk Size", output::binary_size(files.chunk_bytes));
  return output::entity("", fields);
}

output::Json container_json(const ContainerView& container) {
  output::Json json;
  json["pool_uuid"] = container.pool_uuid;
  json["container_uuid"] = container.uuid;
  if (!container.label.empty()) json["container_label"] = container.label;
  if (container.latest_snapshot != 0) json["latest_snapshot"] = container.latest_snapshot;
  json["redundancy_factor"] = container.redundancy_factor;
  json["num_handles"] = container.handles;
  json["num_snapshots"] = container.snapshots;
  if (container.open_time != 0) json["open_time"] = time_text(container.open_time);
  if (container.modify_time != 0) json["close_modify_time"] = time_text(container.modify_time);
  json["container_type"] = container.type;
  json["health"] = container.healthy ? "HEALTHY" : "UNCLEAN";
  const FilesView& files = container.files;
  if (files.chunk_bytes > 0) json["chunk_size"] = files.chunk_bytes;
  if (!files.object_class.empty()) json["object_class"] = files.object_class;
  if (!files.directory_class.empty()) json["dir_object_class"] = files.directory_class;
  if (!files.file_class.empty()) json["file_object_class"] = files.file_class;
  if (files.mode != 0) json["cons_mode"] = files.mode;
  if (!files.hints.empty()) json["hints"] = files.hints;
  return json;
}

}  // namespace daos::cli
