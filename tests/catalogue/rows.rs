//! The rows. Lengths are said in pages `p` and the odd bytes of the file (`F`) and of the mapping (`L`).

use super::Is::{
    Accerr, Bus, BusAt, Byte, Count, Elsewhere, End, Errno, Killed, KilledSegv, Loops, Maperr, Ok, Pkuerr,
};
use super::{Row, anonymous, of, row};
use libc::{EACCES, EBADF, EBUSY, EEXIST, EFAULT, EFBIG, EINVAL, ENODEV, ENOMEM, EOPNOTSUPP, EOVERFLOW, EPERM};
use mmap_lab::op::{
    Access, Advice, ExecuteOnly, FileKind, Filesystem, Growth, Limit, MapFlags, Mapping, OnFault, Op, Place, Prot,
    Quantity, Rights, Seals, Share, Source, World,
};

const RW: Prot = Prot::READ_WRITE;
const FIXED: MapFlags = MapFlags {
    fixed: true,
    no_replace: false,
    populate: false,
    locked: false,
    no_reserve: false,
    sync: false,
    unknown: false,
    grows_down: false,
};

fn flagged(mapping: Mapping, flags: MapFlags) -> Mapping {
    Mapping { flags, ..mapping }
}

fn sync(at: u64) -> Op {
    Op::Sync {
        at: (at as i64).into(),
        len: 1,
    }
}

pub fn all(world: &World) -> Vec<Row> {
    let p = world.page;
    let mut rows = size(p);
    rows.extend(changes(world));
    rows.extend(rights(p));
    rows.extend(addresses(p));
    rows.extend(flags(world));
    rows.extend(sharing(p));
    rows.extend(calls(world));
    rows.extend(advice(p));
    rows.extend(moves(p));
    rows.extend(handlers(p));
    rows.extend(modern(world));
    rows
}

fn size(p: u64) -> Vec<Row> {
    let (f, l) = (p + 904, 3 * p + 2712);
    let past_eof = |row: Row| {
        row.load(f - 1, Byte(b'A'))
            .load(f, Byte(0))
            .load(2 * p - 1, Byte(0))
            .store(2 * p - 1, Ok)
            .load(2 * p, Bus)
            .store(2 * p, Bus)
            .load(l, Bus)
            .load(4 * p - 1, Bus)
            .load(4 * p, Maperr)
    };
    vec![
        row("A1")
            .file(f)
            .shared(f)
            .load(f - 1, Byte(b'A'))
            .load(f, Byte(0))
            .store(2 * p - 1, Ok)
            .load(2 * p, Maperr)
            .ask(Quantity::Size(0), Count(f, f)),
        past_eof(row("A2").file(f).shared(l)),
        past_eof(row("A3").file(f).private(l)),
        row("A4")
            .file(0)
            .shared(1)
            .load(0, Bus)
            .load(p - 1, Bus)
            .load(p, Maperr),
        row("A5")
            .file(p)
            .shared(p + 1)
            .load(p - 1, Byte(b'A'))
            .load(p, Bus)
            .load(2 * p - 1, Bus)
            .load(2 * p, Maperr),
        row("A6").file(p).shared(p).load(p - 1, Byte(b'A')).load(p, Maperr),
        row("A7")
            .file(p + 1)
            .shared(2 * p)
            .load(p, Byte(b'A'))
            .load(p + 1, Byte(0))
            .load(2 * p - 1, Byte(0)),
        row("A8").file(f).shared(1).load(p - 1, Byte(b'A')).load(p, Maperr),
        row("A9")
            .file(f)
            .mmap(
                0,
                Mapping {
                    offset: p,
                    ..of(0, f, RW, Share::Shared)
                },
                Ok,
            )
            .load(903, Byte(b'A'))
            .load(904, Byte(0))
            .load(p, Bus)
            .load(2 * p - 1, Bus)
            .load(2 * p, Maperr),
        row("A10")
            .file(f)
            .mmap(
                0,
                Mapping {
                    offset: 2 * p,
                    ..of(0, f, RW, Share::Shared)
                },
                Ok,
            )
            .load(0, Bus)
            .load(2 * p - 1, Bus),
        row("A11").file(f).shared(l).load(l - 1, Bus),
        row("A16")
            .kind(0, FileKind::Regular)
            .anonymous(f)
            .load(f, Byte(0))
            .store(2 * p - 1, Ok)
            .load(2 * p, Maperr),
        row("A18")
            .kind(0, FileKind::Zero)
            .private(f)
            .load(0, Byte(0))
            .store(2 * p - 1, Ok)
            .load(2 * p, Maperr),
        row("A18 shared")
            .kind(0, FileKind::Zero)
            .shared(f)
            .load(0, Byte(0))
            .store(2 * p - 1, Ok)
            .load(2 * p, Maperr),
        row("A20")
            .kind(0, FileKind::Memfd { sealing: false })
            .shared(l)
            .load(0, Bus)
            .size(f)
            .load(f - 1, Byte(0))
            .load(2 * p - 1, Byte(0))
            .load(2 * p, Bus)
            .load(4 * p, Maperr),
    ]
}

