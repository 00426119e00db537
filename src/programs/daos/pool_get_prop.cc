#include "programs/acl/acl_list.h"
#include "programs/arguments/values.h"
#include "programs/daos/property_values.h"
#include "programs/daos/verbs.h"
#include "programs/properties/pool_properties.h"

namespace daos::cli {
namespace {

struct Options {
  std::string pool;
  std::string keys;
};

Result<output::Answer> get_prop(const Options& options, const Global& global) {
  DX_TRY(arguments::check_pool(options.pool));
  const Library library = DX_TRY(Library::open());
  const Pool pool = DX_TRY(Pool::connect(options.pool, DAOS_PC_RO, global.system));
  const messages::Properties properties = DX_TRY(properties_of(pool));
  const std::vector<properties::Shown> rows =
      DX_TRY(properties::pick(properties::show_pool(properties, acl::entries_of), options.keys));
  return output::Answer{.text = fmt::format("Pool {} properties:\n{}", options.pool, properties::shown_text(rows)),
                        .json = properties::shown_json(rows)};
}

}  // namespace

void add_pool_get_prop(arguments::Program& program, CLI::App& pool, const Global& global) {
  auto options = std::make_shared<Options>();
  CLI::App& verb = program.verb(pool, "get-prop", {"getprop"}, "Show a pool's properties",
                                [options, &global] { return get_prop(*options, global); });
  verb.add_option("POOL", options->pool, "Label or uuid")->required();
  verb.add_option("PROPERTIES", options->keys, "key[,key...] (default: all)");
}

}  // namespace daos::cli
