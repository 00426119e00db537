#include <unistd.h>

#include "programs/arguments/values.h"
#include "programs/daos/autotest.h"
#include "programs/daos/verbs.h"

namespace daos::cli {
namespace {

struct Options {
  std::string pool;
  bool skip_big = false;
  uint32_t limit_seconds = 5;
};

Result<output::Answer> autotest(const Options& options, const Global& global, bool json) {
  DX_TRY(arguments::check_pool(options.pool));
  if (options.limit_seconds == 0) return Status(Code::kInvalid, "--deadline-limit: at least 1 second");
  // Under --json the lines go where they do not disturb the envelope.
  std::FILE* out = json ? stderr : stdout;
  Autotest test({.pool = options.pool,
                 .system = global.system,
                 .skip_big = options.skip_big,
                 .limit = std::chrono::seconds(options.limit_seconds)},
                out, ::isatty(::fileno(out)) == 1);
  if (!test.run()) return error(Code::kMisc, "autotest of pool {}: some steps failed", options.pool);
  return output::Answer{};
}

}  // namespace

void add_pool_autotest(arguments::Program& program, CLI::App& pool, const Global& global) {
  auto options = std::make_shared<Options>();
  CLI::App& verb =
      program.verb(pool, "autotest", {}, "Try a pool: store, read back, compare; in a container that goes again",
                   [options, &global, &program] { return autotest(*options, global, program.json()); });
  verb.add_option("POOL", options->pool, "Label or uuid")->required();
  verb.add_flag("-S,--skip-big", options->skip_big, "Without values of 1 MB");
  verb.add_option("-D,--deadline-limit", options->limit_seconds, "Seconds for each step that does many (default: 5)");
}

}  // namespace daos::cli
