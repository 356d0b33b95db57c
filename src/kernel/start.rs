//! The first instructions of `lab`. The kernel would start the dynamic loader, and that maps the C library before a line of
//! ours runs; where a limit on address space leaves no room for it, the loader ends the program with a code and a sentence of
//! its own. So `lab` names no loader to the kernel (src/kernel/start/link.rs), begins here, sees whether there is room, and
//! then does what the kernel would have done: it maps the loader and jumps to it.
//!
//! Nothing has been relocated yet and there is no C library. This file may not know anything but the stack it was given,
//! and may not call anything that the linker finds elsewhere: no formatting, no panics, nothing that becomes memcpy.
#![allow(unsafe_code)]

use core::arch::{asm, global_asm};
use core::cell::UnsafeCell;

use libc::{
    AT_BASE, AT_ENTRY, AT_NULL, AT_PAGESZ, AT_PHDR, AT_PHNUM, Elf64_Ehdr, Elf64_Phdr, MAP_ANONYMOUS, MAP_FIXED,
    MAP_NORESERVE, MAP_PRIVATE, PROT_EXEC, PROT_NONE, PROT_READ, PROT_WRITE, PT_INTERP, PT_LOAD, PT_PHDR,
};

/// The path of the dynamic loader, ended by 0.
const LOADER: &str = concat!(env!("LAB_LOADER"), "\0");

const NO_LOADER: &str = concat!("lab: cannot load ", env!("LAB_LOADER"), ", the dynamic loader\n");

/// Bytes of address space that the loader, the C library and Rust's own start ask for, and some to spare: what is refused
/// later has a reason of `memory`'s.
const ROOM: usize = 4 << 20;

/// Program headers that an ELF file may have here; today's loaders have eleven.
const HEADERS: usize = 32;

// The kernel enters with the stack pointer at argc (System V ABI for x86_64, process initialization), and the loader wants
// it there too; in rdx it takes a function to run at exit, and there is none.
global_asm!(
    ".globl lab_start",
    "lab_start:",
    "    xor ebp, ebp",
    "    mov rbx, rsp",
    "    mov rdi, rsp",
    "    lea rsi, [rip + _start]",
    "    and rsp, -16",
    "    call {before}",
    "    mov rsp, rbx",
    "    xor edx, edx",
    "    jmp rax",
    before = sym before_loader,
);

/// A file of the loader's kind begins so. elf(5).
#[repr(C)]
struct Image {
    header: Elf64_Ehdr,
    segments: [Elf64_Phdr; HEADERS],
}

/// A place for what must outlive this file's functions, all zeros, of which every pattern is a value.
struct Kept<T>(UnsafeCell<T>);

// SAFETY: this file writes it, before there is a second thread, and nobody afterwards.
unsafe impl<T> Sync for Kept<T> {}

/// The loader's first bytes.
// SAFETY: integers all, for which zeros are values.
static IMAGE: Kept<Image> = Kept(UnsafeCell::new(unsafe { core::mem::zeroed() }));

/// The program's headers as the loader is shown them: those that the kernel knows, and one that names the loader, which
/// glibc insists on (elf/rtld.c, rtld_setup_main_map). It keeps their address.
// SAFETY: integers all, for which zeros are values.
static SHOWN: Kept<[Elf64_Phdr; HEADERS]> = Kept(UnsafeCell::new(unsafe { core::mem::zeroed() }));

/// Make room or say that there is none, map the loader, tell it of the program as the kernel would (getauxval(3)), and
/// give its first instruction. `stack`: argc, so many pointers and 0, more pointers and 0, pairs up to AT_NULL.
extern "C" fn before_loader(stack: usize, program: usize) -> usize {
    let room = mmap(0, ROOM, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, None);
    call(libc::SYS_munmap, [room, ROOM, 0, 0, 0, 0]);
    let mut at = stack + (word(stack) + 2) * WORD;
    while word(at) != 0 {
        at += WORD;
    }
    let pairs = at + WORD;
    let (base, entry) = map_loader(word(auxiliary(pairs, AT_PAGESZ)));
    let (headers, count) = (auxiliary(pairs, AT_PHDR), auxiliary(pairs, AT_PHNUM));
    put(headers, show(word(headers), word(count)));
    put(count, word(count) + 1);
    put(auxiliary(pairs, AT_BASE), base);
    put(auxiliary(pairs, AT_ENTRY), program);
    base + entry
}

/// Where the auxiliary vector holds this value.
fn auxiliary(pairs: usize, kind: u64) -> usize {
    let mut pair = pairs;
    while word(pair) != kind as usize {
        if word(pair) == AT_NULL as usize {
            give_up(NO_LOADER);
        }
        pair += 2 * WORD;
    }
    pair + WORD
}

/// Copy the program's headers to where one more fits, and say there who loads it.
fn show(headers: usize, count: usize) -> usize {
    let shown = SHOWN.0.get() as usize;
    let size = size_of::<Elf64_Phdr>();
    if count >= HEADERS {
        give_up(NO_LOADER);
    }
    let mut at = 0;
    while at < count * size {
        put(shown + at, word(headers + at));
        at += WORD;
    }
    let mut bias = 0;
    let mut n = 0;
    while n < count {
        let header = header(shown + n * size);
        if header.p_type == PT_PHDR {
            bias = headers - header.p_vaddr as usize;
            header.p_vaddr = (shown - bias) as u64; // the loader reckons from it where the program lies
        }
        n += 1;
    }
    let named = header(shown + count * size);
    named.p_type = PT_INTERP;
    named.p_vaddr = (LOADER.as_ptr() as usize - bias) as u64;
    named.p_memsz = LOADER.len() as u64;
    shown
}

