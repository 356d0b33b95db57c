//! What a step of a story did, and what somebody wants to know of it, in words. It may not know columns or lines.

use super::super::result::{ProbeResult, ScenarioResult, StepResult, Verdict};
use super::super::text::clean;
use super::super::{answers, around, words};

/// One line to be: what was done, and what came of it where that was asked.
#[derive(Clone)]
pub struct Row<'a> {
    /// number and process, where it begins a step
    pub head: String,
    /// in strace's words; without its result where that was asked about
    pub done: String,
    /// what somebody wants to know of it
    pub probe: Option<&'a ProbeResult>,
    /// behind what was observed: a file's new size
    pub note: String,
}

/// The rows of one step: its own operation first, then what a handler called, then places that were asked about.
pub fn of_step<'a>(result: &'a ScenarioResult, step: &StepResult, digits: usize, company: bool) -> Vec<Row<'a>> {
    let probes = || result.probes.iter().filter(|probe| probe.step == step.n);
    let own = probes().find(|probe| probe.own);
    let by = |by: &str| if company { format!("{by} ") } else { String::new() };
    let who = if step.told.by.is_empty() {
        own.map_or("A", |probe| &probe.by)
    } else {
        &step.told.by
    };
    let head = format!(" {:>digits$} {}", step.n + 1, by(who));
    let calls = around::folded(&step.calls[setup(step)..]);
    let agreed = own.is_none_or(|probe| probe.verdict == Verdict::Agrees);
    let note = if agreed {
        words::sizes_changed(&step.told.sizes)
    } else {
        String::new()
    };
    let star = if step.told.beyond_nix { " *" } else { "" };
    let row = |head: &str, done: String, probe| Row {
        head: head.to_owned(),
        done,
        probe,
        note: String::new(),
    };
    let mut rows = Vec::new();
    match (own, step.told.quiet) {
        (Some(probe), _) if matches!(probe.op, "read" | "write") => {
            rows.push(Row {
                note,
                ..row(&head, touch(probe), own)
            });
            // what a handler did about the fault
            let handled = calls.iter().filter(|call| !call.starts_with("rt_sig"));
            rows.extend(handled.map(|call| row("", format!("  {}", words::handler(call)), None)));
        }
        (_, Some(quiet)) => rows.push(row(&head, words::quiet(quiet), own)),
        (Some(probe), None) => {
            let call = probe.call.clone().or(step.calls.last().cloned()).unwrap_or_default();
            rows.push(Row {
                note,
                ..row(&head, format!("{}{star}", bare(&clean(&call))), own)
            });
        }
        (None, None) => {
            for (i, call) in calls.iter().enumerate() {
                let note = if i + 1 == calls.len() && !note.is_empty() {
                    format!("   {note}")
                } else {
                    String::new()
                };
                rows.push(row(
                    if i == 0 { &head } else { "" },
                    format!("{call}{star}{note}"),
                    None,
                ));
            }
        }
    }
    let asked = probes().filter(|probe| !probe.own && !step.probed);
    rows.extend(asked.map(|probe| row("", touch(probe), Some(probe))));
    if rows.is_empty() {
        rows.push(row(&head, words::look().to_owned(), None));
    } else if rows[0].head.is_empty() {
        rows[0].head = head;
    }
    rows
}

/// A call without what it came to.
fn bare(call: &str) -> &str {
    call.rfind(") = ").map_or(call, |end| &call[..=end])
}

/// `load base+100`, `store 'Z' base2+200`
fn touch(probe: &ProbeResult) -> String {
    let what = match (probe.op, probe.stored) {
        ("read", _) => words::load().to_owned(),
        (_, byte) => words::store(byte.map(answers::byte)),
    };
    match probe.bytes {
        0 | 1 => format!("{what} {}", place(probe)),
        n => format!("{what} {} ({})", place(probe), words::bytes(n)),
    }
}

/// An offset as an address: `base2+200`.
fn address(area: Option<&str>, offset: i64) -> String {
    let area = area.unwrap_or("base");
    if area == "NULL" && offset != 0 {
        return format!("{offset:#x}");
    }
    if offset == 0 {
        area.to_owned()
    } else {
        format!("{area}{offset:+}")
    }
}

pub fn place(probe: &ProbeResult) -> String {
    address(probe.area.as_deref(), probe.offset)
}

/// What stands behind the observed, the longest form first.
pub fn tails(row: &Row) -> Vec<String> {
    let Some(probe) = row.probe else {
        return Vec::new();
    };
    let mark = if probe.verdict == Verdict::Differs {
        words::differs()
    } else {
        ""
    };
    let observed = probe.observed.as_ref();
    let code = observed.and_then(|o| o.si_code.clone()).unwrap_or_default();
    let at = observed
        .and_then(|o| Some((o.si_addr_offset?, o.si_addr_area.as_deref())))
        .map(|(n, area)| format!("si_addr={}", address(area.or(probe.area.as_deref()), n)));
    let forms = [
        vec![code.as_str(), at.as_deref().unwrap_or(""), &row.note, mark],
        vec![&code, &row.note, mark],
        vec![&row.note, mark],
        vec![mark],
        vec![if mark.is_empty() { "" } else { words::differs_short() }],
    ];
    let joined = |parts: &Vec<&str>| {
        parts
            .iter()
            .filter(|part| !part.is_empty())
            .copied()
            .collect::<Vec<_>>()
            .join(" ")
    };
    forms.iter().map(joined).collect()
}

/// How many of a step's calls made everything before it.
pub fn setup(step: &StepResult) -> usize {
    step.told.setup.min(step.calls.len())
}