fn changes(world: &World) -> Vec<Row> {
    let p = world.page;
    let tmpfs = world.filesystem == Filesystem::Tmpfs;
    let allocate = |mode, at, len| Op::Allocate { file: 0, mode, at, len };
    let shifts = matches!(world.filesystem, Filesystem::Ext4 | Filesystem::Xfs);
    let shift = if shifts { Ok } else { Errno(EOPNOTSUPP) };
    vec![
        row("B3")
            .file(3 * p)
            .shared(3 * p)
            .load(2 * p, Byte(b'A'))
            .size(p + 904)
            .load(2 * p, Bus)
            .load(p + 904, Byte(0)),
        row("B4")
            .file(2 * p - 192)
            .shared(2 * p)
            .load(p + 904, Byte(b'A'))
            .size(p + 904)
            .load(p + 904, Byte(0)),
        row("B5")
            .file(2 * p - 192)
            .shared(2 * p)
            .size(p + 904)
            .size(2 * p - 192)
            .load(p + 904, Byte(0))
            .size(0)
            .size(2 * p - 192)
            .load(0, Byte(0)),
        row("B6")
            .file(3 * p)
            .private(3 * p)
            .store(2 * p, Ok)
            .size(p + 904)
            .load(2 * p, Bus)
            .size(3 * p)
            .load(2 * p, Byte(0)),
        row("B8")
            .file(2 * p)
            .private(2 * p)
            .store(0, Ok)
            .op(allocate(Growth::Punch, 0, 2 * p), Ok)
            .load(0, Byte(b'Z'))
            .load(p, Byte(0)),
        row("B9")
            .file(p)
            .shared(2 * p)
            .load(p, Bus)
            .op(
                Op::Write {
                    file: 0,
                    at: 2 * p - 1193,
                    len: 1,
                    byte: b'w',
                },
                Ok,
            )
            .load(2 * p - 1193, Byte(b'w'))
            .load(p, Byte(0)),
        row("B10")
            .file(p)
            .shared(4 * p)
            .op(allocate(Growth::Keep, 3 * p, p), Ok)
            .load(3 * p, Bus)
            .op(allocate(Growth::Extend, 3 * p, p), Ok)
            .load(3 * p, Byte(0)),
        row("B11")
            .unless(
                !shifts && !tmpfs && world.filesystem != Filesystem::Btrfs,
                "the catalogue says nothing of this filesystem",
            )
            .file(3 * p)
            .shared(3 * p)
            .op(allocate(Growth::Collapse, 0, p), shift)
            .load(2 * p, if shifts { Bus } else { Byte(b'A') })
            .op(allocate(Growth::Insert, 0, p), shift)
            .load(2 * p, Byte(b'A')),
        row("B11 behind the end")
            .unless(
                world.filesystem != Filesystem::Ext4,
                "ext4 alone counts blocks in 32 bits",
            )
            .file(2 * p)
            .private(2 * p)
            .store(0, Ok)
            .store(p, Ok)
            .op(allocate(Growth::Keep, world.largest_file() - p, p), Ok)
            .op(allocate(Growth::Insert, p, p), Errno(EINVAL))
            .ask(Quantity::Size(0), Count(3 * p, 3 * p))
            .load(0, Byte(b'Z'))
            .load(p, Byte(b'A'))
            .read(2 * p, Byte(0))
            .size(3 * p)
            .op(allocate(Growth::Insert, p, p), Ok)
            .load(p, Byte(0))
            .read(2 * p, Byte(b'A')),
        row("B12")
            .file(p)
            .shared(p)
            .load(0, Byte(b'A'))
            .op(Op::Fork { child: 1 }, Ok)
            .by(1)
            .size(0)
            .by(0)
            .load(0, Bus),
        row("B14")
            .file(3 * p)
            .shared(3 * p)
            .lock(0, 3 * p, Ok)
            .size(p)
            .load(p, Bus)
            .load(0, Byte(b'A')),
        row("C2")
            .file(p / 2)
            .shared(p)
            .store(p / 2, Ok)
            .op(sync(0), Ok)
            .read(p / 2, End)
            .ask(Quantity::Size(0), Count(p / 2, p / 2)),
        row("C4")
            .unless(!tmpfs && !shifts, "the catalogue says nothing of this filesystem")
            .file(p / 2)
            .shared(p)
            .store(p - 1, Ok)
            .sync(0, p, Ok)
            .unmap(0, p, Ok)
            .shared(p)
            .load(p - 1, Byte(if tmpfs { b'Z' } else { 0 })),
        row("C5")
            .unless(!tmpfs && !shifts, "the catalogue says nothing of this filesystem")
            .file(p / 2)
            .shared(p)
            .store(p - 2, Ok)
            .size(p - 1)
            .read(p - 2, Byte(if tmpfs { b'Z' } else { 0 })),
    ]
}

