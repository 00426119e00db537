#include "programs/arguments/values.h"
#include "programs/daos/container_lookup.h"
#include "programs/daos/namespace_path.h"
#include "programs/daos/verbs.h"

namespace daos::cli {
namespace {

struct Options {
  std::string pool;
  std::string container;
  std::string path;
};

Result<output::Answer> link(const Options& options, const Global& global) {
  DX_TRY(arguments::check_pool(options.pool));
  DX_TRY(arguments::check_label_or_uuid(options.container));
  if (is_direct(options.path)) {
    return error(Code::kInvalid, "path {} names the container already; a link is a path of a file system",
                 options.path);
  }
  const Library library = DX_TRY(Library::open());
  const Pool pool = DX_TRY(Pool::connect(options.pool, DAOS_PC_RO, global.system));
  const std::string pool_uuid = DX_TRY(uuid_of(pool));
  const ContainerView view = DX_TRY(look_up(pool, pool_uuid, options.container));
  if (view.type == "unknown") {
    return error(Code::kInvalid, "container {} has no type, which a link would have to say", options.container);
  }
  DX_TRY(link_path(options.path, view.type, pool_uuid, view.uuid));
  return output::Answer{
      .text = fmt::format("Successfully linked container {} to path {}\n", options.container, options.path)};
}

}  // namespace

void add_container_link(arguments::Program& program, CLI::App& container, const Global& global) {
  auto options = std::make_shared<Options>();
  CLI::App& verb = program.verb(container, "link", {}, "Give a container a path in a file system",
                                [options, &global] { return link(*options, global); });
  verb.add_option("POOL", options->pool, "The pool's label or uuid")->required();
  verb.add_option("CONTAINER", options->container, "Label or uuid")->required();
  verb.add_option("-p,--path", options->path, "The path, which must not exist yet")->required();
}

}  // namespace daos::cli
