//! What a scenario may ask of a machine at most, so that a stranger's file can be run: each limit once, with its
//! complaint.

use super::Planner;
use crate::op::{Act, FileId, Op, Place, ProcId, Script};
use crate::say::{said, say};
use crate::scenario::complaint::{Code, Complaint, Span};
use crate::scenario::expr::Symbols;
use crate::scenario::parse::{Map, Scenario};

/// Around a mapping this many pages on either side belong to the experiment; the instrument keeps them free.
pub(in crate::scenario) const HOLE_PAGES: i64 = 128;
/// A sparse file may be as large; offsets in it and lengths added to them still fit 64 bits by far.
const FILE_LIMIT: i64 = 1 << 50;
/// Half of what 47 bits of addresses hold.
const MAP_LIMIT: i64 = 64 << 40;
/// Bytes written or allocated in all copies of an experiment.
pub(super) const WRITE_LIMIT: i64 = 64 << 20;
/// Bytes of one copy, byte by byte.
const COPY_LIMIT: i64 = 256;
/// Bytes of one call of the C library.
const LIBRARY_LIMIT: i64 = 4096;
/// Additions of each process in a race.
const RACE_LIMIT: i64 = 100_000_000;
/// A file that is measured has a multiple of this many bytes, and at most so many.
const MEASURE_GRAIN: i64 = 1 << 20;
/// See `MEASURE_GRAIN`.
const MEASURE_LIMIT: i64 = 64 << 30;
/// Touches in all.
pub(super) const TOUCH_LIMIT: usize = 4096;

/// A section that maps: sizes, and what mmap would refuse.
pub(super) fn mapping(map: &Map, symbols: &Symbols, offset: i64) -> Vec<Complaint> {
    let mut complaints: Vec<Complaint> = length(symbols.len, map.length.at.whole()).err().into_iter().collect();
    if let Some(amount) = &map.offset {
        if offset % symbols.p != 0 {
            let label = say!(
                "{offset} is no multiple of the page size {}",
                "{offset} 不是页大小 {} 的整数倍",
                symbols.p
            );
            let complaint = Complaint::new(
                Code::E04,
                said!("an offset inside a page", "偏移不在页边界上"),
                amount.at.whole(),
                label,
            );
            complaints.push(refused(complaint).help("offset = \"1p\""));
        }
        complaints.extend(file(offset, amount.at.whole()).err());
    }
    complaints
}

/// A file that is measured: whole buffers of the largest call, and no more than a machine may be asked to write.
pub(super) fn measured(scenario: &Scenario, size: i64) -> Option<Complaint> {
    if size > 0 && size % MEASURE_GRAIN == 0 && size <= MEASURE_LIMIT {
        return None;
    }
    let label = format!("this is {size}; a multiple of 1M is needed, and at most 64G");
    let complaint = Complaint::new(
        Code::E08,
        "a size that is not measured",
        scenario.file.size.at.whole(),
        label,
    );
    Some(complaint.help("\"64M\""))
}

/// The length of a mapping that shall come about.
pub(super) fn length(len: i64, span: Span) -> Result<(), Complaint> {
    if len == 0 {
        let complaint = Complaint::new(
            Code::E04,
            said!("a mapping of 0 bytes", "映射 0 字节"),
            span,
            said!("this is 0", "这里是 0"),
        );
        return Err(refused(complaint).help("length = \"1p\""));
    }
    if len > MAP_LIMIT {
        let label = say!("this is {len}; at most 64T can be mapped", "这里是 {len}; 最多映射 64T");
        return Err(Complaint::new(
            Code::E08,
            said!("the mapping is too long", "映射太长"),
            span,
            label,
        ));
    }
    Ok(())
}

fn refused(complaint: Complaint) -> Complaint {
    complaint.note(said!(
        "mmap would answer EINVAL; a step may try that: mmap = 0, expect = \"EINVAL\"",
        "mmap 会返回 EINVAL; 可以在一步里试: mmap = 0, expect = \"EINVAL\""
    ))
}

/// A file's size, or a place in it.
pub(super) fn file(size: i64, span: Span) -> Result<(), Complaint> {
    if size <= FILE_LIMIT {
        return Ok(());
    }
    let label = say!("this is {size}; at most 1024T", "这里是 {size}; 最多 1024T");
    Err(Complaint::new(
        Code::E08,
        said!("the file is too large", "文件太大"),
        span,
        label,
    ))
}

/// Has this process closed the descriptor, or inherited it closed? mmap may try all the same, and is answered EBADF.
pub(super) fn is_closed(past: &Script, by: ProcId, file: FileId) -> bool {
    let mut closed = Vec::new();
    for act in &past.acts {
        match act.op {
            Op::Close { file: gone } if gone == file => closed.push(act.by),
            Op::Fork { child } if closed.contains(&act.by) => closed.push(child),
            _ => {}
        }
    }
    closed.contains(&by)
}

/// Is it closed, and has anything been opened since? open(2) gives the lowest number that is free: the closed one's.
pub(super) fn is_reused(past: &Script, by: ProcId, file: FileId) -> bool {
    let gone = |act: &Act| matches!(act.op, Op::Close { file: gone } if gone == file);
    let mut since = past.acts.iter().skip_while(|act| !gone(act));
    let opens = |act: &Act| matches!(act.op, Op::Create { .. } | Op::Reopen { .. });
    is_closed(past, by, file) && since.any(opens)
}