fn rights(p: u64) -> Vec<Row> {
    let again = |id, rights| row(id).file(p).op(Op::Reopen { file: 1, of: 0, rights }, Ok);
    vec![
        row("D1")
            .file(p)
            .mmap(0, of(0, p, Prot::READ, Share::Shared), Ok)
            .store(7, Accerr),
        row("D2")
            .file(p)
            .mmap(0, of(0, p, Prot::NONE, Share::Shared), Ok)
            .load(7, Accerr)
            .store(7, Accerr),
        row("D6")
            .file(p)
            .mmap(0, of(0, 2 * p, Prot::READ, Share::Shared), Ok)
            .store(p, Accerr)
            .load(p, Bus),
        row("D7")
            .file(p)
            .mmap(0, of(0, 2 * p, Prot::NONE, Share::Shared), Ok)
            .load(p, Accerr)
            .protect(0, 2 * p, RW, Ok)
            .load(p, Bus),
        row("D9")
            .file(p)
            .shared(p)
            .store(0, Ok)
            .protect(0, p, Prot::NONE, Ok)
            .load(0, Accerr)
            .protect(0, p, RW, Ok)
            .load(0, Byte(b'Z')),
        row("D10")
            .file(3 * p)
            .mmap(0, of(0, 3 * p, Prot::READ, Share::Shared), Ok)
            .protect(p, 1, RW, Ok)
            .store(2 * p - 1, Ok)
            .store(2 * p, Accerr),
        row("D12")
            .file(p)
            .shared(p)
            .protect(1, p, RW, Errno(EINVAL))
            .protect(0, 0, Prot::NONE, Ok)
            .load(0, Byte(b'A')),
        row("D13").unless(
            true,
            "the instrument may not reach past its own hole: a length of SIZE_MAX",
        ),
        again("D14", Rights::Write)
            .mmap(0, of(1, p, Prot::NONE, Share::Shared), Errno(EACCES))
            .mmap(0, of(1, p, Prot::WRITE, Share::Private), Errno(EACCES)),
        again("D15", Rights::Read).mmap(0, of(1, p, RW, Share::Shared), Errno(EACCES)),
        again("D16", Rights::Read)
            .mmap(0, of(1, p, RW, Share::Private), Ok)
            .store(0, Ok)
            .load(0, Byte(b'Z'))
            .read(0, Byte(b'A')),
        again("D17", Rights::Read)
            .mmap(0, of(1, p, Prot::READ, Share::Shared), Ok)
            .protect(0, p, RW, Errno(EACCES)),
        again("D17 private", Rights::Read)
            .mmap(0, of(1, p, Prot::READ, Share::Private), Ok)
            .protect(0, p, RW, Ok),
        row("D18")
            .file(p)
            .shared(p)
            .op(Op::Close { file: 0 }, Ok)
            .protect(0, p, Prot::READ, Ok)
            .protect(0, p, RW, Ok)
            .store(0, Ok),
        again("D19", Rights::Append)
            .mmap(0, of(1, p, RW, Share::Shared), Ok)
            .store(0, Ok),
        again("D20", Rights::Path).mmap(0, of(1, p, Prot::READ, Share::Shared), Errno(EBADF)),
    ]
}

