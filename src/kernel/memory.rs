//! The allocator: the system's, but for one thing. Where memory is refused (a small RLIMIT_AS), it says so in one line
//! and ends with the exit code for "the machine could not do it", in place of an abort and its core dump. And what can be
//! done so that the dynamic loader, which runs before us and gives no reason of ours, asks for little.
#![allow(unsafe_code)]

use std::alloc::{GlobalAlloc, Layout, System};

/// See the module.
#[derive(Debug)]
pub struct OrExit;

pub(super) const MESSAGE: &str = "lab: not enough memory: the limit on address space (ulimit -v) is too small\n";

fn check(pointer: *mut u8) -> *mut u8 {
    if pointer.is_null() {
        // SAFETY: the buffer is a constant of that length.
        unsafe { libc::write(2, MESSAGE.as_ptr().cast(), MESSAGE.len()) };
        // SAFETY: _exit runs nothing of ours.
        unsafe { libc::_exit(3) }
    }
    pointer
}

// SAFETY: every method passes its arguments on to `System`, which upholds the contract; a null result never returns.
unsafe impl GlobalAlloc for OrExit {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise is System's requirement.
        check(unsafe { System.alloc(layout) })
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise is System's requirement.
        check(unsafe { System.alloc_zeroed(layout) })
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: the caller's promise is System's requirement.
        check(unsafe { System.realloc(pointer, layout, size) })
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise is System's requirement.
        unsafe { System.dealloc(pointer, layout) };
    }
}

/// Rust's own start asks for a little memory before `main`, and panics where it gets none. This runs before that, and
/// gives the reason in our words.
#[used]
// SAFETY: the section's entries are called once, before `main`, with arguments that may be ignored.
#[unsafe(link_section = ".init_array")]
static BEFORE_MAIN: extern "C" fn() = before_main;

/// What Rust's start, an 8 KiB alternate stack and a first heap, may ask for.
const START: usize = 256 << 10;

extern "C" fn before_main() {
    let (prot, flags) = (libc::PROT_NONE, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS);
    // SAFETY: a new mapping at a place of the kernel's choice touches no existing object.
    let room = unsafe { libc::mmap(std::ptr::null_mut(), START, prot, flags, -1, 0) };
    if room == libc::MAP_FAILED {
        check(std::ptr::null_mut());
    }
    // SAFETY: exactly the mapping just made.
    unsafe { libc::munmap(room, START) };
}

/// A logarithm for whole numbers, rounded down. annotate-snippets asks for one, to know how wide a line number is, and the
/// C library's would cost the loader 892 KiB of address space for libm. Nothing else here takes a logarithm.
// SAFETY: the C library's signature; where a program has this one, its loader resolves the name to no other.
#[unsafe(no_mangle)]
extern "C" fn log10(x: f64) -> f64 {
    let mut rest = x;
    let mut whole = 0.0;
    while rest >= 10.0 && whole < 308.0 {
        rest /= 10.0;
        whole += 1.0;
    }
    whole
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_line_number_is_as_wide_as_its_digits() {
        for line in (1..2000).chain([9_999, 10_000, 99_999, 100_000, 999_999, 1_000_000]) {
            let width = std::hint::black_box(f64::from(line)).log10().floor() as usize + 1;
            assert_eq!(width, line.to_string().len());
        }
        assert!(super::log10(f64::INFINITY).is_finite(), "it ends");
    }
}
