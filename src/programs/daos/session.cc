#include "programs/daos/session.h"

#include <unistd.h>

#include <cstdlib>
#include <cstring>

#include "programs/arguments/values.h"

namespace daos::cli {

Status from_api(int rc) {
  if (rc == 0) return {};
  const Code code = code_from_number(-rc);
  return code == Code::kMisc ? error(Code::kMisc, "{} ({})", d_errdesc(rc), d_errstr(rc)) : Status(code, d_errdesc(rc));
}

Uuid from_api(const uuid_t uuid) {
  Uuid copy;
  std::memcpy(copy.bytes.data(), uuid, copy.bytes.size());
  return copy;
}

Status check_system() {
  const char* embedded = std::getenv("DAOS_EMBEDDED");
  if (embedded != nullptr && *embedded != 0) return {};
  const char* directory = std::getenv("DAOS_AGENT_DRPC_DIR");
  if (directory == nullptr || *directory == 0) directory = "/var/run/daos_agent";
  const std::string path = fmt::format("{}/daos_agent.sock", directory);
  if (::access(path.c_str(), F_OK) == 0) return {};
  return error(Code::kAgentComm,
               "no DAOS system answers at {}. Start one with `daos_server local --dir DIR --daemon`, then "
               "`eval \"$(daos_server local --dir DIR status --env)\"`",
               path);
}

Result<Library> Library::open() {
  DX_TRY(from_api(daos_init()));
  return Library();
}
Result<Library> Library::open_with_system() {
  DX_TRY(check_system());
  return open();
}
Library::~Library() {
  if (open_) from_api(daos_fini()).ignore("the process ends");
}

Result<Pool> Pool::connect(const std::string& name, unsigned flags, const std::string& system) {
  if (!arguments::is_path(name)) DX_TRY(check_system());
  daos_handle_t handle = DAOS_HDL_INVAL;
  const char* group = system.empty() ? nullptr : system.c_str();
  DX_TRY(from_api(daos_pool_connect(name.c_str(), group, flags, &handle, nullptr, nullptr)).within("pool " + name));
  return Pool(handle);
}
Pool::~Pool() {
  if (daos_handle_is_valid(handle_)) from_api(daos_pool_disconnect(handle_, nullptr)).ignore("the process ends");
}

Result<Pool::Info> Pool::query() const {
  Info result;
  result.info.pi_bits = DPI_SPACE | DPI_REBUILD_STATUS | DPI_ENGINES_ENABLED;
  PropertyList properties(1);
  if (!properties.ok()) return Status(Code::kNoMemory);
  properties.ask(0, DAOS_PROP_PO_LABEL);
  d_rank_list_t* ranks = nullptr;
  DX_TRY(from_api(daos_pool_query(handle_, &ranks, &result.info, properties.get(), nullptr)));
  for (uint32_t i = 0; ranks != nullptr && i < ranks->rl_nr; i++) result.enabled_ranks.push_back(ranks->rl_ranks[i]);
  d_rank_list_free(ranks);
  result.label = properties.text(DAOS_PROP_PO_LABEL);
  return result;
}

Result<std::vector<daos_pool_cont_info>> Pool::containers() const {
  std::vector<daos_pool_cont_info> found;
  daos_size_t count = 0;
  DX_TRY(from_api(daos_pool_list_cont(handle_, &count, nullptr, nullptr)));
  for (;;) {
    found.resize(count);
    const int rc = count == 0 ? 0 : daos_pool_list_cont(handle_, &count, found.data(), nullptr);
    if (rc == -DER_TRUNC || rc == -DER_OVERFLOW) continue;  // one was made in between; `count` says how many there are
    DX_TRY(from_api(rc));
    found.resize(count);
    return found;
  }
}

Result<Container> Container::open(const Pool& pool, const std::string& name, unsigned flags) {
  daos_handle_t handle = DAOS_HDL_INVAL;
  DX_TRY(from_api(daos_cont_open(pool.handle(), name.c_str(), flags, &handle, nullptr, nullptr))
             .within("container " + name));
  return Container(handle);
}
Container::~Container() {
  if (daos_handle_is_valid(handle_)) from_api(daos_cont_close(handle_, nullptr)).ignore("the process ends");
}

Result<Container::Info> Container::query() const {
  Info result;
  PropertyList properties(4);
  if (!properties.ok()) return Status(Code::kNoMemory);
  properties.ask(0, DAOS_PROP_CO_LABEL);
  properties.ask(1, DAOS_PROP_CO_LAYOUT_TYPE);
  properties.ask(2, DAOS_PROP_CO_REDUN_FAC);
  properties.ask(3, DAOS_PROP_CO_STATUS);
  DX_TRY(from_api(daos_cont_query(handle_, &result.info, properties.get(), nullptr)));
  result.label = properties.text(DAOS_PROP_CO_LABEL);
  result.layout = properties.number(DAOS_PROP_CO_LAYOUT_TYPE);
  result.redundancy_factor = properties.number(DAOS_PROP_CO_REDUN_FAC);
  daos_co_status status{};
  daos_prop_val_2_co_status(properties.number(DAOS_PROP_CO_STATUS), &status);
  result.healthy = status.dcs_status == DAOS_PROP_CO_HEALTHY;
  return result;
}

PropertyList::PropertyList(size_t entries) : list_(daos_prop_alloc(static_cast<uint32_t>(entries))) {}

void PropertyList::set(size_t entry, uint32_t type, uint64_t number) {
  list_->dpp_entries[entry].dpe_type = type;
  list_->dpp_entries[entry].dpe_val = number;
}
Status PropertyList::set(size_t entry, uint32_t type, const std::string& text) {
  list_->dpp_entries[entry].dpe_type = type;
  return from_api(daos_prop_entry_set_str(&list_->dpp_entries[entry], text.c_str(), text.size()));
}

Status PropertyList::set_acl(size_t entry, uint32_t type, daos_acl* acl) {
  list_->dpp_entries[entry].dpe_type = type;
  const auto bytes = static_cast<size_t>(daos_acl_get_size(acl));
  return from_api(daos_prop_entry_set_ptr(&list_->dpp_entries[entry], acl, bytes));
}

uint64_t PropertyList::number(uint32_t type) {
  const daos_prop_entry* entry = daos_prop_entry_get(list_, type);
  return entry != nullptr && daos_prop_is_set(const_cast<daos_prop_entry*>(entry)) ? entry->dpe_val : 0;
}
std::string PropertyList::text(uint32_t type) {
  daos_prop_entry* entry = daos_prop_entry_get(list_, type);
  return entry != nullptr && daos_prop_is_set(entry) && entry->dpe_str != nullptr ? entry->dpe_str : "";
}

}  // namespace daos::cli
