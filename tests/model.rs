//! The model alone: facts typed from manual pages and measurements, at page sizes for which nothing can have been typed
//! into the code, and the agreement of its two faces, zones and touches.

use mmap_lab::model::{Model, Rule};
use mmap_lab::op::{
    Access, Advice, Fault, FileKind, Filesystem, Growth, MapFlags, Mapping, OnFault, Op, Outcome, Place, Prot,
    Quantity, Rights, Routine, Script, Share, Signal, Source, World, ZoneKind, round_up,
};

const PAGES: [u64; 4] = [4096, 12288, 16384, 65536];

fn start(size: u64, offset: u64, len: u64, prot: Prot, share: Share) -> Vec<Op> {
    vec![
        Op::Create {
            file: 0,
            kind: FileKind::Regular,
        },
        Op::Write {
            file: 0,
            at: 0,
            len: size,
            byte: b'A',
        },
        Op::Map {
            at: Place::base(0),
            mapping: Mapping::of(0, offset, len, prot, share),
        },
    ]
}

fn after(world: &World, ops: &[Op]) -> Model {
    let mut model = Model::new(world);
    for op in ops {
        model.apply(0, op);
    }
    model
}

fn load(model: &mut Model, at: u64) -> Vec<Outcome> {
    model
        .apply(
            0,
            &Op::Touch {
                at: (at as i64).into(),
                access: Access::Load,
            },
        )
        .possible
}

fn store(model: &mut Model, at: u64, byte: u8) -> Vec<Outcome> {
    model
        .apply(
            0,
            &Op::Touch {
                at: (at as i64).into(),
                access: Access::Store(byte),
            },
        )
        .possible
}

fn bus(at: u64) -> Vec<Outcome> {
    vec![Outcome::Fault(Fault {
        signal: Signal::Sigbus,
        si_code: 2,
        at: Place::base(at as i64),
    })]
}

fn segv(at: u64, si_code: i32) -> Vec<Outcome> {
    vec![Outcome::Fault(Fault {
        signal: Signal::Sigsegv,
        si_code,
        at: Place::base(at as i64),
    })]
}

const ZERO: [Outcome; 1] = [Outcome::Byte(0)];

#[test]
fn the_scaled_size_case_has_its_three_borders_at_every_page_size() {
    for page in PAGES {
        for share in [Share::Shared, Share::Private] {
            let ops = start(page + 904, 0, 3 * page + 2712, Prot::READ_WRITE, share);
            let model = &mut after(&World::textbook(page), &ops);
            assert_eq!(load(model, page + 903), [Outcome::Byte(b'A')]);
            assert_eq!(load(model, page + 904), ZERO);
            assert_eq!(load(model, 2 * page - 1), ZERO);
            assert_eq!(load(model, 2 * page), bus(2 * page));
            assert_eq!(load(model, 4 * page - 1), bus(4 * page - 1));
            assert_eq!(load(model, 4 * page), segv(4 * page, 1));
            assert_eq!(store(model, 2 * page - 1, b'z'), [Outcome::Stored]);
            assert_eq!(store(model, 2 * page, b'z'), bus(2 * page));
            assert_eq!(
                model
                    .apply(
                        0,
                        &Op::Touch {
                            at: (-1).into(),
                            access: Access::Load
                        }
                    )
                    .reason
                    .rule(),
                Rule::NotMapped
            );
        }
    }
}

#[test]
fn five_thousand_and_fifteen_thousand_bytes_as_measured_on_real_page_sizes() {
    // (page, first SIGBUS, first SIGSEGV)
    for (page, sigbus, sigsegv) in [(4096, Some(8192), 16384), (16384, None, 16384), (65536, None, 65536)] {
        let ops = start(5000, 0, 15000, Prot::READ_WRITE, Share::Shared);
        let zones = after(&World::textbook(page), &ops).zones(0, 0, Access::Load);
        let first = |signal| {
            zones
                .iter()
                .find(|zone| matches!(zone.is, ZoneKind::Fault(s, _) if s == signal))
        };
        assert_eq!(first(Signal::Sigbus).map(|zone| zone.from), sigbus);
        assert_eq!(first(Signal::Sigsegv).map(|zone| zone.from), Some(sigsegv));
    }
}

