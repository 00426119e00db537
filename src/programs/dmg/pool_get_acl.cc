#include "programs/arguments/values.h"
#include "programs/dmg/pool_acl.h"

namespace daos::dmg {
namespace {

struct Options {
  std::string pool;
  std::string file;
  bool force = false;
  bool verbose = false;
};

Result<output::Answer> get_acl(const Options& options) {
  DX_TRY(arguments::check_label_or_uuid(options.pool));
  control::PoolGetAclRequest request;
  request.set_pool(options.pool);
  const Result<control::PoolAclReply> reply = ask(&control::Client::pool_get_acl, request);
  if (!reply.ok()) return output::failed("Pool-get-ACL command failed", reply.status());
  const acl::View view = view_of(*reply);
  output::Answer answer{.text = acl::text(view, options.verbose ? acl::Comments::kVerbose : acl::Comments::kNo),
                        .json = acl_json(view)};
  if (!options.file.empty()) {
    DX_TRY(acl::write_file(options.file, answer.text, options.force));
    answer.text = fmt::format("Wrote ACL to output file: {}\n", options.file);
  }
  return answer;
}

}  // namespace

void add_pool_get_acl(arguments::Program& program, CLI::App& pool) {
  auto options = std::make_shared<Options>();
  CLI::App& verb =
      program.verb(pool, "get-acl", {}, "Show who may do what with a pool", [options] { return get_acl(*options); });
  verb.add_option("POOL", options->pool, "Label or uuid")->required();
  verb.add_option("-O,--outfile", options->file, "Write it to this file");
  verb.add_flag("-f,--force", options->force, "Although the file exists");
  verb.add_flag("-v,--verbose", options->verbose, "Each entry in words as well");
}

}  // namespace daos::dmg
