// User attributes of a pool or of a container, whichever a verb is about: the four verbs are the same for both.
#pragma once

#include <map>
#include <optional>

#include "programs/daos/container_choice.h"

namespace daos::cli {

/// What an attribute verb reads from its command line.
struct AttributeOptions {
  HolderKind kind = HolderKind::kPool;
  ContainerChoice choice;  // of a pool only `pool` and `own` count
  std::string attribute;   // --attr
  std::string value;       // --value
  bool verbose = false;

  void add_to(CLI::App& verb, const std::string& own_name = {}, const std::string& own_what = {});
  std::string_view noun() const { return kind == HolderKind::kPool ? "pool" : "container"; }
  const std::string& shown() const { return kind == HolderKind::kPool ? choice.pool : choice.shown(); }
  /// Which names are meant: --attr, or the verb's positional; empty for neither. kInvalid for both.
  Result<std::vector<std::string>> names();
};

class AttributeHolder {
 public:
  enum class Access : uint8_t { kRead, kChange };
  /// The names of `options` are settled by this: read them afterwards.
  static Result<AttributeHolder> open(AttributeOptions& options, const Global& global, Access access);

  Result<std::vector<std::string>> names() const;
  /// In the order of the names. kNonexistent: there is none of a name.
  Result<std::vector<std::string>> values(const std::vector<std::string>& names) const;
  Status set(const std::vector<std::pair<std::string, std::string>>& attributes) const;
  Status remove(const std::vector<std::string>& names) const;

 private:
  explicit AttributeHolder(Library library) : library_(std::move(library)) {}
  bool of_pool() const { return !container_; }

  Library library_;
  std::optional<Pool> pool_;
  std::optional<Container> container_;
};

}  // namespace daos::cli