/// Bytes really written.
pub(super) fn written(bytes: i64, span: Span) -> Result<(), Complaint> {
    if bytes <= WRITE_LIMIT {
        return Ok(());
    }
    let label = say!(
        "this is {bytes}; at most 64M are written or allocated",
        "这里是 {bytes}; 最多写入或分配 64M"
    );
    let complaint = Complaint::new(
        Code::E08,
        said!("too many bytes are written", "写入的字节太多"),
        span,
        label,
    );
    Err(complaint.note(said!(
        "a file without fill is grown sparse, and may be large",
        "不写 fill 的文件是稀疏的, 可以很大"
    )))
}

/// A place to touch: in the mapping, or in what is kept free around it.
pub(super) fn touch(place: Place, planner: &Planner, span: &Span) -> Result<(), Complaint> {
    let at = place.at;
    if inside(at, 1, place.area, planner) {
        return Ok(());
    }
    let label = say!(
        "{at} is more than {HOLE_PAGES} pages away from the mapping",
        "{at} 离映射超过 {HOLE_PAGES} 页"
    );
    let complaint = Complaint::new(
        Code::E08,
        said!("a touch too far away", "访问的位置太远"),
        span.clone(),
        label,
    );
    Err(complaint.note(said!(
        "what lies there is not the experiment's; an open range, as \"map_end ..\", touches its first byte",
        "那里不属于实验; 开放的区间, 如 \"map_end ..\", 只访问它的第一个字节"
    )))
}

/// Addresses that a call works on; it may not reach what is not the experiment's. Unless an errno is expected, they begin
/// with a page.
pub(super) fn reach(place: Place, len: u64, planner: &Planner, span: &Span, refusable: bool) -> Result<(), Complaint> {
    let (at, p) = (place.at, planner.symbols.p);
    if at % p != 0 && !refusable {
        let label = say!(
            "{at} is no multiple of the page size {p}",
            "{at} 不是页大小 {p} 的整数倍"
        );
        let complaint = Complaint::new(
            Code::E04,
            said!("an address inside a page", "地址不在页边界上"),
            span.clone(),
            label,
        );
        return Err(complaint
            .note(said!(
                "the call would answer EINVAL; expect = \"EINVAL\" says so",
                "调用会返回 EINVAL; 写上 expect = \"EINVAL\" 就可以"
            ))
            .help("at = \"1p\""));
    }
    if inside(at, i64::try_from(len).unwrap_or(i64::MAX), place.area, planner) {
        return Ok(());
    }
    let label = say!(
        "{at} .. {} leaves what belongs to the experiment",
        "{at} .. {} 超出了实验的范围",
        at.saturating_add_unsigned(len)
    );
    let complaint = Complaint::new(
        Code::E08,
        said!("a call reaches too far", "调用涉及的地址太远"),
        span.clone(),
        label,
    );
    Err(complaint.note(say!(
        "{HOLE_PAGES} pages on either side of the mapping belong to it",
        "映射两侧各 {HOLE_PAGES} 页属于实验"
    )))
}

fn inside(at: i64, len: i64, area: usize, planner: &Planner) -> bool {
    let p = planner.symbols.p;
    let reach = HOLE_PAGES.saturating_mul(p);
    let mapped = crate::scenario::expr::up(planner.geometry.longest(area), p).unwrap_or(i64::MAX);
    let last = mapped.saturating_add(reach);
    let end = at.checked_add(len).and_then(|end| crate::scenario::expr::up(end, p));
    at >= -reach && end.is_some_and(|end| end <= last)
}

/// Bytes copied one by one: enough to cross an edge.
pub(super) fn copied(len: i64, bytewise: bool, span: Span) -> Result<(), Complaint> {
    let most = if bytewise { COPY_LIMIT } else { LIBRARY_LIMIT };
    if len <= most {
        return Ok(());
    }
    let label = say!("this is {len}; at most {most} bytes", "这里是 {len}; 最多 {most} 字节");
    let complaint = Complaint::new(Code::E08, said!("too long a copy", "复制得太长"), span, label);
    let note = said!(
        "a short one shows what happens at an edge",
        "短的就足以看到边缘处的情形"
    );
    Err(complaint.note(note))
}

/// Additions to a counter, which must not cross a word.
pub(super) fn race(times: i64, at: i64, span: &Span) -> Result<(), Complaint> {
    if times > RACE_LIMIT {
        let label = say!(
            "this is {times}; at most 100M additions",
            "这里是 {times}; 最多加 100M 次"
        );
        return Err(Complaint::new(
            Code::E08,
            said!("too many additions", "加法次数太多"),
            span.clone(),
            label,
        ));
    }
    if at % 8 != 0 {
        let label = say!("{at} is no multiple of 8", "{at} 不是 8 的倍数");
        return Err(Complaint::new(
            Code::E04,
            said!("a counter across two words", "计数器跨两个字"),
            span.clone(),
            label,
        )
        .help("at = 0"));
    }
    Ok(())
}
