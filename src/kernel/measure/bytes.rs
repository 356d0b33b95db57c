//! What the files of a measurement hold, in which order their pages are visited, and the buffers for it: all made before
//! the fork. Each page begins with its number, so that no two pages are alike.

use std::os::fd::{AsFd, OwnedFd};

use nix::errno::Errno;
use nix::sys::uio::{pread, pwrite};

use super::{GRAIN, PAGES_CACHED, PAGES_COLD};
use crate::op::Condition;

/// The files' bytes and what is needed to work on them.
#[derive(Debug)]
pub struct Bytes {
    /// of each file
    pub size: u64,
    /// of a page
    pub page: u64,
    /// all pages of the file, in an order drawn by lot
    order: Vec<u32>,
    /// a buffer of the largest call
    pub buffer: Vec<u8>,
    /// one byte a page, for mincore
    pub resident: Vec<u8>,
}

impl Bytes {
    /// All room is made here, in the parent.
    pub fn new(size: u64, page: u64) -> Bytes {
        let pages = size.div_ceil(page) as u32;
        let mut order: Vec<u32> = (0..pages).collect();
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        for i in (1..order.len()).rev() {
            state = next(state);
            order.swap(i, (state >> 33) as usize % (i + 1));
        }
        Bytes {
            size,
            page,
            order,
            buffer: vec![1; GRAIN.max(page) as usize],
            resident: vec![1; pages as usize],
        }
    }

    /// The n-th page visited under a condition; in each round others.
    pub fn page_at(&self, condition: Condition, round: u32, n: usize) -> u64 {
        let from = round as usize * self.count(condition);
        self.order[(from + n) % self.order.len()].into()
    }

    fn count(&self, condition: Condition) -> usize {
        let most = if condition.cached { PAGES_CACHED } else { PAGES_COLD };
        self.order.len().min(most)
    }

    /// How many bytes are worked on under a condition.
    pub fn of(&self, condition: Condition) -> u64 {
        match condition.random {
            true => self.count(condition) as u64 * self.page,
            false => self.size,
        }
    }

    /// What the sum of a page is: its number once, and ones.
    fn sum_of_page(&self, page: u64) -> u64 {
        page.wrapping_add((self.page / 8 - 1).wrapping_mul(0x0101_0101_0101_0101))
    }

    /// What the sum of all bytes worked on must be.
    pub fn sum(&self, condition: Condition, round: u32) -> u64 {
        let add = |sum: u64, page| sum.wrapping_add(self.sum_of_page(page));
        match condition.random {
            true => (0..self.count(condition))
                .map(|n| self.page_at(condition, round, n))
                .fold(0, add),
            false => (0..self.size / self.page).fold(0, add),
        }
    }

    /// Write the whole file: each page its number, then ones.
    pub fn write_all(&mut self, fd: &OwnedFd) -> nix::Result<()> {
        self.buffer.fill(1);
        let mut at = 0;
        while at < self.size {
            let length = self.buffer.len().min((self.size - at) as usize);
            let chunk = &mut self.buffer[..length];
            for (i, page) in chunk.chunks_mut(self.page as usize).enumerate() {
                page[..8].copy_from_slice(&(at / self.page + i as u64).to_ne_bytes());
            }
            match pwrite(fd.as_fd(), chunk, at as i64)? {
                0 => return Err(Errno::ENOSPC),
                wrote => at += wrote as u64 / self.page * self.page,
            }
        }
        Ok(())
    }

    /// Read the whole file once, so that it is cached.
    pub fn read_all(&mut self, fd: &OwnedFd) -> nix::Result<()> {
        let mut at = 0;
        while at < self.size {
            match pread(fd.as_fd(), &mut self.buffer, at as i64)? {
                0 => return Err(Errno::EIO),
                got => at += got as u64,
            }
        }
        Ok(())
    }
}

fn next(state: u64) -> u64 {
    state
        .wrapping_mul(6_364_136_223_846_793_005)
        .wrapping_add(1_442_695_040_888_963_407)
}
