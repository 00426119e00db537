// Every verb of daos: one file each, registered by one function here. A verb parses, uses the public C API, and fills
// both faces of the answer (text and JSON).
#pragma once

#include "programs/arguments/program.h"

namespace daos::cli {

/// Options that stand before the verb.
struct Global {
  std::string system;
  bool verbose = false;
  bool debug = false;
};

void add_pool_list(arguments::Program& program, CLI::App& pool, const Global& global);
void add_pool_query(arguments::Program& program, CLI::App& pool, const Global& global);
void add_pool_query_targets(arguments::Program& program, CLI::App& pool, const Global& global);
void add_pool_get_prop(arguments::Program& program, CLI::App& pool, const Global& global);
void add_pool_autotest(arguments::Program& program, CLI::App& pool, const Global& global);
void add_container_create(arguments::Program& program, CLI::App& container, const Global& global);
void add_container_destroy(arguments::Program& program, CLI::App& container, const Global& global);
/// Under `name`: it is `daos container list` and `daos pool list-containers`.
void add_container_list(arguments::Program& program, CLI::App& noun, const std::string& name,
                        const std::vector<std::string>& aliases, const Global& global);
void add_container_query(arguments::Program& program, CLI::App& container, const Global& global);
void add_container_stat(arguments::Program& program, CLI::App& container, const Global& global);
void add_container_evict(arguments::Program& program, CLI::App& container, const Global& global);
void add_container_link(arguments::Program& program, CLI::App& container, const Global& global);
void add_container_get_prop(arguments::Program& program, CLI::App& container, const Global& global);
void add_container_set_prop(arguments::Program& program, CLI::App& container, const Global& global);
void add_container_get_acl(arguments::Program& program, CLI::App& container, const Global& global);
void add_container_overwrite_acl(arguments::Program& program, CLI::App& container, const Global& global);
void add_container_update_acl(arguments::Program& program, CLI::App& container, const Global& global);
void add_container_set_owner(arguments::Program& program, CLI::App& container, const Global& global);
void add_container_delete_acl(arguments::Program& program, CLI::App& container, const Global& global);

/// Whose attributes: the same four verbs for both.
enum class HolderKind : uint8_t { kPool, kContainer };
void add_attribute_list(arguments::Program& program, CLI::App& noun, HolderKind kind, const Global& global);
void add_attribute_get(arguments::Program& program, CLI::App& noun, HolderKind kind, const Global& global);
void add_attribute_set(arguments::Program& program, CLI::App& noun, HolderKind kind, const Global& global);
void add_attribute_delete(arguments::Program& program, CLI::App& noun, HolderKind kind, const Global& global);

void add_object_query(arguments::Program& program, CLI::App& object, const Global& global);
void add_system_query(arguments::Program& program, CLI::App& system, const Global& global);
void add_health_check(arguments::Program& program, CLI::App& health, const Global& global);
void add_server_version(arguments::Program& program, const Global& global);
/// Verbs that are refused by name, with what works instead.
void add_missing(arguments::Program& program, CLI::App& container, CLI::App& health);
void add_version(arguments::Program& program);

}  // namespace daos::cli