fn addresses(p: u64) -> Vec<Row> {
    let of = |len| of(0, len, RW, Share::Shared);
    let offset = |offset| Mapping { offset, ..of(p) };
    let top = i64::MAX as u64 & !(p - 1);
    vec![
        row("E1").file(p).shared(p).unmap(0, p, Ok).load(0, Maperr),
        row("E2")
            .file(5 * p)
            .shared(5 * p)
            .unmap(2 * p, 1, Ok)
            .load(2 * p - 1, Byte(b'A'))
            .load(2 * p, Maperr)
            .load(3 * p - 1, Maperr)
            .load(3 * p, Byte(b'A')),
        row("E3").file(p).shared(p).unmap(0, p, Ok).unmap(0, p, Ok),
        row("E4")
            .file(p)
            .shared(p)
            .unmap(0, 0, Errno(EINVAL))
            .unmap(1, p, Errno(EINVAL))
            .load(0, Byte(b'A')),
        row("E4 top").unless(
            true,
            "the instrument may not reach past its own hole: an address beyond TASK_SIZE",
        ),
        row("E5")
            .file(p)
            .private(p)
            .store(0, Ok)
            .unmap(0, p, Ok)
            .private(p)
            .load(0, Byte(b'A')),
        row("E7").file(p).mmap(0, of(0), Errno(EINVAL)),
        row("E8").file(p).mmap(0, offset(1), Errno(EINVAL)),
        row("E9")
            .file(p)
            .mmap(0, of(u64::MAX), Errno(ENOMEM))
            .mmap(0, of(u64::MAX - p), Errno(ENOMEM))
            .mmap(0, of(1 << 47), Errno(ENOMEM)),
        row("E10")
            .file(p)
            .mmap(0, offset(top), Errno(EOVERFLOW))
            .mmap(0, offset(p.wrapping_neg()), Errno(EOVERFLOW)),
        row("E10 far").file(p).mmap(0, offset(1 << 62), Ok).load(0, Bus),
        row("E11").file(p).mmap(1, flagged(of(p), FIXED), Errno(EINVAL)),
        row("E12")
            .file(p)
            .private(p)
            .store(0, Ok)
            .mmap(0, flagged(of(p), FIXED), Ok)
            .load(0, Byte(b'A')),
        row("E14")
            .file(2 * p)
            .shared(2 * p)
            .mmap(
                p as i64,
                flagged(
                    of(2 * p),
                    MapFlags {
                        no_replace: true,
                        ..MapFlags::default()
                    },
                ),
                Errno(EEXIST),
            )
            .load(p, Byte(b'A'))
            .load(2 * p, Maperr),
        row("E15").file(p).shared(p).mmap(0, of(p), Elsewhere),
    ]
}

fn flags(world: &World) -> Vec<Row> {
    let p = world.page;
    let with = |share, flags| flagged(of(0, p, RW, share), flags);
    let unknown = MapFlags {
        unknown: true,
        ..MapFlags::default()
    };
    let sync = MapFlags {
        sync: true,
        ..MapFlags::default()
    };
    let place = MapFlags {
        locked: true,
        ..MapFlags::default()
    };
    let stack = MapFlags {
        grows_down: true,
        ..MapFlags::default()
    };
    let sync_or = match world.filesystem {
        Filesystem::Tmpfs => Ok,
        _ => Errno(EOPNOTSUPP),
    };
    let known = matches!(world.filesystem, Filesystem::Tmpfs | Filesystem::Ext4);
    let mut rows = vec![
        row("E24")
            .file(p)
            .mmap(0, flagged(anonymous(p, Share::Private), stack), Ok)
            .load(0_u64.wrapping_sub(1), Byte(0))
            .store(0_u64.wrapping_sub(3 * p), Ok)
            .load(0_u64.wrapping_sub(2 * p), Byte(0)),
        row("E24 file")
            .file(p)
            .mmap(0, with(Share::Private, stack), Errno(EINVAL))
            .mmap(0, with(Share::Shared, stack), Errno(EINVAL))
            .mmap(0, flagged(anonymous(p, Share::Shared), stack), Errno(EINVAL)),
        row("F1")
            .file(p)
            .mmap(0, with(Share::Neither, MapFlags::default()), Errno(EINVAL)),
        row("F2")
            .file(p)
            .mmap(0, with(Share::Validate, MapFlags::default()), Ok)
            .load(0, Byte(b'A')),
        row("F2 anonymous")
            .file(p)
            .mmap(0, anonymous(p, Share::Validate), Errno(EINVAL)),
        row("F3")
            .file(p)
            .mmap(0, with(Share::Validate, unknown), Errno(EOPNOTSUPP)),
        row("F3 shared").file(p).mmap(0, with(Share::Shared, unknown), Ok),
        row("F3 private").file(p).mmap(0, with(Share::Private, unknown), Ok),
        row("F4")
            .file(p)
            .mmap(0, with(Share::Validate, sync), Errno(EOPNOTSUPP)),
        row("F4 shared")
            .unless(!known, "the catalogue says nothing of this filesystem")
            .file(p)
            .mmap(0, with(Share::Shared, sync), sync_or),
        row("F4 private")
            .unless(!known, "the catalogue says nothing of this filesystem")
            .file(p)
            .mmap(0, with(Share::Private, sync), sync_or),
        row("F6")
            .file(p)
            .op(Op::Close { file: 0 }, Ok)
            .mmap(0, with(Share::Shared, MapFlags::default()), Errno(EBADF))
            .mmap(
                0,
                Mapping {
                    source: Source::Nothing,
                    ..of(0, p, RW, Share::Shared)
                },
                Errno(EBADF),
            ),
        row("F8")
            .file(p)
            .mmap(
                0,
                Mapping {
                    offset: 1,
                    ..anonymous(p, Share::Private)
                },
                Errno(EINVAL),
            )
            .mmap(
                0,
                Mapping {
                    offset: 2 * p,
                    ..anonymous(p, Share::Private)
                },
                Ok,
            )
            .load(0, Byte(0)),
        row("F9")
            .file(p)
            .mmap(
                0,
                flagged(
                    of(0, 2 * p, RW, Share::Shared),
                    MapFlags {
                        populate: true,
                        ..MapFlags::default()
                    },
                ),
                Ok,
            )
            .load(0, Byte(b'A'))
            .load(p, Bus),
        row("F10")
            .file(p)
            .mmap(0, flagged(of(0, 2 * p, RW, Share::Shared), place), Ok)
            .load(p, Bus),
    ];
    for (id, kind) in [
        ("F7 pipe", FileKind::Pipe),
        ("F7 directory", FileKind::Directory),
        ("F7 eventfd", FileKind::Eventfd),
        ("F7 null", FileKind::Null),
    ] {
        rows.push(
            row(id)
                .kind(0, kind)
                .mmap(0, of(0, p, Prot::READ, Share::Shared), Errno(ENODEV)),
        );
    }
    rows
}

