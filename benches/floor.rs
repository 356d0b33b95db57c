//! The floors that the instrument is held against: what the same thing costs with nothing around it, as a C program would
//! do it. Each runs in a forked child of the bench, as a holder does, and gives the time of so many.

#![allow(unsafe_code)]

use std::arch::global_asm;
use std::ffi::{c_int, c_void};
use std::num::NonZeroUsize;
use std::os::fd::AsFd;
use std::ptr::NonNull;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};

use nix::sys::mman::{MapFlags, ProtFlags, mmap, mmap_anonymous, munmap};
use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, sigaction};
use nix::sys::wait::waitpid;
use nix::unistd::{ForkResult, fork};

#[cfg(target_arch = "x86_64")]
global_asm!(
    ".globl floor_load",
    "floor_load:",
    "    movzx eax, byte ptr [rdi]",
    "    ret",
    ".globl floor_landing",
    "floor_landing:",
    "    mov eax, -1",
    "    ret",
);

#[cfg(target_arch = "aarch64")]
global_asm!(
    ".globl floor_load",
    "floor_load:",
    "    ldrb w0, [x0]",
    "    ret",
    ".globl floor_landing",
    "floor_landing:",
    "    mov w0, #-1",
    "    ret",
);

unsafe extern "C" {
    fn floor_load(address: *const c_void) -> i32;
    fn floor_landing();
}

/// Signal, code, address, and the time of the work.
type Page = [AtomicU64; 4];

/// A page of numbers that children share; there is one for the whole bench.
fn page() -> &'static Page {
    static PLACE: std::sync::OnceLock<&'static Page> = std::sync::OnceLock::new();
    PLACE.get_or_init(|| {
        let length = NonZeroUsize::new(size_of::<Page>()).expect("a size");
        let prot = ProtFlags::PROT_READ | ProtFlags::PROT_WRITE;
        // SAFETY: a new mapping at a place of the kernel's choice touches no existing object.
        let place = unsafe { mmap_anonymous(None, length, prot, MapFlags::MAP_SHARED) }.expect("a page");
        // SAFETY: mapped for ever, all zero, atomics.
        unsafe { place.cast().as_ref() }
    })
}

fn note(signo: c_int, info: *mut libc::siginfo_t) {
    let page = page();
    // SAFETY: the kernel passes a valid siginfo.
    let info = unsafe { &*info };
    // SAFETY: a fault's siginfo has an address.
    let address = unsafe { info.si_addr() };
    page[1].store(info.si_code as u64, Relaxed);
    page[2].store(address as u64, Relaxed);
    page[0].store(signo as u64, Relaxed);
}

extern "C" fn land(signo: c_int, info: *mut libc::siginfo_t, context: *mut c_void) {
    note(signo, info);
    let context = context.cast::<libc::ucontext_t>();
    let landing = floor_landing as *const () as usize;
    #[cfg(target_arch = "x86_64")]
    // SAFETY: the kernel's context, which only this handler refers to.
    unsafe {
        (*context).uc_mcontext.gregs[libc::REG_RIP as usize] = landing as i64;
    }
    #[cfg(target_arch = "aarch64")]
    // SAFETY: the kernel's context, which only this handler refers to.
    unsafe {
        (*context).uc_mcontext.pc = landing as u64;
    }
}

extern "C" fn leave(signo: c_int, info: *mut libc::siginfo_t, _: *mut c_void) {
    note(signo, info);
    // SAFETY: _exit runs nothing of ours.
    unsafe { libc::_exit(0) }
}

fn catch(handler: extern "C" fn(c_int, *mut libc::siginfo_t, *mut c_void), flags: SaFlags) {
    let action = SigAction::new(
        SigHandler::SigAction(handler),
        flags | SaFlags::SA_SIGINFO,
        SigSet::empty(),
    );
    for signal in [Signal::SIGBUS, Signal::SIGSEGV] {
        // SAFETY: both handlers are async-signal-safe.
        unsafe { sigaction(signal, &action) }.expect("sigaction");
    }
}

