//! `lab doctor`: can this machine show what the lesson needs? Each line was tried just now, not looked up.

use super::{AGREES, Context, Failure, MACHINE};
use crate::kernel::{self, Options, crosscheck};
use crate::op::{Arch, Fault, Filesystem, Outcome, Place, Signal};
use crate::world::{self, Here};

/// Page size for which the lessons' numbers are those of the course notes.
const NOTES_PAGE: u64 = 4096;

struct Findings {
    lines: String,
    code: u8,
}

impl Findings {
    fn say(&mut self, word: &str, text: &str) {
        for (n, part) in text.split('\n').enumerate() {
            let word = if n == 0 { word } else { "" };
            self.lines.push_str(&format!("   {word:<5} {part}\n"));
        }
    }

    fn refuse(&mut self, text: &str) {
        self.code = MACHINE;
        self.say("NO", text);
    }
}

/// Try, and report.
pub fn doctor(context: &Context) -> Result<u8, Failure> {
    let here = super::here()?;
    let mut findings = Findings {
        lines: String::new(),
        code: AGREES,
    };
    page(&here, &mut findings);
    faults(&here, &mut findings)?;
    filesystem(&here, &mut findings);
    context.print(&findings.lines)?;
    Ok(findings.code)
}

fn page(here: &Here, findings: &mut Findings) {
    let page = here.world.page;
    if page == NOTES_PAGE {
        findings.say(
            "ok",
            &format!("page size {page}, so lesson numbers read as in the notes"),
        );
    } else {
        let note = format!("page size {page}: lesson numbers are scaled to it and differ from the notes'");
        findings.say("note", &note);
    }
    if here.world.arch == Arch::Aarch64 {
        findings.say("note", "aarch64: the instrument was tried under emulation only");
    }
}

fn faults(here: &Here, findings: &mut Findings) -> Result<(), Failure> {
    let options =
        Options::new(here.world.page, &here.dir).ok_or_else(|| Failure::Usage("TMPDIR holds a NUL byte".to_owned()))?;
    let interrupts = super::interrupts()?;
    let record = match kernel::run(&crosscheck::same_script(here.world.page), &options, &interrupts) {
        Ok(record) => record,
        Err(kernel::Trouble::Interrupted) => return Err(Failure::Interrupted),
        Err(trouble) => {
            findings.refuse(&trouble.to_string());
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
        findings.say("ok", "fork, mmap, SIGBUS and SIGSEGV delivered, caught, and died of");
    } else {
        findings.refuse(&format!(
            "the three faults of the subject cannot be shown here; seen: {ours:?}"
        ));
    }
    match crosscheck::three_faults(&options) {
        Ok(hooked)
            if hooked
                .iter()
                .map(|seen| seen.map(Outcome::Fault))
                .eq(faults.iter().copied()) =>
        {
            findings.say("ok", "signal-hook classifies the same faults alike")
        }
        Ok(_) => findings.refuse("signal-hook classifies the same faults differently"),
        Err(errno) => findings.refuse(&format!(
            "the cross-check through signal-hook came to nothing: {}",
            errno.desc()
        )),
    }
    Ok(())
}

fn filesystem(here: &Here, findings: &mut Findings) {
    let dir = here.dir.display();
    let name = here.world.filesystem.name();
    match &here.world.filesystem {
        Filesystem::Tmpfs if here.world.huge_always => findings.say(
            "note",
            &format!(
                "{dir} is tmpfs (huge=always): SIGBUS may not come for large, aligned\n\
                 maps, and bytes past eof survive. Use TMPDIR=~/.cache for the lesson."
            ),
        ),
        Filesystem::Tmpfs => findings.say("note", &format!("{dir} is tmpfs: bytes stored past eof survive there")),
        Filesystem::Other(_) => findings.say(
            "note",
            &format!("{dir} is {name}, which nobody has measured: what becomes of bytes\npast eof is left open"),
        ),
        _ => findings.say("ok", &format!("{dir} is {name}, block size {}", here.world.block)),
    }
    if here.fs_options == "unknown" {
        findings.say(
            "note",
            "/proc is not there: mount options are unknown, huge=always among them",
        );
    }
    if world::is_full(&here.dir) {
        findings.refuse(&format!("the filesystem of {dir} is full; set TMPDIR to another"));
    }
    findings.say("note", "only one page size can be run here");
}
