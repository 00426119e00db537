// What the allocator does with memory that was freed. Process-wide, so a matter of programs, not of libraries.
#pragma once

namespace daos {

/// Freed memory stays with the process: a store's buffers come and go all the time, and getting their pages from the
/// system again costs several times as much as what is done with them. Before the first thread starts.
void keep_freed_memory();
/// The exception, when much was freed that will not be needed soon: takes milliseconds. Nothing where it is not kept.
void give_back_freed_memory();

}  // namespace daos
