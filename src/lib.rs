//! `lab`: what Linux does at the edges of a memory mapping.
//!
//! Three voices answer one script of operations ([`op`]): the author of a scenario ([`scenario`]), a pure reference model
//! ([`model`]), and the kernel itself ([`kernel`]). The product is their comparison ([`verdict`]), which [`report`] draws.

#[cfg(not(target_os = "linux"))]
compile_error!("lab shows what Linux does with a memory mapping, so it builds and runs on Linux only.");

#[cfg(all(target_os = "linux", not(any(target_arch = "x86_64", target_arch = "aarch64"))))]
compile_error!("lab knows the fault handling of x86_64 and aarch64 only.");

// One list and one condition, so that elsewhere the sentence above is the only thing that the compiler has to say.
macro_rules! rooms {
    ($($item:item)*) => { $(
        #[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
        $item
    )* };
}

rooms! {
    extern crate alloc;

    pub mod command;
    pub mod fuzz;
    pub mod kernel;
    pub mod model;
    pub mod op;
    pub mod quiz;
    pub mod report;
    pub mod say;
    pub mod scenario;
    pub mod terms;
    pub mod verdict;
    pub mod world;
}
