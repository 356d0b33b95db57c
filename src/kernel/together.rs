//! Numbers that parent and child share: pages mapped before the fork. It may not know what they count.
#![allow(unsafe_code)]

use std::num::NonZeroUsize;
use std::ptr::NonNull;

use nix::sys::mman::{MapFlags, ProtFlags, mmap_anonymous, munmap};

/// A value in pages that a forked child shares, for as long as this lives.
#[derive(Debug)]
pub struct Together<T>(NonNull<T>);

/// What may lie there.
///
/// # Safety
///
/// All bytes zero are a valid value, everything in it is atomic, and it needs no drop.
pub unsafe trait Shareable {}

// SAFETY: an atomic number, and zero is one.
unsafe impl Shareable for std::sync::atomic::AtomicU64 {}
// SAFETY: nothing but shareable values.
unsafe impl<T: Shareable, const N: usize> Shareable for [T; N] {}

impl<T: Shareable> Together<T> {
    const LENGTH: NonZeroUsize = NonZeroUsize::new(size_of::<T>()).expect("a value of some size");

    /// Map one, all zero.
    pub fn new() -> nix::Result<Together<T>> {
        let prot = ProtFlags::PROT_READ | ProtFlags::PROT_WRITE;
        // SAFETY: a new mapping at a place of the kernel's choice touches no existing object.
        let place = unsafe { mmap_anonymous(None, Self::LENGTH, prot, MapFlags::MAP_SHARED)? };
        Ok(Together(place.cast()))
    }

    /// The value.
    pub fn get(&self) -> &T {
        // SAFETY: mapped until drop, page-aligned, and by `Shareable` valid, whoever stores to it.
        unsafe { self.0.as_ref() }
    }
}

impl<T> Drop for Together<T> {
    fn drop(&mut self) {
        // SAFETY: exactly the mapping made in `new`; no reference to it outlives `self`.
        let _ = unsafe { munmap(self.0.cast(), size_of::<T>()) };
    }
}
