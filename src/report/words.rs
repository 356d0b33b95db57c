//! Every sentence of the program's own that a screen prints, so that a second language can stand beside this one. Names
//! (SIGBUS, map_end), offsets and calls are never translated. It may not know where on a screen a sentence goes.

use super::result::{ClaimVerdict, ProbeResult, Quiet, Text};

/// The language of the screens, of a text in both.
pub fn of(text: &Text) -> &str {
    if text.en.is_empty() { &text.zh } else { &text.en }
}

fn many(n: i64, one: &str, more: &str) -> String {
    if n == 1 {
        format!("1 {one}")
    } else {
        format!("{n} {more}")
    }
}

pub const FILE_SIZE: &str = "file size";
pub const FILE_END: &str = "end of file, from base";
pub const LENGTH: &str = "length given to mmap";

pub fn rounded(pages: i64, exact: bool) -> String {
    if pages == 0 {
        return "no page".into();
    }
    let pages = many(pages, "page", "pages");
    if exact {
        format!("{pages} exactly")
    } else {
        format!("rounded up to {pages}")
    }
}

pub const OFFSET: &str = "offset";
pub const EXPECTED: &str = "expected";
pub const OBSERVED: &str = "observed";
pub const CHILD: &str = "in a child:";
pub const THEN: &str = "then, one after another:";
pub const DIFFERS: &str = "<- DIFFERS";
pub const DIFFERS_SHORT: &str = "DIFFERS";
pub const NOT_RUN: &str = "not run";
pub const IN_FILE: &str = "in file";
pub const OWN_ZERO: &str = "0 (file)";
pub const WHY_OWN_ZERO: &str = "The file has a byte here, and it is 0; zero means the fill behind its end.";

/// The legend of the rulers.
pub const LEGEND: [&str; 5] = ["# file", "0 zero-filled", "B SIGBUS", "S SIGSEGV", "+ two of them"];

pub fn cell(page: i64) -> String {
    format!("cell = {} B", page / 16)
}

pub fn alike(pages: i64) -> String {
    format!("{} alike", many(pages, "page", "pages"))
}

/// Instead of calls that are the one above once more.
pub fn more_alike(n: usize) -> String {
    format!("... {n} more alike")
}

pub fn alike_short(pages: i64) -> String {
    format!("x {pages}")
}

/// `12` for `page 12`, `2-3` for `pages 2-3`, where there is no room for the word.
pub fn short_label(label: &str) -> String {
    let bare = label.trim_start_matches("pages ").trim_start_matches("page ");
    bare.replace("------", "---")
}

/// What a page is, the longest form first.
pub fn page_note(letter: char, mapped: bool) -> Vec<String> {
    let forms: &[&str] = match (letter, mapped) {
        ('#', _) => &["file bytes", "file"],
        ('0', _) => &["zeros", "zero"],
        ('B', _) => &[
            "mapped, no file behind it",
            "mapped, no file page",
            "no file behind it",
            "SIGBUS",
        ],
        ('S', true) => &["no access here: SIGSEGV", "no access", "SIGSEGV"],
        ('S', false) => &["nothing mapped", "SIGSEGV"],
        _ => &[""],
    };
    forms.iter().map(ToString::to_string).collect()
}

pub fn eof_note(eof: i64, zeros: bool) -> Vec<String> {
    let long = if zeros {
        format!("eof {eof}, then zeros")
    } else {
        format!("eof {eof}")
    };
    vec![long, format!("eof {eof}"), "eof".into()]
}

pub fn len_note(len: i64, letter: char) -> Vec<String> {
    let mut forms = vec![format!("len {len}: no border here"), format!("len {len}: no border")];
    forms.extend(page_note(letter, true).pop());
    forms
}

pub fn map_end_note(letter: char) -> Vec<String> {
    match letter {
        'S' => vec![
            "map_end: nothing mapped".into(),
            "nothing mapped".into(),
            "SIGSEGV".into(),
        ],
        _ => vec!["map_end".into()],
    }
}

pub const TOUCH: &str = "touch";
pub const PAGE: &str = "page";
pub const BOTH: &str = "rw = a load and a store, alike";
pub const BOTH_SHORT: &str = "rw = load and store";
pub const PREAD: &str = "pr = pread, past the mapping";

pub fn count(agree: usize, all: usize, not_run: usize) -> String {
    let rest = if not_run > 0 {
        format!(", {not_run} not run")
    } else {
        String::new()
    };
    format!("{agree} of {all} as expected{rest}")
}

pub fn expected_saw(expected: &str, saw: &str) -> String {
    format!("{expected} expected, {saw} observed")
}

