#include "programs/arguments/values.h"
#include "programs/daos/container_lookup.h"
#include "programs/daos/verbs.h"
#include "programs/output/table.h"

namespace daos::cli {
namespace {

struct Options {
  std::string pool;
  bool verbose = false;
};

Result<output::Answer> list(const Options& options, const Global& global) {
  DX_TRY(arguments::check_pool(options.pool));
  const bool verbose = options.verbose || global.verbose;
  const Library library = DX_TRY(Library::open());
  const Pool pool = DX_TRY(Pool::connect(options.pool, DAOS_PC_RO, global.system));
  const std::string pool_uuid = DX_TRY(uuid_of(pool));

  std::vector<output::Row> rows;
  output::Json containers = output::Json::array();
  for (const daos_pool_cont_info& container : DX_TRY(pool.containers())) {
    const std::string uuid = from_api(container.pci_uuid).to_string();
    const std::string label = container.pci_label;
    if (!verbose) {
      rows.push_back({label, uuid});
      containers.push_back({{"uuid", uuid}, {"label", label}});
      continue;
    }
    const Result<ContainerView> view = look_up(pool, pool_uuid, uuid);
    if (view.code() == Code::kNonexistent) continue;  // destroyed meanwhile
    if (!view.ok()) return view.status();
    rows.push_back({label, uuid, view->type});
    containers.push_back(container_json(*view));
  }
  output::Answer answer{.json = std::move(containers)};
  if (rows.empty()) {
    answer.text = "No containers.\n";
  } else {
    output::Row titles = {"Label", "UUID"};
    if (verbose) titles.emplace_back("Layout");
    answer.text = fmt::format("Containers in pool {}:\n{}", options.pool, output::table(titles, rows, 2));
  }
  return answer;
}

}  // namespace

void add_container_list(arguments::Program& program, CLI::App& noun, const std::string& name,
                        const std::vector<std::string>& aliases, const Global& global) {
  auto options = std::make_shared<Options>();
  CLI::App& verb = program.verb(noun, name, aliases, "List the containers of a pool",
                                [options, &global] { return list(*options, global); });
  verb.add_option("POOL", options->pool, "The pool's label or uuid, or an embedded store's directory")->required();
  verb.add_flag("-v,--verbose", options->verbose, "More columns");
}

}  // namespace daos::cli