fn sharing(p: u64) -> Vec<Row> {
    let seal = |seals| Op::Seal { file: 0, seals };
    let write = seal(Seals {
        write: true,
        ..Seals::default()
    });
    let shrink = seal(Seals {
        shrink: true,
        ..Seals::default()
    });
    let memfd = |id, sealing| row(id).kind(0, FileKind::Memfd { sealing }).size(p);
    let fork = Op::Fork { child: 1 };
    vec![
        row("G1").file(p).shared(p).store(0, Ok).read(0, Byte(b'Z')),
        row("G2")
            .file(p)
            .shared(p)
            .load(0, Byte(b'A'))
            .op(
                Op::Write {
                    file: 0,
                    at: 0,
                    len: 1,
                    byte: b'w',
                },
                Ok,
            )
            .load(0, Byte(b'w')),
        row("G3").file(p).private(p).store(0, Ok).read(0, Byte(b'A')),
        row("G4")
            .file(2 * p)
            .private(2 * p)
            .store(0, Ok)
            .op(
                Op::Write {
                    file: 0,
                    at: 0,
                    len: 2 * p,
                    byte: b'w',
                },
                Ok,
            )
            .load(0, Byte(b'Z'))
            .load(1, Byte(b'A'))
            .load(p, Byte(b'w')),
        row("G7")
            .file(p)
            .mmap(0, anonymous(p, Share::Shared), Ok)
            .op(fork, Ok)
            .by(1)
            .store(0, Ok)
            .by(0)
            .load(0, Byte(b'Z')),
        row("G7 private")
            .file(p)
            .anonymous(p)
            .op(fork, Ok)
            .by(1)
            .store(0, Ok)
            .by(0)
            .load(0, Byte(0)),
        row("G7 file")
            .file(p)
            .private(p)
            .op(fork, Ok)
            .by(1)
            .store(0, Ok)
            .by(0)
            .load(0, Byte(b'A')),
        row("G8 wipe")
            .file(p)
            .anonymous(p)
            .store(0, Ok)
            .advise(0, p, Advice::WipeOnFork, Ok)
            .op(fork, Ok)
            .by(1)
            .load(0, Byte(0)),
        row("G8 not")
            .file(p)
            .anonymous(p)
            .advise(0, p, Advice::DontFork, Ok)
            .op(fork, Ok)
            .by(1)
            .load(0, Maperr),
        row("G8 file")
            .file(p)
            .shared(p)
            .advise(0, p, Advice::WipeOnFork, Errno(EINVAL)),
        memfd("G11", true)
            .shared(p)
            .op(shrink, Ok)
            .op(Op::Truncate { file: 0, size: 0 }, Errno(EPERM))
            .size(2 * p)
            .load(0, Byte(0)),
        memfd("G12", true)
            .shared(p)
            .op(write, Errno(EBUSY))
            .unmap(0, p, Ok)
            .op(write, Ok)
            .mmap(0, of(0, p, RW, Share::Shared), Errno(EPERM))
            .mmap(0, of(0, p, Prot::READ, Share::Shared), Ok)
            .protect(0, p, RW, Errno(EACCES)),
        memfd("G12 private", true).op(write, Ok).private(p).store(0, Ok),
        memfd("G13", false).op(write, Errno(EPERM)),
        memfd("H4", false)
            .shared(p)
            .store(0, Ok)
            .op(Op::Close { file: 0 }, Ok)
            .load(0, Byte(b'Z')),
        row("H4 shm")
            .kind(0, FileKind::Shm)
            .size(p)
            .shared(p)
            .store(0, Ok)
            .op(Op::Close { file: 0 }, Ok)
            .load(0, Byte(b'Z')),
        row("H7")
            .kind(0, FileKind::Named)
            .size(p)
            .shared(p)
            .store(0, Ok)
            .op(Op::Unlink { name: 0 }, Ok)
            .op(Op::Close { file: 0 }, Ok)
            .sync(0, p, Ok)
            .load(0, Byte(b'Z')),
        row("H1")
            .file(p)
            .shared(p)
            .op(Op::Close { file: 0 }, Ok)
            .load(0, Byte(b'A')),
    ]
}

