// Every verb of daos_perf: one file each, registered by one function here.
#pragma once

#include "programs/arguments/program.h"

namespace daos::perf {

void add_write(arguments::Program& program);
void add_read(arguments::Program& program);
void add_mixed(arguments::Program& program);
void add_verify(arguments::Program& program);
void add_version(arguments::Program& program);

}  // namespace daos::perf
