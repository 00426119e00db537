// The public C API with C++ lifetimes: the library, a pool connection, a container. Only the installed headers stand
// behind it.
#pragma once

#include <daos.h>
#include <gurt/common.h>

#include <string>
#include <utility>
#include <vector>

#include "platform/base/status.h"
#include "platform/base/uuid.h"

namespace daos::cli {

/// The API's return code as a Status.
Status from_api(int rc);
Uuid from_api(const uuid_t uuid);

/// Whether somebody can answer for labels: an agent, or an embedded store. Looked at before the library would, so that
/// a person gets one line and not two.
Status check_system();

/// daos_init and daos_fini.
class Library {
 public:
  /// For verbs that name a pool, which may be an embedded store's directory.
  static Result<Library> open();
  /// For those that ask the system as a whole.
  static Result<Library> open_with_system();
  Library(Library&& other) noexcept : open_(std::exchange(other.open_, false)) {}
  ~Library();

 private:
  Library() = default;
  bool open_ = true;
};

class Pool {
 public:
  /// `flags`: DAOS_PC_RO or DAOS_PC_RW. `name`: label or uuid.
  static Result<Pool> connect(const std::string& name, unsigned flags, const std::string& system);
  Pool(Pool&& other) noexcept : handle_(std::exchange(other.handle_, DAOS_HDL_INVAL)) {}
  ~Pool();
  daos_handle_t handle() const { return handle_; }

  struct Info {
    daos_pool_info_t info{};
    std::string label;
    std::vector<uint32_t> enabled_ranks;
  };
  Result<Info> query() const;
  /// Containers, by label.
  Result<std::vector<daos_pool_cont_info>> containers() const;

 private:
  explicit Pool(daos_handle_t handle) : handle_(handle) {}
  daos_handle_t handle_;
};

class Container {
 public:
  /// To look at it: read only, and its times stay as they are.
  static constexpr unsigned kLook = DAOS_COO_RO | DAOS_COO_RO_MDSTATS;
  static Result<Container> open(const Pool& pool, const std::string& name, unsigned flags = kLook);
  Container(Container&& other) noexcept : handle_(std::exchange(other.handle_, DAOS_HDL_INVAL)) {}
  ~Container();
  daos_handle_t handle() const { return handle_; }

  struct Info {
    daos_cont_info_t info{};
    std::string label;
    uint64_t layout = 0;
    uint64_t redundancy_factor = 0;
    bool healthy = true;
  };
  Result<Info> query() const;

 private:
  explicit Container(daos_handle_t handle) : handle_(handle) {}
  daos_handle_t handle_;
};

/// A property list of the API, released with its owner.
class PropertyList {
 public:
  explicit PropertyList(size_t entries);
  PropertyList(const PropertyList&) = delete;
  ~PropertyList() { daos_prop_free(list_); }
  daos_prop_t* get() { return list_; }
  bool ok() const { return list_ != nullptr; }
  void ask(size_t entry, uint32_t type) { list_->dpp_entries[entry].dpe_type = type; }
  void set(size_t entry, uint32_t type, uint64_t number);
  Status set(size_t entry, uint32_t type, const std::string& text);
  Status set_acl(size_t entry, uint32_t type, daos_acl* acl);
  /// Of an answer; 0 or "" when the entry is not there.
  uint64_t number(uint32_t type);
  std::string text(uint32_t type);

 private:
  daos_prop_t* list_;
};

}  // namespace daos::cli
