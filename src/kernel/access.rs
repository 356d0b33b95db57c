//! The access itself: one instruction at a known address, so that the fault handler can tell that a fault is ours and
//! where to go on. It is assembly because a load that traps is undefined behaviour for `ptr::read_volatile`, and a fault
//! is just what we are here to see. It knows nothing of files, mappings or records.
#![allow(unsafe_code)]

use std::arch::global_asm;
use std::ffi::{c_char, c_void};
use std::hint::black_box;

use crate::op::{Access, Routine};

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
    ".hidden mmap_lab_load_wide",
    ".globl mmap_lab_load_wide",
    "mmap_lab_load_wide:",
    "    mov rax, qword ptr [rdi]", // may fault
    "    movzx eax, al",
    "    ret",
    ".hidden mmap_lab_store_wide",
    ".globl mmap_lab_store_wide",
    "mmap_lab_store_wide:",
    "    mov qword ptr [rdi], rsi", // may fault
    "    xor eax, eax",
    "    ret",
    ".hidden mmap_lab_add",
    ".globl mmap_lab_add",
    "mmap_lab_add:",
    "2:  mov rax, qword ptr [rdi]",
    "    add rax, 1",
    "    mov qword ptr [rdi], rax",
    "    sub rsi, 1",
    "    jnz 2b",
    "    ret",
    ".hidden mmap_lab_landing",
    ".globl mmap_lab_landing",
    "mmap_lab_landing:",
    "    mov eax, -1",
    "    ret",
);

// The same with the stack pointer where the access is. The caller's stands in a register until the end.
#[cfg(target_arch = "x86_64")]
global_asm!(
    ".hidden mmap_lab_stack_load",
    ".globl mmap_lab_stack_load",
    "mmap_lab_stack_load:",
    "    mov rdx, rsp",
    "    mov rsp, rdi",
    ".hidden mmap_lab_stack_loads",
    ".globl mmap_lab_stack_loads",
    "mmap_lab_stack_loads:",
    "    movzx eax, byte ptr [rdi]", // may fault
    "    mov rsp, rdx",
    "    ret",
    ".hidden mmap_lab_stack_store",
    ".globl mmap_lab_stack_store",
    "mmap_lab_stack_store:",
    "    mov rdx, rsp",
    "    mov rsp, rdi",
    ".hidden mmap_lab_stack_stores",
    ".globl mmap_lab_stack_stores",
    "mmap_lab_stack_stores:",
    "    mov byte ptr [rdi], sil", // may fault
    "    mov rsp, rdx",
    "    xor eax, eax",
    "    ret",
    ".hidden mmap_lab_stack_landing",
    ".globl mmap_lab_stack_landing",
    "mmap_lab_stack_landing:",
    "    mov rsp, rdx",
    "    mov eax, -1",
    "    ret",
);

// Registers stand in a signal's context in the order of `gregs`: r8 to r15 first, then rdi, rsi, rbp, rbx, rdx, rax, rcx,
// rsp. What a function must keep is given back, and the access returns -1 to its caller: by a jump, for the processor
// foretells a return from the calls that it has seen, and would be wrong here.
#[cfg(target_arch = "x86_64")]
global_asm!(
    ".hidden mmap_lab_leap",
    ".globl mmap_lab_leap",
    "mmap_lab_leap:",
    "    mov rbx, qword ptr [rdi + 88]",
    "    mov rbp, qword ptr [rdi + 80]",
    "    mov r12, qword ptr [rdi + 32]",
    "    mov r13, qword ptr [rdi + 40]",
    "    mov r14, qword ptr [rdi + 48]",
    "    mov r15, qword ptr [rdi + 56]",
    "    mov rsp, qword ptr [rdi + 120]",
    "    mov eax, -1",
    "    pop rdx",
    "    jmp rdx",
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
    ".hidden mmap_lab_load_wide",
    ".globl mmap_lab_load_wide",
    "mmap_lab_load_wide:",
    "    ldr x0, [x0]", // may fault
    "    and w0, w0, #0xff",
    "    ret",
    ".hidden mmap_lab_store_wide",
    ".globl mmap_lab_store_wide",
    "mmap_lab_store_wide:",
    "    str x1, [x0]", // may fault
    "    mov w0, wzr",
    "    ret",
    ".hidden mmap_lab_add",
    ".globl mmap_lab_add",
    "mmap_lab_add:",
    "2:  ldr x2, [x0]",
    "    add x2, x2, #1",
    "    str x2, [x0]",
    "    subs x1, x1, #1",
    "    b.ne 2b",
    "    ret",
    ".hidden mmap_lab_landing",
    ".globl mmap_lab_landing",
    "mmap_lab_landing:",
    "    mov w0, #-1",
    "    ret",
);

