//! The `lab` command: see the library's `command` room.

use std::process::ExitCode;

#[global_allocator]
static MEMORY: mmap_lab::kernel::memory::OrExit = mmap_lab::kernel::memory::OrExit;

fn main() -> ExitCode {
    mmap_lab::command::main()
}
