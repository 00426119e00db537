#include <optional>

#include "programs/acl/acl_list.h"
#include "programs/arguments/values.h"
#include "programs/daos/container_lookup.h"
#include "programs/daos/namespace_path.h"
#include "programs/daos/posix_options.h"
#include "programs/daos/verbs.h"
#include "programs/properties/container_properties.h"

namespace daos::cli {
namespace {

struct Options {
  std::string pool;
  std::string label;
  std::string type;
  std::string path;
  std::string properties;
  std::string group;
  std::string acl_file;
  std::string attributes;
  PosixOptions posix;
};

/// The command line, understood.
struct Wanted {
  std::string pool;
  std::string label;
  uint64_t layout = 0;
  messages::Properties properties;
  std::string group;
  std::optional<acl::List> acl;
  arguments::KeyValues attributes;
  dfs_attr_t posix{};

  bool is_posix() const { return layout == DAOS_PROP_CO_LAYOUT_POSIX; }
};

/// Pool and label, from where they were given.
Status read_names(const Options& options, const properties::ContainerSettings& settings, Wanted& wanted) {
  wanted.pool = options.pool;
  wanted.label = options.label;
  if (!settings.label.empty()) {
    if (!options.label.empty()) return Status(Code::kInvalid, "can't supply label arg and --properties label:");
    wanted.label = settings.label;
  }
  if (options.path.empty()) {
    if (options.pool.empty()) return Status(Code::kInvalid, "no pool ID or dfs path supplied");
  } else if (is_direct(options.path)) {
    NamespacePath named = DX_TRY(resolve_path(options.path));
    if (!options.pool.empty() && options.pool != named.pool) {
      return error(Code::kInvalid, "path {} names another pool than {}", options.path, options.pool);
    }
    if (named.container.empty()) return error(Code::kInvalid, "path {} names a pool, not a container", options.path);
    if (!wanted.label.empty() && wanted.label != named.container) {
      return error(Code::kInvalid, "path {} names another container than {}", options.path, wanted.label);
    }
    wanted.pool = std::move(named.pool);
    wanted.label = std::move(named.container);
  } else if (options.pool.empty()) {
    Result<NamespacePath> parent = resolve_parent(options.path);
    if (!parent.ok()) {
      return error(Code::kInvalid, "failed to resolve pool id from \"{}\"; use --pool <id>: {}", options.path,
                   parent.status().message());
    }
    wanted.pool = std::move(parent->pool);
  }
  DX_TRY(arguments::check_pool(wanted.pool));
  return wanted.label.empty() ? Status() : arguments::check_label(wanted.label);
}

Result<Wanted> understand(const Options& options) {
  Wanted wanted;
  arguments::KeyValues given;
  if (!options.properties.empty()) given = DX_TRY(arguments::parse_key_values(options.properties, "properties"));
  properties::ContainerSettings settings = DX_TRY(properties::parse_container_properties(
      given, options.pool.empty() ? "POOL" : options.pool, options.label.empty() ? "LABEL" : options.label));
  DX_TRY(read_names(options, settings, wanted));
  wanted.properties = std::move(settings.properties);
  if (!options.type.empty()) wanted.layout = DX_TRY(properties::parse_layout(options.type));
  if (!options.path.empty() && !is_direct(options.path) && wanted.layout == 0) {
    return Status(Code::kInvalid, "--path needs --type: a link says of what type its container is");
  }
  if (wanted.is_posix()) wanted.posix = DX_TRY(options.posix.read());
  wanted.group = acl::as_principal(options.group);
  if (!options.acl_file.empty()) wanted.acl = DX_TRY(acl::read_file(options.acl_file));
  if (!options.attributes.empty()) {
    wanted.attributes = DX_TRY(arguments::parse_quoted_key_values(options.attributes, "attributes"));
  }
  return wanted;
}

Status fill(PropertyList& list, const Wanted& wanted) {
  if (!list.ok()) return Status(Code::kNoMemory);
  size_t entry = 0;
  for (const messages::Property& property : wanted.properties) list.set(entry++, property.type, property.number);
  list.set(entry++, DAOS_PROP_CO_LAYOUT_TYPE, wanted.layout);
  if (!wanted.group.empty()) DX_TRY(list.set(entry++, DAOS_PROP_CO_OWNER_GROUP, wanted.group));
  if (wanted.acl) DX_TRY(list.set_acl(entry, DAOS_PROP_CO_ACL, wanted.acl->get()));
  return {};
}

/// The uuid of the new container.
Result<std::string> make(const Pool& pool, Wanted& wanted) {
  PropertyList list(wanted.properties.size() + 1 + (wanted.group.empty() ? 0 : 1) + (wanted.acl ? 1 : 0));
  DX_TRY(fill(list, wanted));
  const char* label = wanted.label.empty() ? nullptr : wanted.label.c_str();
  uuid_t uuid;
  Status status;
  if (wanted.is_posix()) {
    wanted.posix.da_props = list.get();
    status = from_errno(label == nullptr
                            ? dfs_cont_create(pool.handle(), &uuid, &wanted.posix, nullptr, nullptr)
                            : dfs_cont_create_with_label(pool.handle(), label, &wanted.posix, &uuid, nullptr, nullptr));
    if (status.code() == Code::kInvalid && wanted.posix.da_hints[0] != 0) {
      return error(Code::kInvalid, "hints \"{}\": file:single, file:max, dir:single and dir:max are known, one of each",
                   wanted.posix.da_hints);
    }
  } else {
    status = from_api(label == nullptr ? daos_cont_create(pool.handle(), &uuid, list.get(), nullptr)
                                       : daos_cont_create_with_label(pool.handle(), label, list.get(), &uuid, nullptr));
  }
  if (!status.ok()) return output::failed("failed to create container", status);
  return from_api(uuid).to_string();
}

Status set_attributes(const Pool& pool, const std::string& container, const arguments::KeyValues& attributes) {
  if (attributes.empty()) return {};
  const Container opened = DX_TRY(Container::open(pool, container, DAOS_COO_RW));
  std::vector<const char*> names;
  std::vector<const void*> values;
  std::vector<size_t> sizes;
  for (const auto& [name, value] : attributes) {
    names.push_back(name.c_str());
    values.push_back(value.data());
    sizes.push_back(value.size());
  }
  return from_api(daos_cont_set_attr(opened.handle(), static_cast<int>(names.size()), names.data(), values.data(),
                                     sizes.data(), nullptr));
}

/// What follows the creation: when it fails, the container goes again.
Status finish(const Pool& pool, const Options& options, const Wanted& wanted, const std::string& container) {
  if (!options.path.empty() && !is_direct(options.path)) {
    DX_TRY(link_path(options.path, properties::layout_name(wanted.layout), DX_TRY(uuid_of(pool)), container));
  }
  const Status status = set_attributes(pool, container, wanted.attributes);
  if (status.ok()) return {};
  if (!options.path.empty() && !is_direct(options.path)) unlink_path(options.path).ignore("the first error counts");
  return output::failed("failed to set attributes on container " + container, status);
}

Result<output::Answer> create(const Options& options, const Global& global) {
  Wanted wanted = DX_TRY(understand(options));
  const Library library = DX_TRY(Library::open());
  const Pool pool = DX_TRY(Pool::connect(wanted.pool, DAOS_PC_RW, global.system));
  const std::string made = DX_TRY(make(pool, wanted));
  if (Status status = finish(pool, options, wanted, made); !status.ok()) {
    const Status removed = from_api(daos_cont_destroy(pool.handle(), made.c_str(), 1, nullptr));
    if (!removed.ok()) fmt::print(stderr, "Failed to clean-up container {}: {}\n", made, removed);
    return status;
  }
  Result<ContainerView> view = Status(Code::kMisc);
  const Result<std::string> pool_uuid = uuid_of(pool);
  if (pool_uuid.ok()) view = look_up(pool, *pool_uuid, made);
  if (!view.ok()) {
    fmt::print(stderr, "container {} was created, but query failed\n", made);
    view = ContainerView{.uuid = made, .label = wanted.label, .type = properties::layout_name(wanted.layout)};
  }
  return output::Answer{.text = created_text(*view), .json = container_json(*view)};
}

}  // namespace

void add_container_create(arguments::Program& program, CLI::App& container, const Global& global) {
  auto options = std::make_shared<Options>();
  CLI::App& verb = program.verb(container, "create", {}, "Create a container in a pool",
                                [options, &global] { return create(*options, global); });
  verb.add_option("POOL", options->pool, "The pool's label or uuid (with --path: of the directory above, if left out)");
  verb.add_option("LABEL", options->label, "The container's name");
  verb.add_option("-t,--type", options->type, "What lays its data out: POSIX, HDF5, PYTHON ... (default: unknown)");
  verb.add_option("-p,--path", options->path, "Also make this path, which then stands for the container");
  verb.add_option("--properties", options->properties, "key:value[,key:value...]");
  verb.add_option("-a,--attrs", options->attributes, "User attributes to begin with: name:value[,name:value...]");
  verb.add_option("-A,--acl-file", options->acl_file, "Who may do what: one entry a line, such as A::alice@:rw");
  verb.add_option("-g,--group", options->group, "Owner group, as in users@ (default: yours)");
  options->posix.add_to(verb);
}

}  // namespace daos::cli
