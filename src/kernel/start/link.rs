//! The build script: `lab` is linked to begin at its own first instruction, and not at the dynamic loader's
//! (src/kernel/start.rs says why). It asks how it was linked itself, and leaves alone what it does not know: another
//! target than this machine, another architecture than x86_64, a static C library, a C library other than glibc. Nor is an
//! unoptimized build begun so: it calls functions where the others have them inline, and is too large to gain by it.
//!
//! What is linked so is also spared work at each start and at each fork, which is what a run consists of:
//! - Placed at a fixed address, nothing of it is relocated: some twenty pages are not written to, and no fork copies them.
//!   What that gives up is a place that is hard to guess, for a program that runs nobody's code but its own.
//! - With the unwinder inside there is no libgcc_s.so to map, whose constructor asks the processor what it is; under a
//!   hypervisor each such question is a trap of several microseconds.

use std::env;
use std::fs;
use std::path::Path;
use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=src/kernel/start/link.rs");
    println!("cargo::rustc-check-cfg=cfg(own_start)");
    let is = |name: &str, value: &str| env::var(name).is_ok_and(|given| given == value);
    let here = env::var("TARGET") == env::var("HOST");
    let glibc = is("CARGO_CFG_TARGET_OS", "linux") && is("CARGO_CFG_TARGET_ENV", "gnu");
    let known = is("CARGO_CFG_TARGET_ARCH", "x86_64");
    let is_static = env::var("CARGO_CFG_TARGET_FEATURE").is_ok_and(|features| features.contains("crt-static"));
    if !here || !glibc || !known || is_static || is("OPT_LEVEL", "0") {
        return;
    }
    if let Some(loader) = fs::read("/proc/self/exe").ok().and_then(|image| loader(&image)) {
        println!("cargo::rustc-cfg=own_start");
        println!("cargo::rustc-env=LAB_LOADER={loader}");
        println!("cargo::rustc-link-arg-bin=lab=-Wl,--no-dynamic-linker,--entry=lab_start");
        println!("cargo::rustc-link-arg-bin=lab=-no-pie");
        if has_unwinder() {
            println!("cargo::rustc-link-lib=static:-bundle=gcc_eh");
        }
    }
}

/// Does the compiler that links bring the unwinder as an archive? gcc(1), -print-file-name: the name alone where it does not.
fn has_unwinder() -> bool {
    let asked = Command::new("cc").arg("-print-file-name=libgcc_eh.a").output();
    let found = asked.ok().and_then(|said| String::from_utf8(said.stdout).ok());
    found.is_some_and(|path| Path::new(path.trim()).is_absolute())
}

/// The path that a 64-bit ELF file names as its dynamic loader: its PT_INTERP. elf(5).
fn loader(image: &[u8]) -> Option<String> {
    const PT_INTERP: u64 = 3;
    let number = |at: usize, bytes: usize| {
        let taken = image.get(at..at + bytes)?;
        Some(
            taken
                .iter()
                .rev()
                .fold(0, |number, byte| number << 8 | u64::from(*byte)),
        )
    };
    let (first, size, count) = (number(32, 8)?, number(54, 2)?, number(56, 2)?);
    let headers = (0..count).map(|n| (first + n * size) as usize);
    let header = headers.into_iter().find(|at| number(*at, 4) == Some(PT_INTERP))?;
    let (from, len) = (number(header + 8, 8)? as usize, number(header + 32, 8)? as usize);
    let path = image.get(from..from + len)?.strip_suffix(&[0])?;
    String::from_utf8(path.to_vec()).ok()
}