#[test]
fn protection_is_asked_before_the_file() {
    for page in PAGES {
        let world = World::textbook(page);
        let model = &mut after(&world, &start(page, 0, 2 * page, Prot::READ, Share::Shared));
        assert_eq!(store(model, page, 1), segv(page, 2));
        assert_eq!(load(model, page), bus(page));
        let model = &mut after(&world, &start(page, 0, 2 * page, Prot::NONE, Share::Shared));
        assert_eq!(load(model, page), segv(page, 2));
        let model = &mut after(&world, &start(page, 0, page, Prot::WRITE, Share::Shared));
        assert_eq!(load(model, 0), [Outcome::Byte(b'A')], "write implies read");
    }
}

#[test]
fn the_size_is_live_and_what_comes_back_is_zero() {
    for page in PAGES {
        let world = World::textbook(page);
        let model = &mut after(&world, &start(3 * page, 0, 4 * page, Prot::READ_WRITE, Share::Shared));
        model.apply(
            0,
            &Op::Truncate {
                file: 0,
                size: page + 1,
            },
        );
        assert_eq!(load(model, page + 1), ZERO);
        assert_eq!(load(model, 2 * page), bus(2 * page));
        model.apply(
            0,
            &Op::Truncate {
                file: 0,
                size: 3 * page,
            },
        );
        assert_eq!(load(model, 2 * page), ZERO);
        assert_eq!(load(model, page), [Outcome::Byte(b'A')]);
    }
}

#[test]
fn a_private_copy_lasts_until_its_page_leaves_the_file() {
    for page in PAGES {
        let ops = start(2 * page, 0, 2 * page, Prot::READ_WRITE, Share::Private);
        let model = &mut after(&World::textbook(page), &ops);
        store(model, page, b'z');
        model.apply(
            0,
            &Op::Write {
                file: 0,
                at: 0,
                len: 2 * page,
                byte: b'B',
            },
        );
        assert_eq!(load(model, page), [Outcome::Byte(b'z')]);
        assert_eq!(load(model, page + 1), [Outcome::Byte(b'A')], "the whole page is frozen");
        assert_eq!(
            load(model, 0),
            [Outcome::Byte(b'B')],
            "a page not yet copied follows the file"
        );
        assert_eq!(
            model.apply(0, &Op::Read { file: 0, at: page }).possible,
            [Outcome::Byte(b'B')]
        );
        model.apply(
            0,
            &Op::Truncate {
                file: 0,
                size: page + 1,
            },
        );
        assert_eq!(
            load(model, page + 1),
            [Outcome::Byte(b'A')],
            "the end lies in its page: it stays"
        );
        model.apply(0, &Op::Truncate { file: 0, size: page });
        assert_eq!(load(model, page), bus(page));
        model.apply(
            0,
            &Op::Truncate {
                file: 0,
                size: 2 * page,
            },
        );
        assert_eq!(load(model, page), ZERO);
    }
}

#[test]
fn an_offset_moves_the_window_and_must_be_aligned() {
    for page in PAGES {
        let world = World::textbook(page);
        let model = &mut after(
            &world,
            &start(page + 904, page, page + 904, Prot::READ_WRITE, Share::Shared),
        );
        assert_eq!(load(model, 903), [Outcome::Byte(b'A')]);
        assert_eq!(load(model, 904), ZERO);
        assert_eq!(load(model, page), bus(page));
        let map = Op::Map {
            at: Place::base(0),
            mapping: Mapping::of(0, 1, page, Prot::READ, Share::Shared),
        };
        assert_eq!(
            after(
                &world,
                &[Op::Create {
                    file: 0,
                    kind: FileKind::Regular
                }]
            )
            .apply(0, &map)
            .possible,
            [Outcome::Errno(22)]
        );
    }
}

