// The verbs of daos_engine that look at a store on which no engine runs: one file each.
#pragma once

#include "programs/arguments/program.h"

namespace daos::program {

void add_verify(arguments::Program& program);
void add_inspect(arguments::Program& program);

}  // namespace daos::program
