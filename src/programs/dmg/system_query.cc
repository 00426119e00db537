#include <algorithm>
#include <map>
#include <set>

#include "programs/arguments/values.h"
#include "programs/dmg/verbs.h"
#include "programs/output/table.h"

namespace daos::dmg {
namespace {

struct Options {
  bool verbose = false;
  bool not_ok = false;
  std::string ranks;
  std::string states;
};

/// "joined" -> "Joined"
std::string titled(std::string state) {
  if (!state.empty() && state.front() >= 'a' && state.front() <= 'z')
    state.front() = static_cast<char>(state.front() - 'a' + 'A');
  return state;
}

std::set<std::string> wanted_states(const std::string& text) {
  std::set<std::string> states;
  std::string state;
  for (const char c : text + ",") {
    if (c != ',') {
      state.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
    } else if (!state.empty()) {
      states.insert(std::exchange(state, {}));
    }
  }
  return states;
}

output::Json member_json(const control::Member& member) {
  return {{"addr", member.address()},
          {"state", member.state()},
          {"fault_domain", member.fault_domain()},
          {"rank", member.rank()},
          {"incarnation", member.incarnation()},
          {"uuid", member.uuid()},
          {"fabric_uri", "ofi+tcp://" + member.address()},
          {"secondary_fabric_uris", nullptr},
          {"fabric_contexts", member.targets()},
          {"secondary_fabric_contexts", nullptr},
          {"info", ""}};
}

std::string short_text(const std::vector<control::Member>& members) {
  std::map<std::string, std::vector<uint32_t>> by_state;
  for (const control::Member& member : members) by_state[titled(member.state())].push_back(member.rank());
  std::vector<output::Row> rows;
  for (const auto& [state, ranks] : by_state) rows.push_back({output::rank_set(ranks, true), state});
  return output::table({"Rank", "State"}, rows);
}

std::string verbose_text(const std::vector<control::Member>& members) {
  std::vector<output::Row> rows;
  for (const control::Member& member : members) {
    rows.push_back({std::to_string(member.rank()), member.uuid(), member.address(), member.fault_domain(),
                    titled(member.state()), ""});
  }
  return output::table({"Rank", "UUID", "Control Address", "Fault Domain", "State", "Reason"}, rows);
}

Result<output::Answer> query(const Options& options) {
  std::vector<uint32_t> ranks;
  if (!options.ranks.empty()) ranks = DX_TRY(arguments::parse_ranks(options.ranks).within("--ranks"));
  const std::set<std::string> states = wanted_states(options.states);
  const Result<control::SystemQueryReply> reply = ask(&control::Client::system_query, control::SystemQueryRequest());
  if (!reply.ok()) return reply.status();

  std::vector<control::Member> members;
  std::vector<uint32_t> unknown = ranks;
  for (const control::Member& member : reply->members()) {
    std::erase(unknown, member.rank());
    if (!ranks.empty() && std::ranges::find(ranks, member.rank()) == ranks.end()) continue;
    if (options.not_ok && member.state() == "joined") continue;
    if (!states.empty() && !states.contains(member.state())) continue;
    members.push_back(member);
  }
  output::Answer answer;
  answer.text = members.empty()   ? "Query matches no ranks in system\n"
                : options.verbose ? verbose_text(members)
                                  : short_text(members);
  output::Json rows = output::Json::array();
  for (const control::Member& member : members) rows.push_back(member_json(member));
  answer.json = {{"members", std::move(rows)}, {"providers", {reply->provider()}}};
  if (!unknown.empty()) {
    const std::string set = output::rank_set(unknown);
    fmt::print(stderr, "Unknown {} rank{}: {}\n", unknown.size(), unknown.size() == 1 ? "" : "s",
               set.substr(1, set.size() - 2));
    answer.json["absentranks"] = set.substr(1, set.size() - 2);
  }
  return answer;
}

}  // namespace

void add_system_query(arguments::Program& program, CLI::App& system) {
  auto options = std::make_shared<Options>();
  CLI::App& verb = program.verb(system, "query", {}, "Show the system's ranks and their states",
                                [options] { return query(*options); });
  verb.add_flag("-v,--verbose", options->verbose, "More columns");
  verb.add_flag("--not-ok", options->not_ok, "Only ranks that do not serve");
  verb.add_option("-r,--ranks", options->ranks, "Only these, as in 0-3,5");
  verb.add_option("--with-states", options->states, "Only ranks in one of these states, as in joined,excluded");
}

}  // namespace daos::dmg