/// Measured on kernels 5.10 to 7.3. A byte in the tail, then the file grows; then the same with msync before.
#[test]
fn the_tail_differs_by_filesystem_kernel_and_block_size() {
    let other = Filesystem::Other("9p".to_owned());
    let rows = [
        // filesystem, kernel, small blocks, possible after ftruncate, after msync and ftruncate
        (Filesystem::Tmpfs, (6, 1, 0), false, vec![b'T'], vec![b'T']),
        (Filesystem::Tmpfs, (6, 18, 0), false, vec![b'T'], vec![b'T']),
        (Filesystem::Ext4, (6, 1, 0), false, vec![0, b'T'], vec![0]),
        (Filesystem::Ext4, (6, 18, 0), false, vec![0], vec![0]),
        (Filesystem::Ext4, (6, 13, 0), true, vec![0, b'T'], vec![0]),
        (Filesystem::Xfs, (6, 1, 0), false, vec![0], vec![0]),
        (Filesystem::Xfs, (6, 1, 0), true, vec![0, b'T'], vec![0]),
        (Filesystem::Btrfs, (6, 18, 0), false, vec![0], vec![0]),
        (other, (6, 18, 0), false, vec![0, b'T'], vec![0, b'T']),
    ];
    for page in PAGES {
        for (filesystem, kernel, small, grown, synced) in rows.clone() {
            let block = if small { page / 4 } else { page };
            let world = World {
                filesystem,
                kernel,
                block,
                ..World::textbook(page)
            };
            for (sync, wanted) in [(false, grown), (true, synced)] {
                let model = &mut after(&world, &start(page + 904, 0, 2 * page, Prot::READ_WRITE, Share::Shared));
                store(model, 2 * page - 1, b'T');
                assert_eq!(
                    load(model, 2 * page - 1),
                    [Outcome::Byte(b'T')],
                    "until then it is there"
                );
                if sync {
                    model.apply(
                        0,
                        &Op::Sync {
                            at: (0).into(),
                            len: 2 * page,
                        },
                    );
                }
                model.apply(
                    0,
                    &Op::Truncate {
                        file: 0,
                        size: 2 * page,
                    },
                );
                let wanted: Vec<Outcome> = wanted.into_iter().map(Outcome::Byte).collect();
                assert_eq!(load(model, 2 * page - 1), wanted, "{world:?} sync {sync}");
            }
        }
    }
}

#[test]
fn zones_tile_the_range_and_agree_with_touches() {
    for page in PAGES {
        let world = World::textbook(page);
        for (size, offset, len) in [
            (0, 0, 1),
            (1, 0, page),
            (page, 0, page + 1),
            (5 * page - 1, 2 * page, 7 * page),
        ] {
            for prot in [Prot::NONE, Prot::READ, Prot::READ_WRITE] {
                let mut ops = start(size, offset, len, Prot::READ_WRITE, Share::Shared);
                ops.push(Op::Protect {
                    at: (0).into(),
                    len: page,
                    prot,
                });
                ops.push(Op::Unmap {
                    at: (page as i64).into(),
                    len: page,
                });
                check_zones(&world, &ops, round_up(len, page));
            }
        }
    }
}