#[cfg(target_arch = "aarch64")]
global_asm!(
    ".hidden mmap_lab_stack_load",
    ".globl mmap_lab_stack_load",
    "mmap_lab_stack_load:",
    "    mov x2, sp",
    "    and x3, x0, #-16",
    "    mov sp, x3",
    ".hidden mmap_lab_stack_loads",
    ".globl mmap_lab_stack_loads",
    "mmap_lab_stack_loads:",
    "    ldrb w0, [x0]", // may fault
    "    mov sp, x2",
    "    ret",
    ".hidden mmap_lab_stack_store",
    ".globl mmap_lab_stack_store",
    "mmap_lab_stack_store:",
    "    mov x2, sp",
    "    and x3, x0, #-16",
    "    mov sp, x3",
    ".hidden mmap_lab_stack_stores",
    ".globl mmap_lab_stack_stores",
    "mmap_lab_stack_stores:",
    "    strb w1, [x0]", // may fault
    "    mov sp, x2",
    "    mov w0, wzr",
    "    ret",
    ".hidden mmap_lab_stack_landing",
    ".globl mmap_lab_stack_landing",
    "mmap_lab_stack_landing:",
    "    mov sp, x2",
    "    mov w0, #-1",
    "    ret",
);

unsafe extern "C" {
    fn mmap_lab_load(address: usize) -> i32;
    fn mmap_lab_store(address: usize, value: u8) -> i32;
    fn mmap_lab_load_wide(address: usize) -> i32;
    fn mmap_lab_store_wide(address: usize, value: u64) -> i32;
    fn mmap_lab_add(address: usize, times: u64);
    fn mmap_lab_landing();
    fn mmap_lab_stack_load(address: usize) -> i32;
    fn mmap_lab_stack_loads();
    fn mmap_lab_stack_store(address: usize, value: u8) -> i32;
    fn mmap_lab_stack_stores();
    fn mmap_lab_stack_landing();
    #[cfg(target_arch = "x86_64")]
    fn mmap_lab_leap(registers: *const i64) -> !;
}

/// Make one access at `address`: a load's first byte, a store's value, or none where it faulted.
///
/// # Safety
///
/// Where an access faults, this process must have a handler that lands (`fault::install`) or ends it; and bytes stored to,
/// where they are mapped writable, must belong to the experiment and to no Rust object.
#[inline]
pub unsafe fn make(address: usize, access: Access) -> Option<u8> {
    let eight = |value: u8| u64::from_ne_bytes([value; 8]);
    match access {
        // SAFETY: by the caller's promise a fault lands at `mmap_lab_landing`; a load changes nothing.
        Access::Load => u8::try_from(unsafe { mmap_lab_load(address) }).ok(),
        // SAFETY: as for the load of a byte.
        Access::LoadWide => u8::try_from(unsafe { mmap_lab_load_wide(address) }).ok(),
        // SAFETY: by the caller's promise a fault lands at `mmap_lab_landing`, and no Rust object is changed.
        Access::Store(value) => (unsafe { mmap_lab_store(address, value) } == 0).then_some(value),
        // SAFETY: as for the store of a byte.
        Access::StoreWide(value) => (unsafe { mmap_lab_store_wide(address, eight(value)) } == 0).then_some(value),
    }
}

/// The same of one byte, with the stack pointer at `address`, as at the moment when a stack overflows.
///
/// # Safety
///
/// As for `make`; and what lies below `address` belongs to the experiment too, for a signal's frame may be written there.
pub unsafe fn make_on_stack(address: usize, access: Access) -> Option<u8> {
    match access.narrow() {
        // SAFETY: as for `make`; the stack pointer is given back, also by the landing pad for this one.
        Access::Store(value) => (unsafe { mmap_lab_stack_store(address, value) } == 0).then_some(value),
        // SAFETY: as for the store.
        _ => u8::try_from(unsafe { mmap_lab_stack_load(address) }).ok(),
    }
}

