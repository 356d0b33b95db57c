//! The access itself: one instruction at a known address, so that the fault handler can tell that a fault is ours and
//! where to go on. It is assembly because a load that traps is undefined behaviour for `ptr::read_volatile`, and a fault
//! is just what we are here to see. It knows nothing of files, mappings or records.
#![allow(unsafe_code)]

use std::arch::global_asm;

// No frame and no callee-saved register: the landing pad may simply return, with -1 for "it faulted".
#[cfg(target_arch = "x86_64")]
global_asm!(
    ".hidden mmap_lab_load",
    ".globl mmap_lab_load",
    "mmap_lab_load:",
    "    movzx eax, byte ptr [rdi]", // may fault
    "    ret",
    ".hidden mmap_lab_store",
    ".globl mmap_lab_store",
    "mmap_lab_store:",
    "    mov byte ptr [rdi], sil", // may fault
    "    xor eax, eax",
    "    ret",
    ".hidden mmap_lab_landing",
    ".globl mmap_lab_landing",
    "mmap_lab_landing:",
    "    mov eax, -1",
    "    ret",
);

#[cfg(target_arch = "aarch64")]
global_asm!(
    ".hidden mmap_lab_load",
    ".globl mmap_lab_load",
    "mmap_lab_load:",
    "    ldrb w0, [x0]", // may fault
    "    ret",
    ".hidden mmap_lab_store",
    ".globl mmap_lab_store",
    "mmap_lab_store:",
    "    strb w1, [x0]", // may fault
    "    mov w0, wzr",
    "    ret",
    ".hidden mmap_lab_landing",
    ".globl mmap_lab_landing",
    "mmap_lab_landing:",
    "    mov w0, #-1",
    "    ret",
);

unsafe extern "C" {
    fn mmap_lab_load(address: usize) -> i32;
    fn mmap_lab_store(address: usize, value: u8) -> i32;
    fn mmap_lab_landing();
}

/// The byte at `address`, or none where the load faulted.
///
/// # Safety
///
/// Where the byte is not mapped readable, this process must have a handler that lands (`fault::install`) or ends it.
pub unsafe fn load(address: usize) -> Option<u8> {
    // SAFETY: by the caller's promise a fault lands at `mmap_lab_landing`; a load changes nothing.
    u8::try_from(unsafe { mmap_lab_load(address) }).ok()
}

/// Stores `value` at `address`; false where the store faulted.
///
/// # Safety
///
/// As for `load`; and the byte, where it is mapped writable, must belong to the experiment and to no Rust object.
pub unsafe fn store(address: usize, value: u8) -> bool {
    // SAFETY: by the caller's promise a fault lands at `mmap_lab_landing`, and no Rust object is changed.
    unsafe { mmap_lab_store(address, value) == 0 }
}

/// Is `pc` one of the two instructions that may fault?
pub fn is_access(pc: usize) -> bool {
    pc == mmap_lab_load as *const () as usize || pc == mmap_lab_store as *const () as usize
}

/// Where to go on after a fault.
pub fn landing() -> usize {
    mmap_lab_landing as *const () as usize
}
