// daos_server: today `daos_server local`, a whole system on this machine. One verb, one file.
#include "programs/arguments/program.h"
#include "programs/daos_server/local_options.h"

int main(int argc, char** argv) {
  using namespace daos;
  arguments::Program program("daos_server", "Runs the servers of a DAOS system.");
  auto options = std::make_shared<program::LocalOptions>();
  auto action = std::make_shared<Result<output::Answer> (*)(const program::LocalOptions&)>(program::local_start);

  CLI::App& local = program.verb(program.app(), "local", {},
                                 "A whole system on this machine: formats DIR the first time, resumes it otherwise. In "
                                 "the foreground until Ctrl-C, or "
                                 "with --daemon in the background once every engine serves.",
                                 [options, action] { return (*action)(*options); });
  local.add_option("--dir", options->directory, "Where the system's data, logs and sockets are")->required();
  local.add_option("--engines", options->engines, "How many engines (default: 1; a system keeps its number)");
  local.add_option("--targets", options->targets, "Targets of each engine (default: 4; a system keeps its number)");
  local.add_flag(
      "--daemon", options->daemon,
      "Go to the background once ready; on a running system: start again what died, and wait until all serve");
  local.add_option("--scm-size", options->scm_size,
                   "Memory that each engine may use for pools (default: a share of half of this machine's)");
  local.add_option("--nvme-size", options->nvme_size,
                   "Disk space that each engine may use (default: a share of what is free)");
  local
      .add_option(
          "--nvme-device", options->nvme_devices,
          "A block device, or a file of fixed size, for large values (tier 1); once for each, as many for every "
          "engine. Only when DIR is formatted, or when a device has another name now")
      ->allow_extra_args(false);
  local.add_flag("--force-format", options->force_format,
                 "Format devices that are not empty: what they hold is lost. Only when DIR is formatted");
  local.add_option("--name", options->name, "The system's name when it is formatted (default: daos_server)");
  local.add_option("--engine-program", options->engine_program, "Another daos_engine than the one beside this program");
  local.require_subcommand(0, 1);

  CLI::App& status = *local.add_subcommand("status", "Shows the engines, their ports and logs");
  status.add_flag("--env", options->environment,
                  "Print only the `export` line that makes libdaos, daos and dmg find it");
  status.callback([action] { *action = program::local_status; });
  CLI::App& stop = *local.add_subcommand("stop", "Ends the system; its data stays");
  stop.callback([action] { *action = program::local_stop; });
  program.take_json(status);
  program.take_json(stop);

  program.missing_verb(
      program.app(), "start",
      "daos_server start needs several hosts, which are not there yet. Today a whole system runs on one "
      "machine: daos_server local --dir DIR");
  return program.run(argc, argv);
}