/// Call a routine of the C library: what strnlen counts, else 0.
///
/// # Safety
///
/// As for `make`, but that a fault cannot land: where a byte is bad this process must be one that may die of it.
pub unsafe fn call(routine: Routine, from: usize, to: usize, len: usize) -> usize {
    // A call by name the compiler may turn into instructions of its own.
    match routine {
        Routine::Memcpy => {
            let memcpy = black_box(libc::memcpy as unsafe extern "C" fn(_, _, _) -> _);
            // SAFETY: the caller's promise.
            unsafe { memcpy(to as *mut c_void, from as *const c_void, len) };
            0
        }
        Routine::Memset(value) => {
            let memset = black_box(libc::memset as unsafe extern "C" fn(_, _, _) -> _);
            // SAFETY: the caller's promise.
            unsafe { memset(to as *mut c_void, value.into(), len) };
            0
        }
        Routine::Strnlen => {
            let strnlen = black_box(libc::strnlen as unsafe extern "C" fn(_, _) -> _);
            // SAFETY: the caller's promise.
            unsafe { strnlen(from as *const c_char, len) }
        }
    }
}

/// Add 1 to the eight bytes at `address`, `times` times, by a load, an addition and a store each.
///
/// # Safety
///
/// The bytes are mapped writable and belong to the experiment and to no Rust object.
pub unsafe fn add(address: usize, times: u64) {
    if times > 0 {
        // SAFETY: the caller's promise; other processes may store there at the same time, which assembly may see.
        unsafe { mmap_lab_add(address, times) }
    }
}

/// Is `pc` one of the instructions that may fault?
pub fn is_access(pc: usize) -> bool {
    let ours = [
        mmap_lab_load as *const (),
        mmap_lab_store as *const (),
        mmap_lab_load_wide as *const (),
        mmap_lab_store_wide as *const (),
    ];
    ours.iter().any(|access| *access as usize == pc) || is_on_stack(pc)
}

fn is_on_stack(pc: usize) -> bool {
    let ours = [mmap_lab_stack_loads as *const (), mmap_lab_stack_stores as *const ()];
    ours.iter().any(|access| *access as usize == pc)
}

/// Where to go on after a fault of the instruction at `pc`.
pub fn landing(pc: usize) -> usize {
    let landing = if is_on_stack(pc) {
        mmap_lab_stack_landing as *const ()
    } else {
        mmap_lab_landing as *const ()
    };
    landing as usize
}

/// Go on behind the access after its fault: its caller gets none. On x86_64 this leaves the handler for good, and
/// rt_sigreturn(2) is never called.
///
/// That is a quarter faster. It is right because there is nothing for rt_sigreturn to restore: the handler runs with
/// SA_NODEFER and an empty mask, so no signal was blocked; the kernel tells by the stack pointer that the alternate stack
/// is free again; and of the registers a caller wants only those back that every function keeps. A process with a shadow
/// stack could not do it, and Rust programs have none. On Arm a function keeps vector registers too, which the context has
/// in a list of records, and nobody has measured that it would pay: there the handler returns, to the landing pad.
///
/// # Safety
///
/// Only from a handler installed so, of a fault for which `is_access` holds, with the context that the kernel passed. No
/// value that the handler holds is dropped.
pub unsafe fn go_on(context: *mut libc::ucontext_t) {
    #[cfg(target_arch = "x86_64")]
    {
        // SAFETY: by the caller's promise the context is valid; all its registers are read before its stack is left.
        let registers = unsafe { &raw const (*context).uc_mcontext.gregs };
        // SAFETY: the access was called as a function and has pushed nothing, so its caller's address is on top of its
        // stack.
        unsafe { mmap_lab_leap(registers.cast()) }
    }
    #[cfg(target_arch = "aarch64")]
    // SAFETY: by the caller's promise the context is valid, and only the handler refers to it.
    unsafe {
        (*context).uc_mcontext.pc = mmap_lab_landing as *const () as u64;
    }
}
