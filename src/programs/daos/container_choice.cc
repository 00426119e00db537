#include "programs/daos/container_choice.h"

#include "programs/arguments/values.h"
#include "programs/daos/namespace_path.h"

namespace daos::cli {

void ContainerChoice::add_to(CLI::App& verb, const std::string& own_name, const std::string& own_what) {
  verb.add_option("POOL", pool, "The pool's label or uuid, or an embedded store's directory");
  verb.add_option("CONTAINER", container, "Label or uuid");
  has_own = !own_name.empty();
  if (has_own) verb.add_option(own_name, own, own_what);
  verb.add_option("-p,--path", path, "Instead of POOL and CONTAINER: daos://POOL/CONTAINER, or a path linked to one");
}

Status ContainerChoice::settle() {
  if (std::exchange(settled, true)) return {};
  if (path.empty()) {
    if (pool.empty()) return Status(Code::kInvalid, "POOL and CONTAINER are required, or --path in their place");
    if (container.empty()) return Status(Code::kInvalid, "CONTAINER is required");
    DX_TRY(arguments::check_pool(pool));
    return arguments::check_label_or_uuid(container);
  }
  // The words stand where POOL and CONTAINER would: with --path the first is the verb's own.
  std::vector<std::string> words;
  for (std::string* word : {&pool, &container, &own}) {
    if (!word->empty()) words.push_back(std::exchange(*word, {}));
  }
  if (words.size() > (has_own ? 1 : 0)) {
    return error(Code::kInvalid, "unexpected argument \"{}\": --path stands for POOL and CONTAINER", words.back());
  }
  if (!words.empty()) own = words.front();
  NamespacePath found = DX_TRY(resolve_path(path));
  if (found.container.empty()) return error(Code::kInvalid, "path {} names a pool, not a container", path);
  pool = std::move(found.pool);
  container = std::move(found.container);
  return {};
}

Result<OpenContainer> open_chosen(ContainerChoice& choice, const Global& global, unsigned pool_flags, unsigned flags) {
  DX_TRY(choice.settle());
  Library library = DX_TRY(Library::open());
  Pool pool = DX_TRY(Pool::connect(choice.pool, pool_flags, global.system));
  Container container = DX_TRY(Container::open(pool, choice.container, flags));
  return OpenContainer{std::move(library), std::move(pool), std::move(container)};
}

Result<OpenContainer> look_at_chosen(ContainerChoice& choice, const Global& global) {
  return open_chosen(choice, global, DAOS_PC_RO, Container::kLook);
}

}  // namespace daos::cli
