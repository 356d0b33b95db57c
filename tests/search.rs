//! The search for a mapping's borders, held against the model: for files and mappings of every size up to a terabyte it
//! finds what the model derives, with a bounded number of touches.

use mmap_lab::kernel::bare::Met;
use mmap_lab::kernel::search::borders;
use mmap_lab::model::Model;
use mmap_lab::op::{Access, FileKind, Mapping, Op, Place, Prot, Script, Share, Signal, World, ZoneKind};

/// The model's zones for loads of a file of `size` bytes mapped with this length, as a function from offset to answer.
fn model(page: u64, size: u64, length: u64) -> impl FnMut(u64) -> Met {
    let world = World::textbook(page);
    let at = Place::base(0);
    let mapping = Mapping::of(0, 0, length, Prot::READ, Share::Shared);
    let kind = FileKind::Regular;
    let script = Script::alone([
        Op::Create { file: 0, kind },
        Op::Truncate { file: 0, size },
        Op::Map { at, mapping },
    ]);
    let mut model = Model::new(&world);
    for act in &script.acts {
        assert!(model.apply(act.by, &act.op).possible.len() == 1, "it is mapped");
    }
    let zones = model.zones(0, 0, Access::Load);
    move |offset| {
        let here =
            |zone: &&mmap_lab::op::Zone| zone.from <= offset as i64 && zone.to.is_none_or(|to| (offset as i64) < to);
        match zones.iter().find(here).map(|zone| zone.is) {
            Some(ZoneKind::Fault(Signal::Sigbus, _)) => Met::Sigbus,
            Some(ZoneKind::Fault(Signal::Sigsegv, _)) | None => Met::Sigsegv,
            Some(_) => Met::Byte,
        }
    }
}

fn check(page: u64, size: u64, length: u64) -> u32 {
    let up = |bytes: u64| bytes.div_ceil(page) * page;
    let found = borders(up(length) / page, page, model(page, size, length));
    let found = found.unwrap_or_else(|| panic!("{page} {size} {length}: nothing found"));
    let (bytes_end, sigsegv) = (up(size).min(up(length)), up(length));
    assert_eq!(
        (found.bytes_end, found.sigsegv),
        (bytes_end, sigsegv),
        "{page} {size} {length}"
    );
    found.touches
}

#[test]
fn every_size_up_to_a_terabyte_has_the_borders_that_the_model_derives() {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut random = |below: u64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state % below
    };
    for page in [4 << 10, 16 << 10, 64 << 10] {
        for _ in 0..2000 {
            let bits = 1 + random(40);
            let length = 1 + random(1 << bits);
            let size = random(2 * length);
            let pages = length.div_ceil(page);
            let most = 4 + 2 * pages.next_power_of_two().ilog2();
            let touches = check(page, size, length);
            assert!(touches <= most, "{page} {size} {length}: {touches} touches, not {most}");
        }
        for (size, length) in [
            (0, 1),
            (1, 1),
            (page, page),
            (page + 1, page),
            (0, 1 << 40),
            (1, 1 << 40),
        ] {
            check(page, size, length);
        }
    }
}

#[test]
fn a_terabyte_takes_60_touches_at_most() {
    for size in [
        0,
        1,
        4096,
        4097,
        1 << 39,
        (1 << 39) + 1,
        (1 << 40) - 4096,
        (1 << 40) - 1,
        1 << 40,
        1 << 41,
    ] {
        let touches = check(4096, size, 1 << 40);
        assert!(touches <= 60, "{size}: {touches}");
    }
}

#[test]
fn zones_in_another_order_are_not_found() {
    let bytes_behind_a_fault = |offset: u64| match offset / 4096 {
        2..5 => Met::Sigbus,
        8.. => Met::Sigsegv,
        _ => Met::Byte,
    };
    assert_eq!(borders(8, 4096, bytes_behind_a_fault), None);
    assert_eq!(
        borders(8, 4096, |_| Met::Byte),
        None,
        "nothing behind the mapping is a hole"
    );
    let inside_a_page = |offset: u64| match offset {
        0..5000 => Met::Byte,
        5000..32768 => Met::Sigbus,
        _ => Met::Sigsegv,
    };
    assert_eq!(
        borders(8, 4096, inside_a_page),
        None,
        "the last byte before a border is another's"
    );
}
