//! The sum of all bytes, eight at a time: in assembly, so that a build without optimisation measures the memory too, and
//! not itself. It knows nothing of files.
#![allow(unsafe_code)]

use std::arch::global_asm;

// Four sums side by side: no addition waits for the one before it.
#[cfg(target_arch = "x86_64")]
global_asm!(
    ".hidden mmap_lab_sum",
    ".globl mmap_lab_sum",
    "mmap_lab_sum:",
    "    xor eax, eax",
    "    xor ecx, ecx",
    "    xor edx, edx",
    "    xor r8d, r8d",
    "2:  add rax, qword ptr [rdi]",
    "    add rcx, qword ptr [rdi + 8]",
    "    add rdx, qword ptr [rdi + 16]",
    "    add r8, qword ptr [rdi + 24]",
    "    add rax, qword ptr [rdi + 32]",
    "    add rcx, qword ptr [rdi + 40]",
    "    add rdx, qword ptr [rdi + 48]",
    "    add r8, qword ptr [rdi + 56]",
    "    add rdi, 64",
    "    cmp rdi, rsi",
    "    jne 2b",
    "    add rax, rcx",
    "    add rdx, r8",
    "    add rax, rdx",
    "    ret",
);

#[cfg(target_arch = "aarch64")]
global_asm!(
    ".hidden mmap_lab_sum",
    ".globl mmap_lab_sum",
    "mmap_lab_sum:",
    "    mov x2, xzr",
    "    mov x3, xzr",
    "    mov x4, xzr",
    "    mov x5, xzr",
    "2:  ldp x6, x7, [x0]",
    "    ldp x8, x9, [x0, 16]",
    "    ldp x10, x11, [x0, 32]",
    "    ldp x12, x13, [x0, 48]",
    "    add x2, x2, x6",
    "    add x3, x3, x7",
    "    add x4, x4, x8",
    "    add x5, x5, x9",
    "    add x2, x2, x10",
    "    add x3, x3, x11",
    "    add x4, x4, x12",
    "    add x5, x5, x13",
    "    add x0, x0, 64",
    "    cmp x0, x1",
    "    b.ne 2b",
    "    add x2, x2, x3",
    "    add x4, x4, x5",
    "    add x0, x2, x4",
    "    ret",
);

unsafe extern "C" {
    fn mmap_lab_sum(from: *const u8, to: *const u8) -> u64;
}

/// The sum of all words of eight bytes.
///
/// # Safety
///
/// `length` readable bytes at `place`, a multiple of 64; a page of a mapping that cannot be had kills, as it should.
pub unsafe fn sum(place: *const u8, length: usize) -> u64 {
    debug_assert_eq!(length % 64, 0);
    if length == 0 {
        return 0;
    }
    // SAFETY: the caller's bytes, up to the one behind the last.
    unsafe { mmap_lab_sum(place, place.wrapping_add(length)) }
}

#[cfg(test)]
mod tests {
    #[test]
    fn it_adds_every_word_once() {
        let words: Vec<u64> = (0..1000).map(|n| n * n + (n << 50)).collect();
        for length in [0, 8, 16, 1000] {
            let wanted = words[..length].iter().fold(0, |sum: u64, word| sum.wrapping_add(*word));
            // SAFETY: so many words, eight bytes each.
            let found = unsafe { super::sum(words.as_ptr().cast(), length * 8) };
            assert_eq!(found, wanted);
        }
    }
}
