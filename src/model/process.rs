//! A process: its address space, its limits, what it does about faults; and fork(2). It may not know files.

use super::errno::EPERM;
use super::space::{Anon, Space};
use super::{Model, Reason, Refusal, Ruled, because};
use crate::op::{AREA_LIMIT, Limit, OnFault, ProcId};

/// One process of a script.
#[derive(Clone, Debug, Default)]
pub struct Process {
    pub spaces: [Space; AREA_LIMIT],
    pub on_fault: OnFault,
    /// RLIMIT_FSIZE in bytes
    pub file_size: Option<u64>,
    /// up to how many bytes of mappings RLIMIT_AS allows
    pub address_space: Option<u64>,
    /// RLIMIT_MEMLOCK in bytes
    pub locked: Option<u64>,
    /// RLIMIT_STACK in bytes
    pub stack: Option<u64>,
    /// the tmpfs of the script's own that its mount namespace shows where files are made: unshare(2)
    pub mount: Option<usize>,
    /// how many userfaultfds it has opened: each registration here has its own
    pub watchers: usize,
}

impl Process {
    /// setrlimit(2) of the limit and its ceiling, which only CAP_SYS_RESOURCE raises again.
    pub fn limit(&mut self, limit: Limit, value: u64, may_raise: bool) -> Result<Ruled, Refusal> {
        let value = match limit {
            Limit::AddressSpace => self.mapped_bytes().saturating_add(value),
            _ => value,
        };
        let now = match limit {
            Limit::FileSize => &mut self.file_size,
            Limit::AddressSpace => &mut self.address_space,
            Limit::Locked => &mut self.locked,
            Limit::Stack => &mut self.stack,
        };
        if now.is_some_and(|now| value > now) && !may_raise {
            return Err(Refusal(EPERM, because::CEILING));
        }
        *now = Some(value);
        Ok(Ruled::done(Reason::Call))
    }

    /// Bytes of all mappings.
    pub fn mapped_bytes(&self) -> u64 {
        let vmas = self.spaces.iter().flat_map(|space| &space.vmas);
        vmas.map(|vma| (vma.end - vma.start) as u64).sum::<u64>()
    }

    /// Does RLIMIT_AS allow so many bytes more? mm/mmap.c, may_expand_vm.
    pub fn may_expand(&self, more: u64) -> bool {
        let limit = self.address_space.unwrap_or(u64::MAX);
        self.mapped_bytes().saturating_add(more) <= limit
    }

    /// Bytes under mlock(2).
    pub fn locked_bytes(&self) -> u64 {
        let vmas = self.spaces.iter().flat_map(|space| &space.vmas);
        vmas.filter(|vma| vma.locked)
            .map(|vma| (vma.end - vma.start) as u64)
            .sum()
    }
}

impl Model {
    /// fork(2): the child has the same VMAs and its own copy of everything private. Memory locks are not inherited;
    /// MADV_DONTFORK and MADV_WIPEONFORK are obeyed here: madvise(2).
    pub(super) fn fork(&mut self, by: ProcId, child: ProcId) -> Ruled {
        let page = self.page();
        let mut process = self.processes[by].clone();
        for space in &mut process.spaces {
            for vma in space.vmas.clone() {
                if vma.dont_fork {
                    space.remove(vma.start, vma.end, page);
                } else if vma.wipe_on_fork {
                    space.empty(vma.start, vma.end, page);
                } else if vma.anon.is_none() && !vma.guarded {
                    // What faults would bring again is not copied (mm/memory.c, vma_needs_copy).
                    space.forget(vma.start, vma.end, page);
                }
            }
            for vma in &mut space.vmas {
                vma.locked = false;
                vma.anon = vma.anon.filter(|_| !vma.wipe_on_fork).map(|_| {
                    self.anons += 1;
                    Anon {
                        id: self.anons,
                        inherited: true,
                    }
                });
                vma.missing = None; // without UFFD_FEATURE_EVENT_FORK: fs/userfaultfd.c, dup_userfaultfd
            }
        }
        for descriptor in self.descriptors.values_mut() {
            descriptor.open[child] = descriptor.open[by];
        }
        debug_assert_eq!(child, self.processes.len());
        self.processes.push(process);
        Ruled::done(Reason::Forked)
    }
}
