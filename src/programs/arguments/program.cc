#include "programs/arguments/program.h"

#include "programs/arguments/values.h"

namespace daos::arguments {
namespace {

/// Names under which something below `app` can be reached.
std::vector<std::string> verb_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* verb : app.get_subcommands([](const CLI::App*) { return true; })) {
    if (!verb->get_group().empty()) names.push_back(verb->get_name());
  }
  return names;
}

std::vector<std::string> option_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

/// "dmg pool create"
std::string path_of(const CLI::App& app) {
  const CLI::App* parent = app.get_parent();
  return parent == nullptr ? app.get_name() : path_of(*parent) + " " + app.get_name();
}

}  // namespace

Program::Program(std::string name, std::string what) : app_(std::move(what), std::move(name)) {
  app_.set_help_flag("-h,--help", "Show this help and exit");
  app_.option_defaults()->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  app_.require_subcommand(1);
  app_.add_flag("-j,--json", json_, "Print the answer as JSON");
}

CLI::App& Program::noun(CLI::App& parent, const std::string& name, const std::vector<std::string>& aliases,
                        const std::string& what) {
  CLI::App& noun = *parent.add_subcommand(name, what);
  for (const std::string& alias : aliases) noun.alias(alias);
  // Exactly one: otherwise a positional of a verb that happens to be the name of a noun would be taken for it.
  noun.require_subcommand(1);
  return noun;
}

CLI::App& Program::verb(CLI::App& parent, const std::string& name, const std::vector<std::string>& aliases,
                        const std::string& what, Run run) {
  CLI::App& verb = *parent.add_subcommand(name, what);
  for (const std::string& alias : aliases) verb.alias(alias);
  take_json(verb);
  verb.callback([this, run = std::move(run)] { chosen_ = run; });
  return verb;
}

void Program::missing_verb(CLI::App& parent, const std::string& name, const std::string& why) {
  CLI::App& verb = *parent.add_subcommand(name, why);
  verb.group("");
  verb.allow_extras();
  verb.prefix_command();
  take_json(verb);
  verb.callback([this, &verb, why] {
    // Behind the first word that it does not know nothing is understood any more, but how the answer is wanted.
    for (const std::string& word : verb.remaining()) json_ = json_ || word == "-j" || word == "--json";
    chosen_ = [why]() -> Result<output::Answer> { return Status(Code::kInvalid, why); };
  });
}

void Program::take_json(CLI::App& command) {
  command.add_flag("-j,--json", json_, "Print the answer as JSON")->group("");
}

const CLI::App* Program::deepest() const {
  const CLI::App* at = &app_;
  while (!at->get_subcommands().empty()) at = at->get_subcommands().front();
  return at;
}

std::string Program::mistake(const CLI::ParseError& error) const {
  const CLI::App& at = *deepest();
  const std::string where = path_of(at);
  for (const std::string& word : app_.remaining(true)) {
    const bool option = word.size() > 1 && word.front() == '-';
    if (option) {
      return fmt::format("unknown option \"{}\"{} (\"{} --help\" lists them)", word,
                         did_you_mean(word.substr(0, word.find('=')), option_names(at)), where);
    }
    const std::vector<std::string> verbs = verb_names(at);
    if (!verbs.empty()) {
      return fmt::format("unknown command \"{}\"{} (there are: {})", word, did_you_mean(word, verbs),
                         fmt::join(verbs, ", "));
    }
    return fmt::format("unexpected argument \"{}\" (\"{} --help\" shows what is expected)", word, where);
  }
  if (dynamic_cast<const CLI::RequiredError*>(&error) != nullptr && !verb_names(at).empty()) {
    return fmt::format("{}: which command? One of: {}", where, fmt::join(verb_names(at), ", "));
  }
  return fmt::format("{} (\"{} --help\" shows what is expected)", error.what(), where);
}

int Program::run(int argc, const char* const* argv) {
  const std::string& name = app_.get_name();
  try {
    app_.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    const CLI::App& asked = *deepest();
    fmt::print("{}", asked.help(asked.get_parent() == nullptr ? "" : path_of(*asked.get_parent())));
    return 0;
  } catch (const CLI::ParseError& error) {
    return output::finish(name, json_, Status(Code::kInvalid, mistake(error)));
  }
  return output::finish(name, json_, chosen_());
}

}  // namespace daos::arguments
