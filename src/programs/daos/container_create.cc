#include "programs/arguments/values.h"
#include "programs/daos/container_lookup.h"
#include "programs/daos/verbs.h"
#include "programs/properties/container_properties.h"

namespace daos::cli {
namespace {

struct Options {
  std::string pool;
  std::string label;
  std::string type;
  std::string properties;
  std::string group;
};

/// The label, from where it was given.
Status read_label(Options& options, const properties::ContainerSettings& settings) {
  if (!settings.label.empty() && !options.label.empty()) {
    return Status(Code::kInvalid, "can't supply label arg and --properties label:");
  }
  if (options.label.empty()) options.label = settings.label;
  return options.label.empty() ? Status() : arguments::check_label(options.label);
}

Status fill(PropertyList& list, const properties::ContainerSettings& settings, const std::string& group,
            uint64_t layout) {
  if (!list.ok()) return Status(Code::kNoMemory);
  size_t entry = 0;
  for (const messages::Property& property : settings.properties) list.set(entry++, property.type, property.number);
  list.set(entry++, DAOS_PROP_CO_LAYOUT_TYPE, layout);
  return group.empty() ? Status() : list.set(entry, DAOS_PROP_CO_OWNER_GROUP, group);
}

Result<output::Answer> create(Options options, const Global& global) {
  DX_TRY(arguments::check_label_or_uuid(options.pool));
  arguments::KeyValues given;
  if (!options.properties.empty()) given = DX_TRY(arguments::parse_key_values(options.properties, "properties"));
  const std::string shown_label = options.label.empty() ? "LABEL" : options.label;
  const properties::ContainerSettings settings =
      DX_TRY(properties::parse_container_properties(given, options.pool, shown_label));
  DX_TRY(read_label(options, settings));
  const uint64_t layout = options.type.empty() ? 0 : DX_TRY(properties::parse_layout(options.type));
  if (layout == DAOS_PROP_CO_LAYOUT_POSIX) {
    return error(Code::kNotSupported,
                 "type POSIX needs the file layer, which is not there yet; this works today: "
                 "daos container create {} {}",
                 options.pool, shown_label);
  }
  if (!options.group.empty() && !options.group.ends_with('@')) options.group += "@";

  const Library library = DX_TRY(Library::open());
  const Pool pool = DX_TRY(Pool::connect(options.pool, DAOS_PC_RW, global.system));
  PropertyList list(settings.properties.size() + 1 + (options.group.empty() ? 0 : 1));
  DX_TRY(fill(list, settings, options.group, layout));
  uuid_t uuid;
  const int rc = options.label.empty()
                     ? daos_cont_create(pool.handle(), &uuid, list.get(), nullptr)
                     : daos_cont_create_with_label(pool.handle(), options.label.c_str(), list.get(), &uuid, nullptr);
  if (rc != 0) return output::failed("failed to create container", from_api(rc));
  const std::string made = from_api(uuid).to_string();

  Result<ContainerView> view = Status(Code::kMisc);
  const Result<std::string> pool_uuid = uuid_of(pool);
  if (pool_uuid.ok()) view = look_up(pool, *pool_uuid, made);
  if (!view.ok()) {
    fmt::print(stderr, "container {} was created, but query failed\n", made);
    view = ContainerView{.uuid = made, .label = options.label, .type = properties::layout_name(layout)};
  }
  return output::Answer{.text = created_text(*view), .json = container_json(*view)};
}

}  // namespace

void add_container_create(arguments::Program& program, CLI::App& container, const Global& global) {
  auto options = std::make_shared<Options>();
  CLI::App& verb = program.verb(container, "create", {}, "Create a container in a pool",
                                [options, &global] { return create(*options, global); });
  verb.add_option("POOL", options->pool, "The pool's label or uuid")->required();
  verb.add_option("LABEL", options->label, "The container's name");
  verb.add_option("-t,--type", options->type, "What lays its data out: HDF5, PYTHON ... (default: unknown)");
  verb.add_option("--properties", options->properties, "key:value[,key:value...]");
  verb.add_option("-g,--group", options->group, "Owner group, as in users@ (default: yours)");
}

}  // namespace daos::cli