fn check_zones(world: &World, ops: &[Op], end: u64) {
    let model = after(world, ops);
    for access in [Access::Load, Access::Store(b'x')] {
        let zones = model.zones(0, 0, access);
        assert_eq!(zones[0].from, 0);
        assert_eq!(zones.last().map(|zone| zone.to), Some(None));
        for pair in zones.windows(2) {
            assert_eq!(pair[0].to, Some(pair[1].from), "no gap, no overlap");
            assert_ne!(pair[0].is, pair[1].is, "neighbours differ");
        }
        for zone in &zones {
            for at in [zone.from, zone.to.map_or(end as i64, |to| to - 1).max(zone.from)] {
                let ruled = model.clone().apply(0, &Op::Touch { at: at.into(), access });
                let agrees = match (zone.is, &ruled.possible[0]) {
                    (ZoneKind::Fault(signal, code), Outcome::Fault(fault)) => {
                        fault.signal == signal && fault.si_code == code
                    }
                    (ZoneKind::File, _) => ruled.reason.rule() == Rule::FileByte,
                    (ZoneKind::Tail, _) => ruled.reason.rule() == Rule::TailOfLastPage,
                    _ => false,
                };
                assert!(agrees, "{zone:?} at {at}: {:?} in {ops:?}", ruled.possible);
            }
        }
    }
}

