// A run's outcome as people and programs read it. Pure functions.
#pragma once

#include "programs/daos_perf/crew.h"
#include "programs/output/outcome.h"

namespace daos::perf {

output::Answer report(const Plan& plan, const Outcome& outcome);

/// What every verb does: understand, run, report.
Result<output::Answer> perform(const Options& options, Work work);

}  // namespace daos::perf