fn calls(world: &World) -> Vec<Row> {
    let p = world.page;
    let send = |from: u64, len, is| {
        (
            Op::Send {
                file: 1,
                at: 0,
                from: (from as i64).into(),
                len,
            },
            is,
        )
    };
    let two = |id| row(id).file(p + 904).shared(4 * p).kind(1, FileKind::Regular);
    let receive = |to: u64, len| Op::Receive {
        file: 1,
        at: 0,
        to: (to as i64).into(),
        len,
    };
    let sent = [send(2 * p, 100, Errno(EFAULT)), send(0, 4 * p, Count(2 * p, 2 * p))];
    let k1 = sent.into_iter().fold(two("K1 K2"), |row, (op, is)| row.op(op, is));
    let resident = |at: u64, len| Quantity::Resident((at as i64).into(), len);
    let limit = |limit, bytes| Op::Limit(limit, bytes);
    let none = Prot::NONE;
    let reserve = flagged(
        Mapping {
            prot: none,
            ..anonymous(300 << 20, Share::Private)
        },
        MapFlags {
            no_reserve: true,
            ..MapFlags::default()
        },
    );
    vec![
        row("J1")
            .file(p)
            .op(limit(Limit::AddressSpace, 200 << 20), Ok)
            .mmap(0, reserve, Errno(ENOMEM)),
        row("J2").unless(true, "the vocabulary has no RLIMIT_DATA"),
        row("J3")
            .unless(world.may_lock, "CAP_IPC_LOCK: RLIMIT_MEMLOCK does not count")
            .file(4 * p)
            .shared(4 * p)
            .op(limit(Limit::Locked, 2 * p), Ok)
            .lock(0, 4 * p, Errno(ENOMEM))
            .lock(0, 2 * p, Ok),
        row("J3 none")
            .unless(world.may_lock, "CAP_IPC_LOCK: RLIMIT_MEMLOCK does not count")
            .file(p)
            .shared(p)
            .op(limit(Limit::Locked, 0), Ok)
            .lock(0, p, Errno(EPERM)),
        row("J4")
            .file(904)
            .shared(p)
            .op(limit(Limit::FileSize, 1000), Ok)
            .op(Op::Truncate { file: 0, size: p }, Errno(EFBIG))
            .store(p - 1, Ok),
        row("J4 raised")
            .file(904)
            .shared(p)
            .op(limit(Limit::FileSize, 1000), Ok)
            .op(
                limit(Limit::FileSize, p),
                if world.may_raise { Ok } else { Errno(EPERM) },
            )
            .op(
                Op::Truncate { file: 0, size: p },
                if world.may_raise { Ok } else { Errno(EFBIG) },
            ),
        k1,
        two("K3")
            .op(
                Op::Write {
                    file: 1,
                    at: 0,
                    len: 100,
                    byte: b'B',
                },
                Ok,
            )
            .op(receive(2 * p, 100), Errno(EFAULT))
            .op(receive(2 * p - 42, 100), Count(42, 42)),
        two("K7")
            .advise(0, 4 * p, Advice::PopulateRead, Errno(EFAULT))
            .protect(0, p, Prot::READ, Ok)
            .advise(0, p, Advice::PopulateWrite, Errno(EINVAL))
            .protect(0, p, none, Ok)
            .advise(0, p, Advice::PopulateRead, Errno(EINVAL))
            .unmap(0, p, Ok)
            .advise(0, p, Advice::PopulateRead, Errno(ENOMEM)),
        two("K8").lock(0, 4 * p, Errno(ENOMEM)).lock(0, 2 * p, Ok),
        two("K9")
            .ask(resident(0, 4 * p), Count(2, 2))
            .ask(resident(1, p), Errno(EINVAL))
            .ask(resident(4 * p, p), Errno(ENOMEM)),
        two("K10").sync(0, 4 * p, Ok),
        row("K12")
            .file(2 * p)
            .shared(2 * p)
            .store(0, Ok)
            .op(
                Op::Send {
                    file: 0,
                    at: p,
                    from: Place::base(0),
                    len: p,
                },
                Count(p, p),
            )
            .load(p, Byte(b'Z'))
            .op(
                Op::Receive {
                    file: 0,
                    at: p + 1,
                    to: Place::base(1),
                    len: 100,
                },
                Count(100, 100),
            )
            .load(1, Byte(b'A')),
        two("K11")
            .sync(1, p, Errno(EINVAL))
            .sync(0, 0, Ok)
            .sync(4 * p, p, Errno(ENOMEM)),
    ]
}