/// Who is odd: `odd` says one thing, `others` another.
pub fn odd(odd: &str, says: &str, others: &str, say: &str) -> String {
    format!("{odd} says {says}, {others} {say}")
}

pub fn all_differ(author: Option<&str>, model: &str, kernel: &str) -> String {
    let author = author.map(|says| format!("author says {says}, ")).unwrap_or_default();
    let model = if author.is_empty() {
        format!("model says {model}")
    } else {
        format!("model {model}")
    };
    format!("{author}{model}, kernel {kernel}")
}

pub const AUTHOR: &str = "author";
pub const MODEL: &str = "model";
pub const KERNEL: &str = "kernel";
pub const AUTHOR_MODEL: &str = "author and model";
pub const AUTHOR_KERNEL: &str = "author and kernel";
pub const MODEL_KERNEL: &str = "model and kernel";
pub const ANY_OF: &str = " or ";

pub const CLAIM: &str = "claim";
pub const NOTES: &str = "course notes";
pub const REFUTED: &str = "REFUTED";
pub const DEPENDS: &str = "DEPENDS";
pub const NOT_SHOWN: &str = "skipped";
pub const SUITES_SHOWN: &str = "tests of other suites are shown by a scenario";
pub const SUITES_MISSING: &str = "are not, for this reason";
pub const HOLDS: &str = "HOLDS";
pub const UNTOUCHED: &str = "NOT SHOWN";
pub const NOTHING_TOUCHED: &str = "nothing in its range was touched here.";

/// By what a claim is decided: letters of lines, or places.
pub fn by(names: &[String]) -> String {
    let letters = names.iter().all(|name| name.chars().all(|c| c.is_ascii_lowercase()));
    let by = if letters { "by" } else { "at" };
    let shown = names.iter().take(3).cloned().collect::<Vec<_>>().join(", ");
    match names.len() {
        0 => String::new(),
        1..=3 => format!(" {by} {shown}"),
        n => format!(" {by} {shown} and {} more", n - 3),
    }
}

pub fn in_step(offset: i64, step: usize) -> String {
    format!("{offset} (step {})", step + 1)
}

/// Before what the model says of a step.
pub fn at_step(step: usize) -> String {
    format!("At step {}:", step + 1)
}

pub const WHY: &str = "why";
pub const NEXT: &str = "next";

pub const ERROR: &str = "ERROR";
pub const SKIPPED: &str = "SKIPPED";
pub const NO_REASON: &str = "no reason was given";

/// The name of the pages `from .. to`.
pub fn page_label(from: i64, to: i64) -> String {
    pages(&[(from, to)])
}

/// `page 3`, `pages 0-2, 7`; each stretch without its end.
fn pages(stretches: &[(i64, i64)]) -> String {
    let one = |&(from, to): &(i64, i64)| match to - from {
        1 => from.to_string(),
        _ => format!("{from}-{}", to - 1),
    };
    let shown: Vec<String> = stretches.iter().take(4).map(one).collect();
    let rest = match stretches.len() {
        0..=4 => String::new(),
        n => format!(" {}", more(n - 4)),
    };
    let word = match stretches {
        [(from, to)] if to - from == 1 => "page",
        _ => "pages",
    };
    format!("{word} {}{rest}", shown.join(", "))
}

/// What a first step begins with.
pub fn begins(eof: i64, alive: &[(i64, i64)]) -> String {
    match alive {
        [] if eof == 0 => "eof 0: no page has data".to_string(),
        [] => format!("eof {eof}: no page answers"),
        _ => format!("eof {eof}: {} alive", pages(alive)),
    }
}

/// A step that makes no system call and changes no zone: an access alone.
pub const NO_CALL: &str = "no system call";

pub const PAST_MAP_END: &str = "past map_end, no page more";
pub const SAME_PAGE: &str = "inside the same page";
pub const NO_PAGE: &str = "no page came or went";

/// How one step differs from the one before, the longest form first; `still` is what to say of an end of file that moved
/// and changed no page.
pub fn changed(eof: (i64, i64), came: &[(i64, i64)], died: &[(i64, i64)], still: Option<&str>) -> Vec<String> {
    let mut what = Vec::new();
    if !came.is_empty() {
        what.push(format!("{} came alive", pages(came)));
    }
    if !died.is_empty() {
        what.push(format!("{} died", pages(died)));
    }
    let what = match what.is_empty() {
        true => still.unwrap_or_default().to_string(),
        false => what.join(", "),
    };
    if eof.0 == eof.1 {
        return vec![what];
    }
    vec![
        format!("eof {} -> {}: {what}", eof.0, eof.1),
        format!("eof {}: {what}", eof.1),
        what,
    ]
}