/// The model and the vocabulary compile with `core` and `alloc` alone.
#[test]
fn the_model_needs_core_and_alloc_alone() {
    let root = env!("CARGO_MANIFEST_DIR");
    let dir = tempfile::tempdir().expect("a directory");
    let source = format!(
        "#![no_std]\nextern crate alloc;\n#[path = \"{root}/src/op/mod.rs\"]\npub mod op;\n\
         #[path = \"{root}/src/model/mod.rs\"]\npub mod model;\n"
    );
    let file = dir.path().join("alone.rs");
    std::fs::write(&file, source).expect("it is written");
    let rustc = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".to_owned());
    let output = std::process::Command::new(rustc)
        .args([
            "--edition",
            "2024",
            "--crate-type",
            "lib",
            "--emit",
            "metadata",
            "--out-dir",
        ])
        .arg(dir.path())
        .arg(&file)
        .output()
        .expect("rustc runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn a_script_is_answered_operation_by_operation() {
    let script = Script::alone(start(1, 0, 1, Prot::READ, Share::Shared));
    let answers = Model::answer(&World::textbook(12288), &script);
    assert!(answers.iter().all(|ruled| ruled.possible == [Outcome::Done]));
    assert_eq!(answers[2].reason.why(), "1 bytes asked for, 12288 mapped: whole pages.");
}

/// Measured on ext4, Linux 6.18: a byte in the tail behind the file's new end stays if the file grew by a write or by
/// fallocate, and goes if it grew by ftruncate.
/// ext4 with blocks smaller than the page clears the block of the end where it has one, and all of the page where the file
/// grows out of that block.
#[test]
fn a_small_block_may_be_lacking_where_the_end_has_come_to_lie_in_it() {
    for page in PAGES {
        let block = page / 4;
        let world = World {
            block,
            ..World::textbook(page)
        };
        let rows = [(3 * block + 1, vec![0, b'T']), (block + 1, vec![0])];
        for (size, wanted) in rows {
            let model = &mut after(&world, &start(size, 0, page, Prot::READ_WRITE, Share::Shared));
            store(model, page - 1, b'T');
            let size = page;
            model.apply(0, &Op::Truncate { file: 0, size });
            let wanted: Vec<Outcome> = wanted.into_iter().map(Outcome::Byte).collect();
            assert_eq!(load(model, page - 1), wanted, "{world:?}");
        }
    }
}

#[test]
fn what_lies_behind_a_new_end_depends_on_how_the_file_grew() {
    for page in PAGES {
        let rows = [
            (
                Op::Truncate {
                    file: 0,
                    size: page + 2000,
                },
                0,
            ),
            (
                Op::Write {
                    file: 0,
                    at: page + 2000,
                    len: 1,
                    byte: b'W',
                },
                b'Z',
            ),
            (
                Op::Allocate {
                    file: 0,
                    mode: Growth::Extend,
                    at: page,
                    len: 2000,
                },
                b'Z',
            ),
        ];
        for (grow, wanted) in rows {
            let model = &mut after(
                &World::textbook(page),
                &start(page + 904, 0, 2 * page, Prot::READ_WRITE, Share::Shared),
            );
            store(model, page + 3000, b'Z');
            store(model, page + 950, b'Y');
            model.apply(0, &grow);
            assert_eq!(load(model, page + 3000), [Outcome::Byte(wanted)], "{grow:?}");
            assert_eq!(load(model, page + 950), ZERO, "content is cleared: {grow:?}");
        }
    }
}

fn anonymous(len: u64) -> Mapping {
    Mapping {
        source: Source::Anonymous,
        flags: MapFlags {
            fixed: true,
            ..MapFlags::default()
        },
        ..Mapping::of(0, 0, len, Prot::READ_WRITE, Share::Private)
    }
}

/// Memory in front of an area holds what is stored there, up to its last byte; and a copy that crosses a page's edge goes
/// as far as there is memory.
#[test]
fn a_copy_crosses_pages_and_the_first_byte_of_an_area() {
    for page in PAGES {
        let p = page as i64;
        let mut ops = start(page, 0, 2 * page, Prot::READ_WRITE, Share::Shared);
        ops.push(Op::Map {
            at: Place::base(-p),
            mapping: anonymous(page),
        });
        ops.push(Op::Create {
            file: 1,
            kind: FileKind::Regular,
        });
        ops.push(Op::Write {
            file: 1,
            at: 0,
            len: 100,
            byte: b'B',
        });
        let mut model = after(&World::textbook(page), &ops);
        let receive = Op::Receive {
            file: 1,
            at: 0,
            to: Place::base(-42),
            len: 100,
        };
        assert_eq!(model.apply(0, &receive).possible, [Outcome::Count(100)]);
        let touch = |at| Op::Touch {
            at: Place::base(at),
            access: Access::Load,
        };
        for (at, value) in [(-43, 0), (-42, b'B'), (-1, b'B'), (0, b'B'), (57, b'B'), (58, b'A')] {
            assert_eq!(model.apply(0, &touch(at)).possible, [Outcome::Byte(value)], "{at}");
        }
        let send = Op::Send {
            file: 1,
            at: 7,
            from: Place::base(-50),
            len: 3 * page,
        };
        assert_eq!(model.apply(0, &send).possible, [Outcome::Count(page + 50)]);
        for (at, value) in [(6, b'B'), (7, 0), (14, 0), (15, b'B'), (114, b'B'), (115, b'A')] {
            assert_eq!(
                model.apply(0, &Op::Read { file: 1, at }).possible,
                [Outcome::Byte(value)],
                "{at}"
            );
        }
    }
}

/// mremap(2) of several VMAs: as they are, since 6.17; longer, never.
#[test]
fn a_move_takes_several_vmas_along_since_6_17() {
    for (kernel, moves) in [((6, 16, 0), false), ((6, 17, 0), true)] {
        let page = 4096;
        let world = World {
            kernel,
            ..World::textbook(page)
        };
        let mut ops = start(2 * page, 0, 2 * page, Prot::READ_WRITE, Share::Private);
        ops.push(Op::Touch {
            at: Place::base(page as i64),
            access: Access::Store(b'Z'),
        });
        ops.push(Op::Protect {
            at: Place::base(0),
            len: page,
            prot: Prot::READ,
        });
        let mut model = after(&world, &ops);
        let to = Place { area: 1, at: 0 };
        let remap = |new| Op::Remap {
            at: Place::base(0),
            len: 2 * page,
            new,
            to: Some(to),
            keep: false,
        };
        assert_eq!(model.apply(0, &remap(3 * page)).possible, [Outcome::Errno(14)]);
        let moved = if moves { Outcome::Done } else { Outcome::Errno(14) };
        assert_eq!(model.apply(0, &remap(2 * page)).possible, [moved]);
        let copy = Op::Touch {
            at: to.plus(page as i64),
            access: Access::Load,
        };
        assert_eq!(model.apply(0, &copy).possible == [Outcome::Byte(b'Z')], moves);
    }
}

/// Where a routine of the C library meets bad bytes the model names all that it may report, and no other.
#[test]
fn a_routine_of_the_c_library_may_report_any_bad_byte_of_its_range() {
    for page in PAGES {
        let ops = start(page, 0, 3 * page, Prot::READ_WRITE, Share::Shared);
        let edge = page as i64;
        let library = |routine, at: i64, len| Op::Library {
            routine,
            from: Place::base(at),
            to: Place::base(at),
            len,
        };
        let fault = |at: i64| {
            Outcome::Fault(Fault {
                signal: Signal::Sigbus,
                si_code: 2,
                at: Place::base(at),
            })
        };
        let mut model = after(&World::textbook(page), &ops);
        let filled = model.apply(0, &library(Routine::Memset(b'Z'), edge - 3, 10));
        for at in [edge, edge + 6] {
            assert!(filled.allows(fault(at)), "{at}");
        }
        for at in [edge - 1, edge + 7] {
            assert!(!filled.allows(fault(at)), "{at}");
        }
        // The good ones may hold either byte now, and those in front of the range the old one.
        assert!(
            [b'A', b'Z']
                .iter()
                .all(|byte| load(&mut model, page - 3).contains(&Outcome::Byte(*byte)))
        );
        assert_eq!(load(&mut model, page - 4), [Outcome::Byte(b'A')]);
        // It has to know the first bad page before it may look at the next.
        let counted = model.apply(0, &library(Routine::Strnlen, edge - 100, 3 * page));
        assert!(counted.allows(fault(2 * edge - 1)) && !counted.allows(fault(2 * edge)));
    }
}

/// pkeys(7): a page that may be executed alone, under a protection key, without one, and where nothing told.
#[test]
fn a_protection_key_keeps_data_accesses_out_of_what_may_only_be_executed() {
    use mmap_lab::op::ExecuteOnly;
    let refused = |si_code| {
        Outcome::Fault(Fault {
            signal: Signal::Sigsegv,
            si_code,
            at: Place::base(7),
        })
    };
    for page in PAGES {
        for (execute_only, load, store) in [
            (ExecuteOnly::Readable, vec![Outcome::Byte(b'A')], 2),
            (ExecuteOnly::Key, vec![refused(4)], 4),
            (ExecuteOnly::Unknown, vec![Outcome::Byte(b'A'), refused(4)], 2),
        ] {
            let world = World {
                execute_only,
                ..World::textbook(page)
            };
            let model = after(&world, &start(page, 0, page, Prot::EXEC, Share::Shared));
            let touch = |access| {
                let at = Place::base(7);
                model.clone().apply(0, &Op::Touch { at, access }).possible
            };
            assert_eq!(touch(Access::Load), load);
            assert_eq!(touch(Access::Store(b'Z')), [refused(store)]);
        }
    }
}

/// mount(2), MS_NOEXEC: not mapped so, and never made so.
#[test]
fn a_noexec_mount_gives_nothing_to_execute() {
    for page in PAGES {
        let mut world = World::textbook(page);
        world.noexec.files = true;
        let mut model = after(&world, &start(page, 0, page, Prot::READ, Share::Private));
        let at = Place::base(0);
        let protect = |prot| Op::Protect { at, len: page, prot };
        assert_eq!(model.apply(0, &protect(Prot::READ_EXEC)).possible, [Outcome::Errno(13)]);
        assert_eq!(model.apply(0, &protect(Prot::READ)).possible, [Outcome::Done]);
        let mapping = Mapping::of(0, 0, page, Prot::READ_EXEC, Share::Shared);
        let map = Op::Map {
            at: Place { area: 1, at: 0 },
            mapping,
        };
        assert_eq!(model.apply(0, &map).possible, [Outcome::Errno(1)]);
    }
}

/// ext4 counts a file's blocks in 32 bits: one byte less than too large is a size, and nothing larger is.
#[test]
fn a_filesystem_ends_its_files() {
    for page in PAGES {
        for block in [1024, page] {
            let world = World {
                block,
                ..World::textbook(page)
            };
            let largest = u64::from(u32::MAX) * block;
            let mut model = after(&world, &start(page, 0, page, Prot::READ, Share::Private));
            let mut truncate = |size| model.apply(0, &Op::Truncate { file: 0, size }).possible;
            assert_eq!(truncate(largest), [Outcome::Done]);
            assert_eq!(truncate(largest + 1), [Outcome::Errno(27)]);
        }
    }
}

/// /dev/zero opened for reading and mapped MAP_SHARED is private memory that may never be written: mm/mmap.c, do_mmap.
#[test]
fn zeros_that_may_not_be_written_are_private_memory() {
    for page in PAGES {
        let at = Place::base(0);
        let advise = Op::Advise {
            at,
            len: page,
            advice: Advice::Free,
        };
        let of = |rights| {
            let create = Op::Create {
                file: 0,
                kind: FileKind::Zero,
            };
            let reopen = Op::Reopen { file: 1, of: 0, rights };
            let mapping = Mapping::of(1, 0, page, Prot::READ, Share::Shared);
            after(&World::textbook(page), &[create, reopen, Op::Map { at, mapping }])
        };
        let mut read_only = of(Rights::Read);
        assert_eq!(read_only.apply(0, &advise).possible, [Outcome::Done]);
        let protect = Op::Protect {
            at,
            len: page,
            prot: Prot::READ_WRITE,
        };
        assert_eq!(read_only.apply(0, &protect).possible, [Outcome::Errno(13)]);
        assert_eq!(of(Rights::ReadWrite).apply(0, &advise).possible, [Outcome::Errno(22)]);
    }
}

/// A frame begins at the border of 64 bytes below what the ABI leaves to a function (x86_64).
#[test]
fn a_signal_frame_begins_below_the_red_zone() {
    for page in PAGES {
        let foretold = |beyond: u64| {
            let mut model = after(
                &World::textbook(page),
                &start(8 * page, 0, 8 * page, Prot::READ_WRITE, Share::Shared),
            );
            model.apply(0, &Op::OnFault(OnFault::OwnStack));
            load(&mut model, 8 * page + beyond)
        };
        let killed = Outcome::Killed(Signal::Sigsegv);
        assert_eq!(foretold(128), [Outcome::Loops]);
        assert_eq!(foretold(129), [killed, Outcome::Loops]);
        assert_eq!(foretold(191), [killed, Outcome::Loops]);
        assert_eq!(foretold(192), [killed]);
    }
}

/// Measured on 6.18 by /proc/self/maps; what older kernels do otherwise is their source's word.
#[test]
fn vmas_are_cut_and_joined() {
    for page in PAGES {
        let world = World::textbook(page);
        let older = |minor, patch| World {
            kernel: (6, minor, patch),
            ..world.clone()
        };
        let at = |n: u64| Place::base((n * page) as i64);
        let anonymous = |n: u64, pages: u64, flags: MapFlags| Op::Map {
            at: at(n),
            mapping: Mapping {
                source: Source::Anonymous,
                flags,
                ..Mapping::of(0, 0, pages * page, Prot::READ_WRITE, Share::Private)
            },
        };
        let plain = MapFlags::default();
        let locked = MapFlags { locked: true, ..plain };
        let store = |n: u64| Op::Touch {
            at: at(n),
            access: Access::Store(b'S'),
        };
        let protect = |n: u64, pages: u64, prot| Op::Protect {
            at: at(n),
            len: pages * page,
            prot,
        };
        let unlock = |n: u64, pages: u64| Op::Unlock {
            at: at(n),
            len: pages * page,
        };
        let guard = |n: u64, pages: u64| Op::Advise {
            at: at(n),
            len: pages * page,
            advice: Advice::GuardInstall,
        };
        let count = |model: &mut Model, by| model.apply(by, &Op::Ask(Quantity::Vmas(at(0), 8 * page))).possible;
        let counts = |world: &World, ops: &[Op]| count(&mut after(world, ops), 0);
        let are = |n| vec![Outcome::Count(n)];

        // A part of one page is a VMA of its own for as long as it differs.
        let cut = [anonymous(0, 4, plain), protect(1, 1, Prot::READ)];
        assert_eq!(counts(&world, &cut), are(3));
        let back = [cut[0], cut[1], protect(1, 1, Prot::READ_WRITE)];
        assert_eq!(counts(&world, &back), are(1));

        // Memory stored to while they differed keeps them apart, and so does what fork has brought along.
        let apart = [anonymous(0, 2, plain), anonymous(2, 2, locked), store(0), unlock(0, 4)];
        assert_eq!(counts(&world, &apart), are(2));
        let one_sided = [apart[0], apart[1], unlock(0, 4)];
        assert_eq!(counts(&world, &one_sided), are(1));
        assert_eq!(
            counts(&older(15, 0), &one_sided),
            are(2),
            "before is_mergeable_anon_vma looked at both sides"
        );
        let stored = [anonymous(0, 2, plain), store(0), Op::Fork { child: 1 }];
        let mut model = after(&world, &stored);
        for (by, vmas) in [(0, 1), (1, 2)] {
            model.apply(by, &anonymous(2, 2, plain));
            assert_eq!(count(&mut model, by), are(vmas), "process {by}");
        }

        // What had a guard is copied with its page tables, also where a move has taken its anon_vma; measured on 6.18.
        let moved = Op::Remap {
            at: at(0),
            len: 2 * page,
            new: 2 * page,
            to: Some(at(3)),
            keep: true,
        };
        for (first, present) in [(guard(0, 1), 1), (store(0), 0)] {
            let loaded = Op::Touch {
                at: at(1),
                access: Access::Load,
            };
            let ops = [anonymous(0, 2, plain), first, moved, loaded, Op::Fork { child: 1 }];
            let asked = after(&world, &ops).apply(1, &Op::Ask(Quantity::Present(at(1), page)));
            assert_eq!(asked.possible, are(present), "{first:?}");
        }

        // Two descriptors of one file are two files to the kernel.
        let file = |file, n: u64| Op::Map {
            at: at(n),
            mapping: Mapping::of(file, n * page, page, Prot::READ_WRITE, Share::Private),
        };
        let create = Op::Create {
            file: 0,
            kind: FileKind::Regular,
        };
        let reopen = Op::Reopen {
            file: 1,
            of: 0,
            rights: Rights::ReadWrite,
        };
        assert_eq!(counts(&world, &[create, file(0, 0), file(0, 1)]), are(1));
        assert_eq!(counts(&world, &[create, reopen, file(0, 0), file(1, 1)]), are(2));

        // A guard gives memory a place of its own, and a file's mapping none since 6.18.
        let guarded = [create, file(0, 0), file(0, 1), protect(1, 1, Prot::READ), guard(0, 1)];
        let lock = Op::Lock { at: at(1), len: page };
        let rest = [lock, store(1), protect(1, 1, Prot::READ_WRITE), store(1), unlock(0, 2)];
        let ops: Vec<Op> = guarded.into_iter().chain(rest).collect();
        assert_eq!(counts(&world, &ops), are(1));
        assert_eq!(counts(&older(17, 0), &ops), are(2));

        // What a refused call has cut stays cut.
        let sealed = Op::Mseal { at: at(2), len: page };
        let unmap = Op::Unmap {
            at: at(1),
            len: 2 * page,
        };
        let refused = [anonymous(0, 4, plain), sealed, unmap];
        assert_eq!(counts(&world, &refused), are(4));
        assert_eq!(counts(&older(11, 0), &refused), are(3));
    }
}
