//! Scripts that need a holder of their own, because what they do cannot be taken back: limits, names, mounts, seals, a
//! userfaultfd, a stack. Each has one theme, told between operations of all kinds. It draws with what `draw` knows.

use super::apart::STACK_GUARD_GAP;
use super::draw::Drawing;
use crate::op::{Access, Advice, FileKind, Limit, MapFlags, Mapping, OnFault, Op, Place, Prot, Share, Source};

/// What a script is about that needs a holder of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tale {
    /// setrlimit(2)
    Limits,
    /// files with names: unlink(2), rename(2), open(2) by name
    Names,
    /// a tmpfs that can be full
    Mount,
    /// mseal(2)
    Seal,
    /// userfaultfd(2)
    Missing,
    /// a mapping that grows downwards
    Stack,
}

/// What this machine gives, of what not every machine does.
#[derive(Clone, Copy, Debug, Default)]
pub struct Gives {
    /// user namespaces, and so mounts of one's own
    pub userns: bool,
    /// userfaultfd(2)
    pub userfaultfd: bool,
}

impl Gives {
    pub(super) fn tales(self) -> Vec<Tale> {
        let mut tales = vec![Tale::Limits, Tale::Names, Tale::Seal, Tale::Stack];
        tales.extend(self.userns.then_some(Tale::Mount));
        tales.extend(self.userfaultfd.then_some(Tale::Missing));
        tales
    }
}

