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
void add_container_create(arguments::Program& program, CLI::App& container, const Global& global);
void add_container_destroy(arguments::Program& program, CLI::App& container, const Global& global);
/// Under `name`: it is `daos container list` and `daos pool list-containers`.
void add_container_list(arguments::Program& program, CLI::App& noun, const std::string& name,
                        const std::vector<std::string>& aliases, const Global& global);
void add_container_query(arguments::Program& program, CLI::App& container, const Global& global);
void add_version(arguments::Program& program);

}  // namespace daos::cli
