#pragma once

namespace signet {

// The calling thread gives way to others of this machine (nice 10): for work that takes long and is
// not waited for by anybody else. If the system refuses, the work is done all the same.
void lower_thread_priority();

// To be called before any thread starts: large blocks go back to the system when they are freed.
void map_large_blocks();

// Gives back to the system what the allocator has kept of freed memory.
void return_freed_memory();

}  // namespace signet