impl Drawing<'_> {
    /// One operation more of the script's theme.
    pub(super) fn tell(&mut self, tale: Tale) -> Option<Op> {
        let page = self.world.page;
        if matches!(tale, Tale::Limits | Tale::Seal | Tale::Missing) && self.chance(12) {
            self.moves();
            return None;
        }
        match tale {
            Tale::Limits => {
                if self.chance(10) {
                    return self.refused_late();
                }
                let set = self.acts.iter().rev().find_map(|act| match act.op {
                    Op::Limit(limit, _) => Some(limit),
                    _ => None,
                });
                match set.filter(|_| self.rng.u32(..5) > 0) {
                    Some(limit) => self.meet(limit),
                    // Once lowered, only some may raise it again.
                    None => Some(match self.rng.u32(..4) {
                        0 | 1 => Op::Limit(Limit::FileSize, self.size()),
                        2 => Op::Limit(Limit::Locked, self.small(4)),
                        _ => Op::Limit(Limit::AddressSpace, self.rng.u64(0..5) * page),
                    }),
                }
            }
            Tale::Names => self.name(),
            Tale::Mount => {
                let file = self.files.len();
                let mounted = self.acts.iter().any(|act| matches!(act.op, Op::Mount { .. }));
                // One file of its own filesystem, and then it fills.
                if mounted {
                    let (at, len) = self.range();
                    let made = |op: &Op| match op {
                        Op::Create { file, .. } if self.is_open(*file) => Some(*file),
                        _ => None,
                    };
                    let own = self.acts.iter().rev().find_map(|act| made(&act.op));
                    return match self.rng.u32(..20) {
                        12..15 => self.fill(),
                        17 | 18 => self.let_go(),
                        0 => self.write(),
                        1 => self.allocate(),
                        2 => self.copy(),
                        3 => {
                            let advice = Advice::PopulateWrite;
                            Some(Op::Advise { at, len, advice })
                        }
                        4 => Some(Op::Lock { at, len }),
                        5 => {
                            let (at, mut mapping) = self.mapping();
                            mapping.flags.populate = true;
                            Some(Op::Map { at, mapping })
                        }
                        6 => {
                            let at = self.rng.u64(..6 * page);
                            self.send_much(at)
                        }
                        7 => self.keep_copy(),
                        8 => self.refuse_all(),
                        9 | 19 => self.behind_the_end(own?),
                        10 | 11 => self.room(),
                        _ => None,
                    };
                }
                let bytes = self.rng.u64(1..6) * page;
                self.happen(Op::Mount { bytes, huge: false });
                // Some lie elsewhere all the same.
                let kind = match self.rng.u32(..8) {
                    0 => FileKind::Shm,
                    1 => FileKind::Memfd { sealing: false },
                    _ => FileKind::Regular,
                };
                self.happen(Op::Create { file, kind });
                let size = self.rng.u64(1..10) * page;
                self.happen(Op::Truncate { file, size });
                self.anew(Source::File(file), size, Share::Shared)
            }
            Tale::Seal => {
                let (at, len) = self.range();
                Some(match self.rng.u32(..11) {
                    0..3 => Op::Mseal { at, len },
                    // What may not be written may not be thrown away either.
                    3 | 4 => Op::Advise {
                        at,
                        len,
                        advice: self.one_of(&[Advice::DontNeed, Advice::Free, Advice::GuardInstall, Advice::WillNeed]),
                    },
                    5 => Op::Protect {
                        at,
                        len,
                        prot: self.one_of(&[Prot::READ, Prot::READ_WRITE]),
                    },
                    6 => return self.anew(Source::Anonymous, 3 * page, Share::Private),
                    7 if self.chance(70) => return self.seal_behind(),
                    7 | 8 => {
                        let Op::Map { at, mut mapping } = self.anew(Source::Anonymous, page, Share::Private)? else {
                            return None;
                        };
                        mapping.prot = Prot::READ;
                        self.happen(Op::Map { at, mapping });
                        self.happen(Op::Mseal { at, len: page });
                        let fine = [Advice::WillNeed, Advice::PopulateRead, Advice::GuardRemove];
                        let advice = self.one_of(&fine);
                        Op::Advise { at, len: page, advice }
                    }
                    9 => {
                        let mut mapping = self.plain_mapping(Source::Anonymous);
                        mapping.flags.fixed = self.chance(50);
                        let at = at.area_at(at.at.max(0));
                        Op::Map { at, mapping }
                    }
                    _ => return self.sealed_fault(),
                })
            }
            Tale::Missing => self.watch(),
            Tale::Stack => {
                let grows = |op: &Op| {
                    matches!(op, Op::Map { mapping, .. } if mapping.flags.grows_down
                        && (mapping.source, mapping.share) == (Source::Anonymous, Share::Private))
                };
                if let Some(act) = self.acts.iter().rfind(|act| grows(&act.op)) {
                    let Op::Map { at, .. } = act.op else { return None };
                    // What is put in its way, or near it, where it says it needs room.
                    if self.chance(25) {
                        let mut mapping = self.plain_mapping(Source::Anonymous);
                        mapping.flags.no_replace = self.chance(30);
                        let down = self.below(at, mapping.len);
                        return Some(Op::Map {
                            at: at.plus(-down),
                            mapping,
                        });
                    }
                    if self.chance(15) {
                        return self.neighbour(at);
                    }
                    if self.chance(20) {
                        return self.below_a_stack(at);
                    }
                    let below = self.rng.i64(1..16 * page as i64);
                    let access = if self.chance(50) {
                        Access::Load
                    } else {
                        Access::Store(b's')
                    };
                    return Some(Op::Touch {
                        at: at.plus(-below),
                        access,
                    });
                }
                let far = self.chance(50);
                let up = if far { STACK_GUARD_GAP + 30 } else { 100 } * page;
                let Some(Op::Map { at, mut mapping }) = self.anew(Source::Anonymous, up, Share::Private) else {
                    return None;
                };
                if far {
                    // Of what is mapped below it one page stays, too far away to matter.
                    self.happen(Op::Map { at, mapping });
                    let (at, len) = (at.plus(page as i64), up - page);
                    self.happen(Op::Unmap { at, len });
                }
                let at = at.plus(up as i64);
                mapping.len = 2 * page;
                mapping.flags.grows_down = true;
                // Without a limit it would grow into the hole of the area below.
                let most = self.rng.u64(1..24) * page;
                let limit = self.lower(Limit::Stack, most)?;
                self.happen(limit);
                Some(Op::Map { at, mapping })
            }
        }
    }

    /// Something that a limit may forbid.
    fn meet(&mut self, limit: Limit) -> Option<Op> {
        if limit == Limit::FileSize && self.chance(35) {
            return self.reach_limit();
        }
        match (limit, self.rng.u32(..4)) {
            (Limit::FileSize, 0) => self.write(),
            (Limit::FileSize, 1) => self.truncate(),
            (Limit::FileSize, 2) => self.allocate(),
            (Limit::FileSize, _) if self.chance(50) => {
                let limit = self.acts.iter().rev().find_map(|act| match act.op {
                    Op::Limit(Limit::FileSize, limit) => Some(limit),
                    _ => None,
                })?;
                let at = limit.saturating_sub(1 + self.rng.u64(..self.world.page));
                self.send_much(at)
            }
            (Limit::FileSize, _) => self.copy(),
            (Limit::Locked, 0) => {
                let (at, mut mapping) = self.mapping();
                mapping.flags.locked = true;
                Some(Op::Map { at, mapping })
            }
            (Limit::Locked, _) => {
                let (at, len) = self.range();
                Some(Op::Lock { at, len })
            }
            (_, 0) => Some(Op::OnFault(OnFault::Cover)),
            (_, 1) => Some(self.remap()),
            _ => {
                let (at, mapping) = self.mapping();
                Some(Op::Map { at, mapping })
            }
        }
    }

    /// A limit, where there is none yet.
    pub(super) fn lower(&self, limit: Limit, value: u64) -> Option<Op> {
        let known = |op: &Op| matches!(op, Op::Limit(known, _) if *known == limit);
        let first = !self.acts.iter().any(|act| known(&act.op));
        first.then_some(Op::Limit(limit, value))
    }

    /// A mapping in an area that has none yet.
    pub(super) fn anew(&mut self, source: Source, len: u64, share: Share) -> Option<Op> {
        let area = Some(self.areas).filter(|area| *area < crate::op::AREA_LIMIT)?;
        let mapping = Mapping {
            source,
            offset: 0,
            len,
            prot: Prot::READ_WRITE,
            share,
            flags: MapFlags::default(),
        };
        Some(Op::Map {
            at: Place { area, at: 0 },
            mapping,
        })
    }

    fn name(&mut self) -> Option<Op> {
        let file = self.files.len();
        let named: Vec<usize> = (0..file)
            .filter(|file| self.files[*file].kind == FileKind::Named)
            .collect();
        let created: Vec<usize> = named
            .into_iter()
            .filter(|file| {
                let creates = |op: &Op| matches!(op, Op::Create { file: created, .. } if created == file);
                self.acts.iter().any(|act| creates(&act.op))
            })
            .collect();
        if created.len() < 2 && self.chance(60) || created.is_empty() {
            return Some(Op::Create {
                file,
                kind: FileKind::Named,
            });
        }
        let (mut name, other) = (self.one_of(&created), self.one_of(&created));
        if self.chance(10) {
            name = self.rng.usize(..file); // which may have been created without one
        }
        Some(match self.rng.u32(..3) {
            0 => Op::Unlink { name },
            1 => Op::Rename { from: name, to: other },
            _ => Op::OpenName { file, name },
        })
    }
}