fn advice(p: u64) -> Vec<Row> {
    use Advice::{DontNeed, Free, GuardInstall, GuardRemove, Remove, Unknown, WillNeed};
    vec![
        row("I9")
            .file(p)
            .anonymous(p)
            .advise(0, p, GuardInstall, Ok)
            .load(0, Maperr)
            .advise(0, p, GuardRemove, Ok)
            .load(0, Byte(0)),
        row("L1")
            .file(p)
            .anonymous(p)
            .store(0, Ok)
            .advise(0, p, DontNeed, Ok)
            .load(0, Byte(0)),
        row("L2")
            .file(p)
            .private(p)
            .store(0, Ok)
            .advise(0, p, DontNeed, Ok)
            .load(0, Byte(b'A')),
        row("L3")
            .file(p)
            .shared(p)
            .store(0, Ok)
            .advise(0, p, DontNeed, Ok)
            .load(0, Byte(b'Z')),
        row("L4")
            .file(p)
            .anonymous(2 * p)
            .store(p - 1, Ok)
            .store(p, Ok)
            .advise(0, 1, DontNeed, Ok)
            .load(p - 1, Byte(0))
            .load(p, Byte(b'Z'))
            .advise(0, 0, DontNeed, Ok)
            .advise(1, p, DontNeed, Errno(EINVAL))
            .advise(0, 3 * p, DontNeed, Errno(ENOMEM))
            .lock(0, p, Ok)
            .advise(0, p, DontNeed, Errno(EINVAL)),
        row("L5").file(p).anonymous(p).store(0, Ok).advise(0, p, Free, Ok),
        row("L5 file").file(p).private(p).advise(0, p, Free, Errno(EINVAL)),
        row("L6")
            .file(2 * p)
            .shared(4 * p)
            .advise(0, p, Remove, Ok)
            .load(0, Byte(0))
            .load(p, Byte(b'A'))
            .ask(Quantity::Size(0), Count(2 * p, 2 * p))
            .advise(3 * p, p, Remove, Ok),
        row("L6 private").file(p).private(p).advise(0, p, Remove, Errno(EACCES)),
        row("L7")
            .file(p)
            .shared(p)
            .op(
                Op::Allocate {
                    file: 0,
                    mode: Growth::Punch,
                    at: 0,
                    len: p,
                },
                Ok,
            )
            .load(0, Byte(0)),
        row("L8")
            .file(p)
            .shared(p)
            .advise(0, p, Unknown, Errno(EINVAL))
            .advise(1, p, WillNeed, Errno(EINVAL))
            .advise(p, p, WillNeed, Errno(ENOMEM)),
        row("L9")
            .file(p)
            .shared(3 * p)
            .advise(p, p, WillNeed, Ok)
            .advise(p, p, DontNeed, Ok),
    ]
}

fn moves(p: u64) -> Vec<Row> {
    let to = Some(4 * p as i64);
    let two = |id| row(id).file(4 * p).shared(4 * p);
    vec![
        row("B15")
            .file(p + 904)
            .shared(2 * p)
            .remap(0, 2 * p, 4 * p, None, Ok)
            .load(2 * p, Bus)
            .ask(Quantity::Size(0), Count(p + 904, p + 904))
            .size(4 * p)
            .load(2 * p, Byte(0)),
        two("M1")
            .remap(0, 4 * p, 2 * p, None, Ok)
            .load(2 * p - 1, Byte(b'A'))
            .load(2 * p, Maperr),
        row("M2")
            .file(p)
            .shared(p)
            .mmap(p as i64, flagged(anonymous(p, Share::Private), FIXED), Ok)
            .remap(0, p, 2 * p, None, Errno(ENOMEM)),
        row("M3")
            .file(2 * p)
            .shared(2 * p)
            .store(0, Ok)
            .remap(0, 2 * p, 2 * p, to, Ok)
            .load(4 * p, Byte(b'Z'))
            .load(0, Maperr),
        two("M5")
            .remap(1, p, p, None, Errno(EINVAL))
            .remap(0, p, 0, None, Errno(EINVAL))
            .remap(0, 2 * p, 2 * p, Some(p as i64), Errno(EINVAL)),
        two("M6").unmap(0, p, Ok).remap(0, p, p, None, Errno(EFAULT)),
    ]
}

