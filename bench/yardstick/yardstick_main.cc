// Prints the yardstick as a table, or as JSON with --json. `--ms N` sets how long each row is measured (1000).
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "yardstick.h"

int main(int argc, char** argv) {
  bool json = false;
  long ms = 1000;
  for (int i = 1; i < argc; i++) {
    const std::string_view word = argv[i];
    if (word == "--json") {
      json = true;
    } else if (word == "--ms" && i + 1 < argc) {
      ms = std::strtol(argv[++i], nullptr, 10);
    } else {
      std::fprintf(stderr, "usage: yardstick [--json] [--ms N]\n");
      return 2;
    }
  }
  if (ms < 50) ms = 50;  // fewer than five windows have no median worth the name
  const auto rows = daos::yardstick::measure_all(daos::yardstick::Millis(ms));
  if (json) std::printf("[\n");
  if (!json) std::printf("%-28s %12s %12s %12s  %s\n", "plain sockets, our framing", "median", "25 %", "75 %", "unit");
  for (size_t i = 0; i < rows.size(); i++) {
    const auto& [name, unit, figure] = rows[i];
    if (json) {
      std::printf("  {\"name\": \"%s\", \"unit\": \"%s\", \"median\": %.6g, \"low\": %.6g, \"high\": %.6g}%s\n",
                  name.c_str(), unit.c_str(), figure.median, figure.low, figure.high, i + 1 < rows.size() ? "," : "");
    } else if (figure.median >= 1000) {
      std::printf("%-28s %12.0f %12.0f %12.0f  %s\n", name.c_str(), figure.median, figure.low, figure.high,
                  unit.c_str());
    } else {
      std::printf("%-28s %12.2f %12.2f %12.2f  %s\n", name.c_str(), figure.median, figure.low, figure.high,
                  unit.c_str());
    }
  }
  if (json) std::printf("]\n");
  return 0;
}
