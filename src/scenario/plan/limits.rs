//! What a scenario may ask of a machine at most, so that a stranger's file can be run: each limit once, with its
//! complaint.

use crate::scenario::complaint::{Anchor, Code, Complaint, Span};
use crate::scenario::expr::Symbols;
use crate::scenario::parse::Scenario;

/// Around a mapping this many pages on either side belong to the experiment; the instrument keeps them free.
pub(in crate::scenario) const HOLE_PAGES: i64 = 128;
/// A sparse file may be as large; offsets in it and lengths added to them still fit 64 bits by far.
const FILE_LIMIT: i64 = 1 << 50;
/// Half of what 47 bits of addresses hold.
const MAP_LIMIT: i64 = 64 << 40;
/// Bytes written or allocated in all copies of an experiment.
pub(super) const WRITE_LIMIT: i64 = 64 << 20;
/// Touches in all.
pub(super) const TOUCH_LIMIT: usize = 4096;

/// The setup: sizes, and what mmap would refuse.
pub(super) fn setup(scenario: &Scenario, symbols: &Symbols, offset: i64) -> Vec<Complaint> {
    let mut complaints: Vec<Complaint> = file(symbols.size, scenario.size.at.whole()).err().into_iter().collect();
    let length = scenario.map.length.at.whole();
    if symbols.len == 0 {
        let complaint = Complaint::new(Code::E04, "a mapping of 0 bytes", length.clone(), "this is 0");
        complaints.push(refused(complaint).help("length = \"1p\""));
    }
    if symbols.len > MAP_LIMIT {
        let label = format!("this is {}; at most 64T can be mapped", symbols.len);
        complaints.push(Complaint::new(Code::E08, "the mapping is too long", length, label));
    }
    if let Some(amount) = &scenario.map.offset {
        if offset % symbols.p != 0 {
            let label = format!("{offset} is no multiple of the page size {}", symbols.p);
            let complaint = Complaint::new(Code::E04, "an offset inside a page", amount.at.whole(), label);
            complaints.push(refused(complaint).help("offset = \"1p\""));
        }
        complaints.extend(file(offset, amount.at.whole()).err());
    }
    if scenario.fill.is_some() {
        complaints.extend(written(symbols.size, scenario.size.at.whole()).err());
    }
    complaints
}

fn refused(complaint: Complaint) -> Complaint {
    complaint.note("mmap would answer EINVAL, and an errno cannot be expected yet")
}

/// A file's size, or a place in it.
pub(super) fn file(size: i64, span: Span) -> Result<(), Complaint> {
    if size <= FILE_LIMIT {
        return Ok(());
    }
    let label = format!("this is {size}; at most 1024T");
    Err(Complaint::new(Code::E08, "the file is too large", span, label))
}

/// Bytes really written.
pub(super) fn written(bytes: i64, span: Span) -> Result<(), Complaint> {
    if bytes <= WRITE_LIMIT {
        return Ok(());
    }
    let label = format!("this is {bytes}; at most 64M are written or allocated");
    let complaint = Complaint::new(Code::E08, "too many bytes are written", span, label);
    Err(complaint.note("a file without fill is grown sparse, and may be large"))
}

/// A place to touch: in the mapping, or in what is kept free around it.
pub(super) fn touch(at: i64, symbols: &Symbols, anchor: &Anchor) -> Result<(), Complaint> {
    let reach = HOLE_PAGES.saturating_mul(symbols.p);
    if at >= -reach && at < symbols.map_end.saturating_add(reach) {
        return Ok(());
    }
    let label = format!("{at} is more than {HOLE_PAGES} pages away from the mapping");
    let complaint = Complaint::new(Code::E08, "a touch too far away", anchor.whole(), label);
    Err(complaint
        .note("what lies there is not the experiment's; an open range, as \"map_end ..\", touches its first byte"))
}

/// Addresses that a call works on; it may not reach what is not the experiment's.
pub(super) fn reach(at: i64, length: i64, symbols: &Symbols, anchor: &Anchor) -> Result<(), Complaint> {
    let reach = HOLE_PAGES.saturating_mul(symbols.p);
    let last = symbols.map_end.saturating_add(reach);
    let end = at
        .checked_add(length)
        .and_then(|end| crate::scenario::expr::up(end, symbols.p));
    if at % symbols.p != 0 {
        let label = format!("{at} is no multiple of the page size {}", symbols.p);
        let complaint = Complaint::new(Code::E04, "an address inside a page", anchor.whole(), label);
        return Err(complaint
            .note("the call would answer EINVAL, and an errno cannot be expected yet")
            .help("at = \"1p\""));
    }
    if at >= -reach && end.is_some_and(|end| end <= last) {
        return Ok(());
    }
    let label = format!(
        "{at} .. {} leaves what belongs to the experiment",
        at.saturating_add(length)
    );
    let complaint = Complaint::new(Code::E08, "a call reaches too far", anchor.whole(), label);
    Err(complaint.note(format!("{HOLE_PAGES} pages on either side of the mapping belong to it")))
}