fn handlers(p: u64) -> Vec<Row> {
    let row = |id, how| row(id).file(0).shared(p).op(Op::OnFault(how), Ok);
    let wide = |at: u64| Op::Touch {
        at: Place::base(at as i64),
        access: Access::LoadWide,
    };
    vec![
        row("B16", OnFault::Grow { file: 0, size: p }).load(0, Byte(0)),
        row("B17", OnFault::Cover).load(0, Byte(0)),
        row("O1", OnFault::Ignore).load(0, Killed),
        row("O1 blocked", OnFault::Block).load(0, Killed),
        row("O1 returns", OnFault::Return).load(0, Loops),
        super::row("A12")
            .file(p)
            .shared(2 * p)
            .op(wide(p - 8), Byte(b'A'))
            .op(wide(p - 4), BusAt(p)),
    ]
}

fn modern(world: &World) -> Vec<Row> {
    let p = world.page;
    let mut rows = Vec::new();
    for bits in 0..8 {
        let prot = Prot {
            read: bits & 1 != 0,
            write: bits & 2 != 0,
            exec: bits & 4 != 0,
        };
        rows.push(row("F14").file(p).mmap(0, of(0, p, prot, Share::Private), Ok));
    }
    let execute = row("D4").file(p).mmap(0, of(0, p, Prot::EXEC, Share::Shared), Ok);
    let unknown = "nothing told whether a page that may be executed alone may be read";
    rows.push(match world.execute_only {
        ExecuteOnly::Readable => execute.load(0, Byte(b'A')).store(0, Accerr),
        ExecuteOnly::Key => execute.load(0, Pkuerr).store(0, Pkuerr),
        ExecuteOnly::Unknown => execute.unless(true, unknown),
    });
    let at = Place::base(0);
    let cover = flagged(anonymous(p, Share::Private), FIXED);
    let sealed = row("D27").unless(world.kernel < (6, 10, 0), "mseal(2) came with Linux 6.10");
    rows.push(
        sealed
            .file(p)
            .anonymous(p)
            .op(Op::Mseal { at, len: p }, Ok)
            .unmap(0, p, Errno(EPERM))
            .protect(0, p, Prot::READ, Errno(EPERM))
            .remap(0, p, 2 * p, None, Errno(EPERM))
            .mmap(0, cover, Errno(EPERM))
            .store(0, Ok)
            .advise(0, p, Advice::DontNeed, Ok)
            .load(0, Byte(0)),
    );
    // A page that was read is there, also for a child that makes the access in its parent's place.
    let watched = row("I7 read before").unless(
        !mmap_lab::kernel::gives_userfaultfd(),
        "userfaultfd is not to be had here",
    );
    rows.push(
        watched
            .file(p)
            .anonymous(2 * p)
            .load(0, Byte(0))
            .op(Op::Userfaultfd { at, len: 2 * p }, Ok)
            .load(p, Bus)
            .op(Op::OnFault(OnFault::Ignore), Ok)
            .store(0, Ok)
            .store(p, Killed),
    );
    // A page of a file is there for whoever makes it, also by a call.
    let watched = row("I7 of a file").unless(
        !mmap_lab::kernel::gives_userfaultfd(),
        "userfaultfd is not to be had here",
    );
    let (file, byte, len) = (0, b'w', 1);
    let (to, mode) = (at.plus(p as i64), Growth::Keep);
    rows.push(
        watched
            .kind(file, FileKind::Memfd { sealing: false })
            .op(Op::Truncate { file, size: 3 * p }, Ok)
            .shared(3 * p)
            .op(Op::Userfaultfd { at, len: 3 * p }, Ok)
            .load(0, Bus)
            .op(Op::Write { file, at: 0, len, byte }, Ok)
            .load(0, Byte(b'w'))
            .store(p, Bus)
            .op(Op::Receive { file, at: 0, to, len }, Errno(EFAULT))
            .op(
                Op::Allocate {
                    file,
                    mode,
                    at: p,
                    len: 2 * p,
                },
                Ok,
            )
            .load(2 * p, Byte(0))
            .advise(0, p, Advice::Remove, Ok)
            .store(0, Bus),
    );
    let stack = MapFlags {
        grows_down: true,
        ..MapFlags::default()
    };
    rows.push(
        row("O7")
            .file(p)
            .op(Op::Limit(Limit::Stack, 4 * p), Ok)
            .mmap(0, flagged(anonymous(p, Share::Private), stack), Ok)
            .op(Op::OnFault(OnFault::OwnStack), Ok)
            .store(0_u64.wrapping_sub(3 * p), Ok)
            .store(0_u64.wrapping_sub(4 * p), KilledSegv),
    );
    rows
}
