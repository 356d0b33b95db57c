//! `lab doctor`: can this machine show what the lesson needs? Each line was tried just now, not looked up.

use super::{AGREES, Context, Failure, MACHINE};
use crate::kernel::{self, Options, crosscheck};
use crate::op::{Arch, Fault, Filesystem, Outcome, Place, Signal};
use crate::report::{self, Found};
use crate::say::{said, say, system};
use crate::world::{self, Here};

/// Page size for which the lessons' numbers are those of the course notes.
const NOTES_PAGE: u64 = 4096;

struct Findings {
    list: Vec<(Found, String)>,
    code: u8,
}

impl Findings {
    fn say(&mut self, found: Found, text: impl Into<String>) {
        self.list.push((found, text.into()));
    }

    fn refuse(&mut self, text: impl Into<String>) {
        self.code = MACHINE;
        self.say(Found::No, text);
    }
}

/// Try, and report.
pub fn doctor(context: &Context) -> Result<u8, Failure> {
    let here = super::here()?;
    let mut findings = Findings {
        list: Vec::new(),
        code: AGREES,
    };
    page(&here, &mut findings);
    faults(&here, &mut findings)?;
    filesystem(&here, &mut findings);
    context.print(&report::doctor(&findings.list, context.width))?;
    Ok(findings.code)
}

fn page(here: &Here, findings: &mut Findings) {
    let page = here.world.page;
    if page == NOTES_PAGE {
        findings.say(
            Found::Fine,
            say!(
                "page size {page}, so lesson numbers read as in the notes",
                "页大小 {page}, 所以情景里的数字与笔记相同"
            ),
        );
    } else {
        let note = say!(
            "page size {page}: lesson numbers are scaled to it and differ from the notes'",
            "页大小 {page}: 情景里的数字随之换算, 与笔记不同"
        );
        findings.say(Found::Note, note);
    }
    if here.world.arch == Arch::Aarch64 {
        findings.say(
            Found::Note,
            said!(
                "aarch64: the instrument was tried under emulation only",
                "aarch64: 本程序只在模拟器上试过"
            ),
        );
    }
}

fn faults(here: &Here, findings: &mut Findings) -> Result<(), Failure> {
    let options = Options::new(here.world.page, &here.dir)
        .ok_or_else(|| Failure::Usage(said!("TMPDIR holds a NUL byte", "TMPDIR 里有 NUL 字节").to_owned()))?;
    let interrupts = super::interrupts()?;
    let record = match kernel::run(&crosscheck::same_script(here.world.page), &options, &interrupts) {
        Ok(record) => record,
        Err(kernel::Trouble::Interrupted) => return Err(Failure::Interrupted),
        Err(trouble) => {
            findings.refuse(super::lesson::told(&trouble).spoken());
            return Ok(());
        }
    };
    let ours: Vec<Option<Outcome>> = record
        .answers
        .iter()
        .map(|answer| answer.as_ref().map(|seen| seen.outcome))
        .collect();
    let page = here.world.page as i64;
    let wanted = [
        (Signal::Sigbus, 2, page),
        (Signal::Sigsegv, 2, 0),
        (Signal::Sigsegv, 1, 2 * page),
    ];
    let wanted = wanted
        .map(|(signal, si_code, at)| (signal, si_code, Place::base(at)))
        .map(|(signal, si_code, at)| Some(Outcome::Fault(Fault { signal, si_code, at })));
    let (made, faults) = ours.split_at(ours.len() - wanted.len());
    if made.iter().all(|outcome| *outcome == Some(Outcome::Done)) && faults == wanted {
        findings.say(
            Found::Fine,
            said!(
                "fork, mmap, SIGBUS and SIGSEGV delivered, caught, and died of",
                "fork、mmap、SIGBUS 和 SIGSEGV: 能送达, 能捕获, 也能致死"
            ),
        );
    } else {
        findings.refuse(say!(
            "the three faults of the subject cannot be shown here; seen: {ours:?}",
            "本课的三种出错在这里演示不了; 看到的是: {ours:?}"
        ));
    }
    match crosscheck::three_faults(&options) {
        Ok(hooked)
            if hooked
                .iter()
                .map(|seen| seen.map(Outcome::Fault))
                .eq(faults.iter().copied()) =>
        {
            findings.say(
                Found::Fine,
                said!(
                    "signal-hook classifies the same faults alike",
                    "signal-hook 库对同样的出错给出同样的分类"
                ),
            )
        }
        Ok(_) => findings.refuse(said!(
            "signal-hook classifies the same faults differently",
            "signal-hook 库对同样的出错给出不同的分类"
        )),
        Err(errno) => findings.refuse(say!(
            "the cross-check through signal-hook came to nothing: {}",
            "借助 signal-hook 库的核对没有结果: {}",
            system::errno(errno as i32, errno.desc())
        )),
    }
    Ok(())
}

fn filesystem(here: &Here, findings: &mut Findings) {
    let dir = here.dir.display();
    let name = here.world.filesystem.name();
    match &here.world.filesystem {
        Filesystem::Tmpfs if here.world.huge_always => findings.say(
            Found::Note,
            say!(
                "{dir} is tmpfs (huge=always): SIGBUS may not come for large, aligned \
                 maps, and bytes past eof survive. Use TMPDIR=~/.cache for the lesson.",
                "{dir} 是 tmpfs (huge=always): 大而对齐的映射可能没有 SIGBUS, \
                 eof 之后的字节也会留下。上课请用 TMPDIR=~/.cache。"
            ),
        ),
        Filesystem::Tmpfs => findings.say(
            Found::Note,
            say!(
                "{dir} is tmpfs: bytes stored past eof survive there",
                "{dir} 是 tmpfs: 写在 eof 之后的字节在这里会留下"
            ),
        ),
        Filesystem::Other(_) => findings.say(
            Found::Note,
            say!(
                "{dir} is {name}, which nobody has measured: what becomes of bytes past eof is left open",
                "{dir} 是 {name}, 还没有人测过: eof 之后的字节会怎样, 这里不作断言"
            ),
        ),
        _ => findings.say(
            Found::Fine,
            say!(
                "{dir} is {name}, block size {}",
                "{dir} 是 {name}, 块大小 {}",
                here.world.block
            ),
        ),
    }
    if here.fs_options == "unknown" {
        findings.say(
            Found::Note,
            said!(
                "/proc is not there: mount options are unknown, huge=always among them",
                "没有 /proc: 挂载选项不得而知, 包括 huge=always"
            ),
        );
    }
    if world::is_full(&here.dir) {
        findings.refuse(say!(
            "the filesystem of {dir} is full; set TMPDIR to another",
            "{dir} 所在的文件系统已满; 请把 TMPDIR 设到别处"
        ));
    }
    findings.say(
        Found::Note,
        said!("only one page size can be run here", "这里只能运行一种页大小"),
    );
}
