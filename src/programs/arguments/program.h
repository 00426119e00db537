// A program with verbs: `dmg pool create LABEL --size 1GiB`. Options as in --opt value, --opt=value, -o value, -ovalue,
// bundled flags; options and positionals mixed; -- ends options; -h at every level. A mistake ends with one line that
// names it, and what was probably meant. Thread-safety: one thread.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "platform/base/status.h"
#include "programs/output/outcome.h"

namespace daos::arguments {

class Program {
 public:
  using Run = std::function<Result<output::Answer>()>;

  Program(std::string name, std::string what);

  /// Options that stand before the verb.
  CLI::App& app() { return app_; }
  /// A noun: "pool". Aliases are as good as the name, and not listed.
  CLI::App& noun(CLI::App& parent, const std::string& name, const std::vector<std::string>& aliases,
                 const std::string& what);
  /// A verb of it. `run` is called when the whole command line was understood; it must own what it uses.
  CLI::App& verb(CLI::App& parent, const std::string& name, const std::vector<std::string>& aliases,
                 const std::string& what, Run run);
  /// A verb that is not there: it accepts anything and ends with `why`.
  void missing_verb(CLI::App& parent, const std::string& name, const std::string& why);

  /// --json for a command below a verb; nouns need none, verbs have it.
  void take_json(CLI::App& command);
  bool json() const { return json_; }
  /// Understands, runs, prints; gives the exit status.
  int run(int argc, const char* const* argv);

 private:
  std::string mistake(const CLI::ParseError& error) const;
  const CLI::App* deepest() const;

  CLI::App app_;
  bool json_ = false;
  Run chosen_;
};

}  // namespace daos::arguments
