#include "programs/daos_perf/options.h"

#include <daos_obj_class.h>

#include <algorithm>

#include "programs/arguments/values.h"
#include "programs/daos_perf/value.h"
#include "programs/output/sizes.h"

namespace daos::perf {
namespace {

constexpr uint32_t kDepthMax = 4096;
constexpr uint32_t kClientsMax = 1024;
constexpr uint64_t kKeysMax = 1ULL << 32;  // of each client: the upper half of a key's number is the client's

Result<KindName> kind_of(const std::string& text) {
  const std::vector<std::string> names = {"single", "kv", "array"};
  for (const KindName kind : {KindName::kSingle, KindName::kKeyValue, KindName::kArray}) {
    if (text == kind_text(kind)) return kind;
  }
  return error(Code::kInvalid, "--kind {}: there are single, kv and array{}", text,
               arguments::did_you_mean(text, names));
}

template <class Number>
Status in_range(std::string_view option, Number value, Number least, Number most) {
  if (value >= least && value <= most) return {};
  return error(Code::kInvalid, "{} {}: between {} and {}", option, value, least, most);
}

}  // namespace

std::string_view kind_text(KindName kind) {
  switch (kind) {
    case KindName::kSingle:
      return "single";
    case KindName::kKeyValue:
      return "kv";
    case KindName::kArray:
      return "array";
  }
  return "?";
}
std::string_view work_text(Work work) {
  switch (work) {
    case Work::kWrite:
      return "write";
    case Work::kRead:
      return "read";
    case Work::kMixed:
      return "mixed";
    case Work::kVerify:
      return "verify";
  }
  return "?";
}

void add_common(CLI::App& verb, Options& options) {
  verb.add_option("POOL", options.pool, "The pool's label or uuid, or an embedded store's directory")->required();
  verb.add_option("CONTAINER", options.container, "The container's label or uuid")->required();
  verb.add_option("-G,--sys-name", options.system, "The system's name (default: the agent's)");
  verb.add_option("-k,--kind", options.kind, "What is stored: single (values of keys), kv or array (default: single)");
  verb.add_option("-s,--size", options.size, "Bytes of a value: 64, 4KiB ... at least 32 (default: 64)");
  verb.add_option("-o,--class", options.object_class, "Object class: S1 ... SX (default: SX)");
  verb.add_option("--object", options.object, "Number of the object, so that runs do not meet (default: 1)");
  verb.add_option("-n,--keys", options.keys, "Keys of each client (default: 10000)");
  verb.add_option("-d,--depth", options.depth, "Operations in flight of each client (default: 16)");
  verb.add_option("-c,--clients", options.clients, "Client processes, each with keys of its own (default: 1)");
  verb.add_option("-l,--ledger", options.ledger,
                  "A file that remembers what was acknowledged, for `verify`, even when this process is killed");
  verb.add_option("-p,--progress", options.progress, "Seconds between lines that say how far it is (default: none)");
}

void add_time(CLI::App& verb, Options& options) {
  verb.add_option("-t,--seconds", options.seconds, "Keys by chance for so long (default: each key once, in order)");
  verb.add_option("--seed", options.seed, "Of chance: which keys (default: 1)");
}

Result<Plan> understand(const Options& options, Work work) {
  Plan plan{.work = work,
            .pool = options.pool,
            .container = options.container,
            .system = options.system,
            .ledger = options.ledger,
            .class_name = options.object_class,
            .object = options.object,
            .keys = options.keys,
            .depth = options.depth,
            .clients = options.clients,
            .seconds = options.seconds,
            .progress = options.progress,
            .read_percent = options.read_percent,
            .seed = options.seed,
            .verify = options.verify || work == Work::kVerify};
  DX_TRY(arguments::check_pool(options.pool));
  DX_TRY(arguments::check_label_or_uuid(options.container));
  plan.kind = DX_TRY(kind_of(options.kind));
  plan.value_bytes = DX_TRY(output::parse_size(options.size).within("--size"));
  DX_TRY(in_range<uint64_t>("--size", plan.value_bytes, kValueBytesMin, 1ULL << 30));
  const int id = daos_oclass_name2id(options.object_class.c_str());
  if (id == OC_UNKNOWN) {
    return error(Code::kInvalid, "--class {}: no such object class; for example S1, S4 or SX", options.object_class);
  }
  plan.class_id = static_cast<uint32_t>(id);
  DX_TRY(in_range<uint32_t>("--depth", plan.depth, 1, kDepthMax));
  DX_TRY(in_range<uint32_t>("--clients", plan.clients, 1, kClientsMax));
  DX_TRY(in_range<uint32_t>("--reads", plan.read_percent, 0, 100));
  DX_TRY(in_range<uint64_t>("--keys", plan.keys, 1, kKeysMax));
  // Two operations on one key at a time would leave its sequence open.
  plan.depth = static_cast<uint32_t>(std::min<uint64_t>(plan.depth, plan.keys));
  if (work == Work::kMixed && plan.seconds <= 0) return Status(Code::kInvalid, "mixed: how long? Give --seconds");
  if (work == Work::kVerify && plan.ledger.empty()) {
    return Status(Code::kInvalid, "verify: against what? Give the --ledger of the run that wrote");
  }
  return plan;
}

}  // namespace daos::perf
