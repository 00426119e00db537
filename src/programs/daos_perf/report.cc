#include "programs/daos_perf/report.h"

#include "programs/output/sizes.h"
#include "programs/output/table.h"

namespace daos::perf {
namespace {

std::string grouped(double number) {
  std::string digits = fmt::format("{:.0f}", number);
  for (size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, ",");
  return digits;
}
std::string us(double ns) { return fmt::format("{:.1f}", ns / 1e3); }

constexpr std::pair<const char*, double> kPercentiles[] = {{"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}, {"p99.9", 0.999}};

output::Row row_of(const std::string& what, const Latencies& all, const Plan& plan, double seconds) {
  const double rate = static_cast<double>(all.count()) / seconds;
  output::Row row = {what,
                     grouped(static_cast<double>(all.count())),
                     grouped(rate),
                     output::decimal_size(static_cast<uint64_t>(rate * static_cast<double>(plan.value_bytes))) + "/s",
                     us(all.mean_ns()),
                     us(static_cast<double>(all.min_ns()))};
  for (const auto& [name, share] : kPercentiles) row.push_back(us(static_cast<double>(all.percentile_ns(share))));
  row.push_back(us(static_cast<double>(all.max_ns())));
  return row;
}

output::Json json_of(const Latencies& all, const Plan& plan, double seconds) {
  const double rate = static_cast<double>(all.count()) / seconds;
  output::Json latency = {{"mean", all.mean_ns() / 1e3}, {"min", static_cast<double>(all.min_ns()) / 1e3}};
  for (const auto& [name, share] : kPercentiles) latency[name] = static_cast<double>(all.percentile_ns(share)) / 1e3;
  latency["max"] = static_cast<double>(all.max_ns()) / 1e3;
  return {{"operations", all.count()},
          {"operations_per_second", rate},
          {"bytes_per_second", rate * static_cast<double>(plan.value_bytes)},
          {"latency_us", std::move(latency)}};
}

}  // namespace

output::Answer report(const Plan& plan, const Outcome& outcome) {
  const uint64_t operations = outcome.writes.count() + outcome.reads.count();
  const double cpu_us = operations == 0 ? 0 : outcome.cpu_seconds * 1e6 / static_cast<double>(operations);

  output::Answer answer;
  answer.text = fmt::format("{}: {} values of {}, class {}, {} client{} with {} in flight, {:.2f} s\n\n",
                            work_text(plan.work), kind_text(plan.kind), output::binary_size(plan.value_bytes),
                            plan.class_name, plan.clients, plan.clients == 1 ? "" : "s", plan.depth, outcome.seconds);
  std::vector<output::Row> rows;
  if (outcome.writes.count() > 0) rows.push_back(row_of("write", outcome.writes, plan, outcome.seconds));
  if (outcome.reads.count() > 0) rows.push_back(row_of("read", outcome.reads, plan, outcome.seconds));
  answer.text +=
      output::table({"", "Count", "Per second", "Bytes", "Mean us", "Min", "p50", "p90", "p99", "p99.9", "Max"}, rows);
  answer.text += "\n";
  output::Fields fields = {{"Client processor time", fmt::format("{:.2f} us per operation", cpu_us)},
                           {"Connect and open", fmt::format("{:.1f} ms", outcome.connect_ms)}};
  if (plan.clients > 1) fields.emplace_back("Slowest client", fmt::format("{:.2f} of the mean", outcome.slowest_share));
  if (outcome.absent > 0) fields.emplace_back("Reads of no value", grouped(static_cast<double>(outcome.absent)));
  if (plan.verify)
    fields.emplace_back("Verified", grouped(static_cast<double>(outcome.verified)) + ", every one right");
  answer.text += output::entity("", fields);

  answer.json = {
      {"work", work_text(plan.work)},
      {"kind", kind_text(plan.kind)},
      {"value_bytes", plan.value_bytes},
      {"class", plan.class_name},
      {"clients", plan.clients},
      {"depth", plan.depth},
      {"seconds", outcome.seconds},
      {"write", outcome.writes.count() > 0 ? json_of(outcome.writes, plan, outcome.seconds) : output::Json()},
      {"read", outcome.reads.count() > 0 ? json_of(outcome.reads, plan, outcome.seconds) : output::Json()},
      {"client_cpu_us_per_operation", cpu_us},
      {"connect_ms", outcome.connect_ms},
      {"slowest_client_share", outcome.slowest_share},
      {"absent", outcome.absent},
      {"verified", outcome.verified}};
  return answer;
}

Result<output::Answer> perform(const Options& options, Work work) {
  const Plan plan = DX_TRY(understand(options, work));
  return report(plan, DX_TRY(run_clients(plan)));
}

}  // namespace daos::perf
