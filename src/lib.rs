//! `lab`: what Linux does at the edges of a memory mapping.
//!
//! Three voices answer one script of operations ([`op`]): the author of a scenario ([`scenario`]), a pure reference model
//! ([`model`]), and the kernel itself ([`kernel`]). The product is their comparison ([`verdict`]), which [`report`] draws.

#[cfg(not(target_os = "linux"))]
compile_error!(
    "lab shows what Linux does with a memory mapping, so it builds and runs on Linux only."
);

#[cfg(all(
    target_os = "linux",
    not(any(target_arch = "x86_64", target_arch = "aarch64"))
))]
compile_error!("lab knows the fault handling of x86_64 and aarch64 only.");

#[cfg(target_os = "linux")]
extern crate alloc;

// One list, so that elsewhere the sentence above is the only thing that the compiler has to say.
macro_rules! on_linux {
    ($($room:ident)*) => { $(#[cfg(target_os = "linux")] #[allow(missing_docs)] pub mod $room;)* };
}

on_linux! { command kernel model op report scenario verdict world }