pub fn scenarios(n: usize) -> String {
    many(n as i64, "scenario", "scenarios")
}

pub fn claims(n: usize, verdict: ClaimVerdict) -> String {
    let n = n as i64;
    match verdict {
        ClaimVerdict::Refuted => many(n, "claim refuted", "claims refuted"),
        ClaimVerdict::Depends => many(n, "claim depends", "claims depend"),
        ClaimVerdict::Holds => many(n, "claim holds", "claims hold"),
        ClaimVerdict::Skipped => many(n, "claim not shown", "claims not shown"),
    }
}

pub fn processes(n: usize) -> String {
    many(n as i64, "process", "processes")
}

pub fn steps(n: usize) -> String {
    many(n as i64, "step", "steps")
}

pub const FILE_AT: &str = "file";

pub fn more(n: usize) -> String {
    format!("and {n} more")
}

/// The sizes in a title: `file 5000  map 15000`.
pub fn sizes(file: i64, map: i64) -> String {
    format!("file {file}  map {map}")
}

/// The status of a line of `lab run`.
pub const STATUS: [&str; 5] = ["ok", "DIFFERS", "skip", "ERROR", "TIMEOUT"];

pub fn ran(run: usize, ok: usize, differs: usize, skipped: usize, errors: usize, seconds: f64) -> String {
    let errors = if errors > 0 {
        format!(", {}", many(errors as i64, "error", "errors"))
    } else {
        String::new()
    };
    format!("{run} run, {ok} ok, {differs} differs, {skipped} skipped{errors} in {seconds:.2}s")
}

/// The home screen's last line.
pub fn next_command(number: u32) -> String {
    format!("next: lab scenario {number}")
}

pub const LOAD: &str = "load";
pub const STORE: &str = "store";
pub const PAGES: &str = "edges";
pub const LOOK: &str = "nothing called";
pub const BEYOND_NIX: &str = "nix would refuse to say this; called through libc";

pub fn bytes(n: u64) -> String {
    many(n as i64, "byte", "bytes")
}

pub fn step(n: usize) -> String {
    format!("step {}", n + 1)
}

/// Where a claim was decided in a story.
pub fn of_step(probe: &ProbeResult, place: String) -> String {
    match probe.own {
        true => step(probe.step),
        false => format!("{place} (step {})", probe.step + 1),
    }
}

/// What a handler called.
pub fn handler(call: &str) -> String {
    format!("handler: {call}")
}

/// `file 5000 -> 0`
pub fn sizes_changed(sizes: &[(usize, u64, u64)]) -> String {
    let one = |(file, from, to): &(usize, u64, u64)| match file {
        0 => format!("file {from} -> {to}"),
        n => format!("fd{} {from} -> {to}", n + 1),
    };
    sizes.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// A step whose calls alone would not tell what it does.
pub fn quiet(quiet: Quiet) -> String {
    match quiet {
        Quiet::Fork(child) => format!("fork: {child} begins, with a copy of all mappings"),
        Quiet::Copy(len, from, to) => {
            let place = |(area, at): (usize, i64)| {
                let base = if area == 0 {
                    "base".to_owned()
                } else {
                    format!("base{}", area + 1)
                };
                if at == 0 { base } else { format!("{base}{at:+}") }
            };
            let (from, to) = (place(from), place(to));
            format!("copy {len} bytes, one by one: {from} to {to}")
        }
        Quiet::Race(times, atomic) => {
            let how = if atomic { "atomically" } else { "plainly" };
            format!("two processes add {times} times each, {how}; so many are lost")
        }
        Quiet::Count("present") => "count the pages with an entry: /proc/self/pagemap".into(),
        Quiet::Count(_) => "count the page faults: getrusage(RUSAGE_SELF)".into(),
        Quiet::OnFault(word) => match word {
            "ignore" => "from now on SIGBUS and SIGSEGV are ignored",
            "block" => "from now on SIGBUS and SIGSEGV are blocked",
            "return" => "from now on a handler returns, nothing repaired",
            "grow" => "from now on a handler grows the file",
            "cover" => "from now on a handler maps a page over the place",
            _ => "from now on faults are noted",
        }
        .into(),
    }
}

/// Where the rest of a brief is left out.
pub const CUT: &str = " ..";

/// The chapters of the course.
const CHAPTERS: [&str; 5] = ["sizes", "rights", "sharing", "faults", "corners"];

/// A chapter's heading; it is counted from 0.
pub fn chapter(n: usize) -> String {
    format!("{} {}", n + 1, CHAPTERS.get(n).copied().unwrap_or_default())
        .trim_end()
        .to_owned()
}
