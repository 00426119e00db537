// Which existing container a verb is about: POOL CONTAINER, or --path PATH in their place.
#pragma once

#include <optional>

#include "programs/arguments/program.h"
#include "programs/daos/session.h"
#include "programs/daos/verbs.h"

namespace daos::cli {

struct ContainerChoice {
  std::string pool;
  std::string container;
  std::string path;
  std::string own;  // the verb's own positional, where it has one
  bool has_own = false;
  bool settled = false;

  /// POOL, CONTAINER and --path; with a name, the verb's own positional behind them.
  void add_to(CLI::App& verb, const std::string& own_name = {}, const std::string& own_what = {});
  /// After parsing, any number of times: which word is which, and what the path stands for. kInvalid.
  Status settle();
  /// As the user named it, for messages.
  const std::string& shown() const { return path.empty() ? container : path; }
};

/// The container, open, with what it needs.
struct OpenContainer {
  Library library;
  Pool pool;
  Container container;
};
/// Settles the choice and opens. `pool_flags`: DAOS_PC_*, `flags`: DAOS_COO_*.
Result<OpenContainer> open_chosen(ContainerChoice& choice, const Global& global, unsigned pool_flags, unsigned flags);
Result<OpenContainer> look_at_chosen(ContainerChoice& choice, const Global& global);

}  // namespace daos::cli