/// One page of an empty file's mapping behind its end, and one with a byte: `[good, bad]`.
fn mapped(size: usize) -> [usize; 2] {
    let file = tempfile::tempfile().expect("a file");
    file.set_len(1).expect("a byte");
    let length = NonZeroUsize::new(2 * size).expect("a size");
    // SAFETY: a new mapping at a place of the kernel's choice touches no existing object.
    let place = unsafe {
        mmap(
            None,
            length,
            ProtFlags::PROT_READ,
            MapFlags::MAP_SHARED,
            file.as_fd(),
            0,
        )
    };
    let place = place.expect("a mapping").as_ptr() as usize;
    [place, place + size]
}

/// Do some work in a forked child, and give its time.
fn child(work: impl FnOnce()) -> Duration {
    let page = page();
    // SAFETY: the bench has one thread; the child does its work and ends in _exit.
    match unsafe { fork() }.expect("fork") {
        ForkResult::Child => {
            let begin = Instant::now();
            work();
            page[3].store(begin.elapsed().as_nanos() as u64, Relaxed);
            // SAFETY: _exit runs nothing of ours.
            unsafe { libc::_exit(0) }
        }
        ForkResult::Parent { child } => {
            let status = waitpid(child, None).expect("waitpid");
            assert!(matches!(status, nix::sys::wait::WaitStatus::Exited(_, 0)), "{status:?}");
            Duration::from_nanos(page[3].load(Relaxed))
        }
    }
}

/// A load that succeeds, from assembly.
pub fn load(count: u64, size: usize) -> Duration {
    let [good, bad] = mapped(size);
    let time = child(|| {
        for _ in 0..count {
            // SAFETY: a page with a byte.
            std::hint::black_box(unsafe { floor_load(good as *const c_void) });
        }
    });
    unmap(bad - size, size);
    time
}

/// A fault whose handler moves the program counter to a landing pad and returns.
pub fn landing_pad(count: u64, size: usize) -> Duration {
    let [good, bad] = mapped(size);
    let mut stack = vec![0_u8; 1 << 16];
    let time = child(|| {
        let alternate = libc::stack_t {
            ss_sp: stack.as_mut_ptr().cast(),
            ss_flags: 0,
            ss_size: stack.len(),
        };
        // SAFETY: the stack outlives the child's faults.
        unsafe { libc::sigaltstack(&alternate, std::ptr::null_mut()) };
        catch(land, SaFlags::SA_ONSTACK | SaFlags::SA_NODEFER);
        for _ in 0..count {
            // SAFETY: the handler lands.
            let met = unsafe { floor_load(bad as *const c_void) };
            assert!(met == -1 && page()[0].load(Relaxed) == libc::SIGBUS as u64);
        }
    });
    unmap(good, size);
    time
}

/// A fault in a process of its own, whose handler notes it in a shared page.
pub fn fork_and_handler(count: u64, size: usize) -> Duration {
    let [good, bad] = mapped(size);
    let time = child(|| {
        for _ in 0..count {
            page()[0].store(0, Relaxed);
            forked(|| {
                catch(leave, SaFlags::empty());
                // SAFETY: the handler ends the process.
                unsafe { floor_load(bad as *const c_void) };
            });
            assert!(page()[0].load(Relaxed) == libc::SIGBUS as u64);
        }
    });
    unmap(good, size);
    time
}

/// A process that only ends, from this one.
pub fn fork_and_exit(count: u64) -> Duration {
    let begin = Instant::now();
    for _ in 0..count {
        forked(|| {});
    }
    begin.elapsed()
}

fn forked(work: impl FnOnce()) {
    // SAFETY: one thread; the child does its work and ends in _exit.
    match unsafe { fork() }.expect("fork") {
        ForkResult::Child => {
            work();
            // SAFETY: _exit runs nothing of ours.
            unsafe { libc::_exit(0) }
        }
        ForkResult::Parent { child } => {
            waitpid(child, None).expect("waitpid");
        }
    }
}

/// A system call that does nothing.
pub fn syscall(count: u64) -> Duration {
    let begin = Instant::now();
    for _ in 0..count {
        std::hint::black_box(nix::unistd::getppid());
    }
    begin.elapsed()
}

fn unmap(at: usize, size: usize) {
    let place = NonNull::new(at as *mut c_void).expect("a place");
    // SAFETY: a mapping of `mapped`, which nobody refers to any more.
    unsafe { munmap(place, 2 * size) }.expect("munmap");
}