/// Map the loader as fs/binfmt_elf.c does: a stretch for all of it, the segments over that. Its place, and its first
/// instruction counted from there.
fn map_loader(page: usize) -> (usize, usize) {
    let path = [libc::AT_FDCWD as usize, LOADER.as_ptr() as usize];
    let file = call(libc::SYS_openat, [path[0], path[1], libc::O_CLOEXEC as usize, 0, 0, 0]);
    let image = IMAGE.0.get();
    let wanted = size_of::<Image>();
    let read = call(libc::SYS_pread64, [file, image as usize, wanted, 0, 0, 0]);
    // SAFETY: nobody else holds a reference to it.
    let image = unsafe { &*image };
    let count = image.header.e_phnum as usize;
    if read != wanted || image.header.e_phoff as usize != size_of::<Elf64_Ehdr>() || count > HEADERS {
        give_up(NO_LOADER);
    }
    let mut span = 0;
    let mut n = 0;
    while n < count {
        if image.segments[n].p_type == PT_LOAD {
            span = (image.segments[n].p_vaddr + image.segments[n].p_memsz) as usize; // they are in order
        }
        n += 1;
    }
    let base = mmap(0, span, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, None);
    n = 0;
    while n < count {
        if image.segments[n].p_type == PT_LOAD {
            map_segment(&image.segments[n], base, page, file);
        }
        n += 1;
    }
    call(libc::SYS_close, [file, 0, 0, 0, 0, 0]);
    (base, image.header.e_entry as usize)
}

/// Map one segment to its place in the loader's stretch; behind what is of the file there are zeros.
fn map_segment(segment: &Elf64_Phdr, base: usize, page: usize, file: usize) {
    let bit = |flag: u32, prot: i32| if segment.p_flags & flag != 0 { prot } else { PROT_NONE };
    let prot = bit(libc::PF_R, PROT_READ) | bit(libc::PF_W, PROT_WRITE) | bit(libc::PF_X, PROT_EXEC);
    let from = base + segment.p_vaddr as usize;
    let inside = from & (page - 1);
    let (of_file, end) = (from + segment.p_filesz as usize, from + segment.p_memsz as usize);
    let offset = segment.p_offset as usize - inside;
    let start = from - inside;
    mmap(
        start,
        of_file - start,
        prot,
        MAP_PRIVATE | MAP_FIXED,
        Some((file, offset)),
    );
    let last = (of_file + page - 1) & !(page - 1);
    if end > of_file {
        let mut at = of_file;
        while at < last {
            // SAFETY: the rest of a writable page that was just mapped and that nobody uses yet.
            unsafe { (at as *mut u8).write_volatile(0) };
            at += 1;
        }
    }
    if end > last {
        mmap(last, end - last, prot, MAP_PRIVATE | MAP_FIXED | MAP_ANONYMOUS, None);
    }
}

/// mmap(2) of anonymous memory or of a descriptor at an offset; refused, it is the end. Its fixed places are inside the
/// loader's stretch.
fn mmap(at: usize, len: usize, prot: i32, flags: i32, of: Option<(usize, usize)>) -> usize {
    let (file, offset) = match of {
        Some(of) => of,
        None => (usize::MAX, 0),
    };
    let place = call(libc::SYS_mmap, [at, len, prot as usize, flags as usize, file, offset]);
    // Errnos are the last 4095 numbers: syscall(2).
    if place > usize::MAX - 4095 {
        give_up(super::memory::MESSAGE);
    }
    place
}

/// A line on standard error, and the exit code for what the machine cannot do.
fn give_up(line: &str) -> ! {
    call(libc::SYS_write, [2, line.as_ptr() as usize, line.len(), 0, 0, 0]);
    loop {
        call(libc::SYS_exit_group, [3, 0, 0, 0, 0, 0]);
    }
}

const WORD: usize = size_of::<usize>();

/// A word of the stack, or of headers.
fn word(at: usize) -> usize {
    // SAFETY: aligned words that the kernel or this file has put there; volatile, so that a loop becomes no call of memcpy.
    unsafe { (at as *const usize).read_volatile() }
}

fn put(at: usize, value: usize) {
    // SAFETY: as above; no reference to it exists.
    unsafe { (at as *mut usize).write_volatile(value) }
}

/// One of the headers that are shown.
fn header<'a>(at: usize) -> &'a mut Elf64_Phdr {
    // SAFETY: one of `SHOWN`'s, and no two references to one are used at a time.
    unsafe { &mut *(at as *mut Elf64_Phdr) }
}

/// A system call, without the C library.
fn call(number: i64, args: [usize; 6]) -> usize {
    let result;
    // SAFETY: its caller answers for what it does to memory; it clobbers rcx and r11. syscall(2).
    unsafe {
        asm!("syscall", inlateout("rax") number as usize => result, in("rdi") args[0], in("rsi") args[1],
            in("rdx") args[2], in("r10") args[3], in("r8") args[4], in("r9") args[5], lateout("rcx") _,
            lateout("r11") _, options(nostack));
    }
    result
}
