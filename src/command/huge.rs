//! Mappings of more pages than anybody looks at: their borders by search, or by a walk over every page. The touches at the
//! planned places are made all the same; this says that nothing lies between them. It may not work a border out itself.

use std::io::{IsTerminal, Write, stderr};
use std::time::Duration;

use super::Failure;
use super::lesson::Chosen;
use crate::kernel::{self, Interrupts, Options, Trouble};
use crate::model::Model;
use crate::op::{Access, FileKind, Filesystem, Op, Share, Signal, Source, ZoneKind, errno_name};
use crate::report::result::{BordersResult, ScenarioResult, Verdict};
use crate::say::say;
use crate::world::Here;

/// From so many pages on, borders are searched for: the edges that are planned leave too much between them.
const MANY: u64 = 1 << 16;
/// A walk that takes longer is refused.
const LONGEST: Duration = Duration::from_secs(3600);
/// So long anybody waits without a word.
const SILENCE: Duration = Duration::from_secs(5);
/// So many bytes of memory a walk may take: on tmpfs each page of a hole that is read takes one.
const MEMORY: u64 = 64 << 20;

/// File size and length, where there is one shared, readable mapping of a file from its first byte, and nothing else.
fn sizes(chosen: &Chosen) -> Option<(u64, u64)> {
    let [step] = &chosen.plan.steps[..] else { return None };
    let (mut size, mut mapped) = (0, None);
    for act in &step.acts {
        match act.op {
            Op::Create {
                kind: FileKind::Regular,
                ..
            } => {}
            Op::Truncate { size: to, .. } => size = to,
            Op::Write { at: 0, len, .. } => size = len,
            Op::Map { mapping, .. } if mapped.is_none() => mapped = Some(mapping),
            _ => return None,
        }
    }
    let mapping = mapped?;
    let plain = matches!(mapping.source, Source::File(_)) && mapping.offset == 0 && mapping.share == Share::Shared;
    (plain && mapping.prot.read).then_some((size, mapping.len))
}

/// Search where there are many pages; walk where that was asked for.
pub fn borders(
    chosen: &Chosen,
    here: &Here,
    options: &Options,
    interrupts: &Interrupts,
    result: &mut ScenarioResult,
) -> Result<(), Trouble> {
    let Some((size, length)) = sizes(chosen) else {
        return Ok(());
    };
    let page = here.world.page;
    let pages = length.div_ceil(page);
    let mut borders = if chosen.exhaustive {
        let walked = kernel::walk::run((size, length), options, interrupts, &mut |done| tell(done, pages))?;
        hush();
        BordersResult {
            how: "walk",
            pages,
            touches: pages + 1,
            samples: 0,
            bytes_end: walked.found.bytes_end,
            sigsegv: walked.found.sigsegv,
            populated: Vec::new(),
            took: walked.took,
            agrees: true,
        }
    } else if pages > MANY {
        let searched = kernel::search::run((size, length), options, interrupts)?;
        let word = |errno: &i32| match errno {
            0 => "ok".to_owned(),
            errno => errno_name(*errno).map_or_else(|| errno.to_string(), str::to_owned),
        };
        BordersResult {
            how: "search",
            pages,
            touches: searched.found.touches.into(),
            samples: searched.samples.into(),
            bytes_end: searched.found.bytes_end,
            sigsegv: searched.found.sigsegv,
            populated: searched.populated.iter().flatten().map(word).collect(),
            took: searched.took,
            agrees: true,
        }
    } else {
        return Ok(());
    };
    borders.agrees = (borders.bytes_end, borders.sigsegv) == foretold(chosen, here);
    if !borders.agrees && result.verdict == Verdict::Agrees {
        result.verdict = Verdict::Differs;
    }
    result.borders = Some(borders);
    Ok(())
}

/// The model's borders, for loads: the first byte that is a fault, and the first that is SIGSEGV.
fn foretold(chosen: &Chosen, here: &Here) -> (u64, u64) {
    let mut model = Model::new(&here.world);
    for act in &chosen.plan.steps[0].acts {
        model.apply(act.by, &act.op);
    }
    let zones = model.zones(0, 0, Access::Load);
    let first = |is: &dyn Fn(ZoneKind) -> bool| {
        let at = |zone: &&crate::op::Zone| zone.from >= 0 && is(zone.is);
        zones.iter().find(at).map_or(u64::MAX, |zone| zone.from.unsigned_abs())
    };
    (
        first(&|is| matches!(is, ZoneKind::Fault(..))),
        first(&|is| matches!(is, ZoneKind::Fault(Signal::Sigsegv, _))),
    )
}

/// Is a walk possible, and how long will it take? Told before it begins.
pub fn announce(chosen: &Chosen, here: &Here) -> Result<(), Failure> {
    let Some((size, length)) = sizes(chosen) else {
        return Err(Failure::Usage(say!(
            "--exhaustive walks one shared mapping of a file from its first byte; this scenario is something else",
            "--exhaustive 只能逐页走完一个从文件开头起的共享映射; 这个情景不是"
        )));
    };
    let page = here.world.page;
    let (bytes, pages) = (size.min(length), length.div_ceil(page));
    if here.world.filesystem == Filesystem::Tmpfs && bytes > MEMORY {
        let dir = here.dir.display();
        return Err(Failure::Machine(say!(
            "reading the holes of a file on tmpfs takes a page of memory for each: {bytes} bytes on {dir}; set TMPDIR to a disk, or leave --exhaustive out",
            "读 tmpfs 文件的洞, 每页都要占一页内存: {dir} 上共 {bytes} 字节; 请把 TMPDIR 设到磁盘上, 或去掉 --exhaustive"
        )));
    }
    let options = super::lesson::options(here)?;
    let interrupts = super::interrupts()?;
    let time = kernel::walk::estimate((size, length), &options, &interrupts)?;
    let about = duration(time);
    if time > LONGEST {
        return Err(Failure::Machine(say!(
            "touching all {pages} pages would take {about} on this machine; leave --exhaustive out, and the borders are searched for",
            "在这台机器上碰完全部 {pages} 页需要 {about}; 去掉 --exhaustive, 就用二分查找边界"
        )));
    }
    let mut err = stderr().lock();
    let line = say!(
        " {pages} pages, {about} by two processes\n",
        " {pages} 页, 两个进程, {about}\n"
    );
    // Who waits long is told so, also where there is no bar.
    if err.is_terminal() || time > SILENCE {
        let _ = err.write_all(line.as_bytes()); // nobody left to tell
    }
    Ok(())
}

fn duration(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        0..=1 => say!("about a second", "大约一秒"),
        2..=119 => say!("about {seconds} seconds", "大约 {seconds} 秒"),
        120..=7199 => {
            let minutes = seconds / 60;
            say!("about {minutes} minutes", "大约 {minutes} 分钟")
        }
        _ => {
            let hours = seconds / 3600;
            say!("about {hours} hours", "大约 {hours} 小时")
        }
    }
}

/// A bar on a terminal.
fn tell(done: u64, pages: u64) {
    let mut err = stderr().lock();
    if err.is_terminal() {
        let part = (done * 40 / pages.max(1)).min(40) as usize;
        let percent = done * 100 / pages.max(1);
        let bar = format!("\r |{}{}| {percent} %", "#".repeat(part), " ".repeat(40 - part));
        let _ = err.write_all(bar.as_bytes()); // nobody left to tell
    }
}

fn hush() {
    let mut err = stderr().lock();
    if err.is_terminal() {
        let _ = err.write_all(b"\r\x1b[K");
    }
}
