//! Results made by hand for the tests of the views: the three lessons for any page size. It may not know how they are drawn.

use crate::report::result::{
    ClaimResult, ClaimVerdict, Machine, ModelAnswer, Observed, ProbeResult, Report, ScenarioProse, ScenarioResult,
    StepResult, Summary, SymbolValues, Text, Verdict, Witness, ZoneResult,
};

/// A machine with pages of this size.
pub fn machine(page: u64) -> Machine {
    Machine {
        kernel: "6.18.44".into(),
        arch: "x86_64".into(),
        page,
        fs: "ext4".into(),
        fs_options: "rw,relatime".into(),
        euid: 0,
        dir: "/tmp".into(),
    }
}

fn text(en: &str) -> Text {
    Text {
        en: en.into(),
        zh: en.into(),
    }
}

/// A step whose zones are those of a file of `size` bytes under a mapping of `len`.
pub fn step(n: usize, calls: &[String], p: i64, size: i64, len: i64) -> StepResult {
    let up = |n: i64| (n + p - 1) / p * p;
    let (eof_page, map_end) = (up(size), up(len));
    let borders = [
        (0, size, "file"),
        (size, eof_page, "zero"),
        (eof_page, map_end, "SIGBUS"),
    ];
    let mut zones: Vec<ZoneResult> = borders
        .iter()
        .map(|&(from, to, is)| ZoneResult {
            from,
            to: Some(to.min(map_end)),
            is: is.into(),
        })
        .filter(|zone| zone.to > Some(zone.from))
        .collect();
    zones.push(ZoneResult {
        from: map_end,
        to: None,
        is: "SIGSEGV".into(),
    });
    let symbols = SymbolValues {
        p,
        size,
        eof: size,
        eof_page,
        len,
        map_end,
    };
    StepResult {
        n,
        calls: calls.to_vec(),
        symbols,
        author_zones: zones.clone(),
        zones,
        probed: true,
        told: Default::default(),
    }
}

/// A probe that all three voices agree on.
pub fn probe(step: &StepResult, op: &'static str, offset: i64, place: Option<&str>) -> ProbeResult {
    let zone = step
        .zones
        .iter()
        .find(|zone| zone.from <= offset && zone.to.is_none_or(|to| offset < to));
    let is = zone.map_or("SIGSEGV", |zone| zone.is.as_str());
    let code = match is {
        "SIGBUS" => Some("BUS_ADRERR"),
        "SIGSEGV" => Some("SEGV_MAPERR"),
        _ => None,
    };
    let is = if code.is_none() && op == "write" { "ok" } else { is };
    let witness = |code: &str| Witness {
        wait: format!("signaled:{is}"),
        si_code: code.into(),
        si_addr_offset: offset,
    };
    let value = (op == "read" && code.is_none()).then_some(if is == "file" && step.symbols.len < 999_999 {
        65
    } else {
        0
    });
    ProbeResult {
        step: step.n,
        by: "A".into(),
        op,
        area: None,
        call: None,
        measured: false,
        offset,
        place: place.map(Into::into),
        page: offset.div_euclid(step.symbols.p),
        in_page: offset.rem_euclid(step.symbols.p),
        expected: vec![code.map_or(is.to_string(), |code| format!("{is}/{code}"))],
        model: ModelAnswer {
            is: is.into(),
            si_code: code.map(Into::into),
            or: vec![],
            rule: "past-last-file-page",
            why: text(&format!(
                "The file has no page for {offset}: it ends at {}.",
                step.symbols.size
            )),
        },
        observed: Some(Observed {
            outcome: None,
            is: is.into(),
            value,
            si_code: code.map(Into::into),
            si_addr_offset: code.map(|_| offset),
            si_addr_area: None,
            witness: code.map(witness),
            pread: None,
        }),
        verdict: Verdict::Agrees,
        odd: None,
        own: false,
        stored: None,
        bytes: 1,
    }
}

/// Touches at every edge of a step, loads before stores.
pub fn edges(step: &StepResult, ops: &[&'static str]) -> Vec<ProbeResult> {
    let s = step.symbols;
    let mut at: Vec<(i64, Option<&str>)> = vec![(0, None), (s.eof - 1, Some("eof - 1")), (s.eof, Some("eof"))];
    at.extend([
        (s.eof_page - 1, None),
        (s.eof_page, Some("eof_page")),
        (s.len - 1, Some("len - 1")),
    ]);
    at.extend([
        (s.len, Some("len")),
        (s.map_end - 1, None),
        (s.map_end, Some("map_end")),
    ]);
    at.retain(|place| place.0 >= 0);
    at.sort_by_key(|place| place.0);
    at.dedup_by_key(|place| place.0);
    ops.iter()
        .flat_map(|op| at.iter().map(|&(offset, place)| probe(step, op, offset, place)))
        .collect()
}

fn opened() -> String {
    "openat(AT_FDCWD, \"TMPDIR\", O_RDWR|O_EXCL|O_CLOEXEC|O_TMPFILE, 0600) = fd".into()
}

fn mapped(len: i64) -> String {
    format!("mmap(hole, {len}, PROT_READ|PROT_WRITE, MAP_SHARED, fd, 0) = base")
}

fn result(id: &str, number: u32, title: &str, steps: Vec<StepResult>, probes: Vec<ProbeResult>) -> ScenarioResult {
    ScenarioResult {
        id: id.into(),
        number: Some(number),
        source: "builtin".into(),
        seed: None,
        sources: vec![],
        steps,
        probes,
        signals: Vec::new(),
        borders: None,
        claims: vec![],
        verdict: Verdict::Agrees,
        reason: None,
        measure: None,
        views: Vec::new(),
        prose: ScenarioProse {
            title: text(title),
            ..Default::default()
        },
    }
}

fn small(p: i64, len: i64) -> StepResult {
    let size = p + 904;
    let write = format!("write(fd, \"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"..., {size}) = {size}");
    step(0, &[opened(), write, mapped(len)], p, size, len)
}

/// Scenario 1: as much is mapped as the file holds; then a store behind its end.
pub fn exact(p: i64) -> ScenarioResult {
    let first = small(p, p + 904);
    let mut probes = edges(&first, &["read", "write"]);
    let mut steps = vec![first];
    for (n, op) in [(1, "write"), (2, "read"), (3, "pread")] {
        let mut step = step(n, &[], p, p + 904, p + 904);
        step.probed = false;
        probes.push(probe(&step, op, p + 1904, Some("eof + 1000")));
        steps.push(step);
    }
    let n = probes.len();
    if let Some(observed) = probes[n - 2].observed.as_mut() {
        (observed.is, observed.value) = ("byte:T".into(), Some(b'T'));
    }
    probes[n - 2].expected = vec!["byte:T".into()];
    probes[n - 1].observed = Some(Observed {
        is: "end".into(),
        ..Default::default()
    });
    probes[n - 1].expected = vec!["end".into()];
    result("exact", 1, "as much is mapped as the file holds", steps, probes)
}

/// Scenario 2: more is mapped than the file holds.
pub fn past_eof(p: i64) -> ScenarioResult {
    let len = 3 * p + 2712;
    let step = small(p, len);
    let probes = edges(&step, &["read", "write"]);
    let end = step.symbols.map_end;
    let mut result = result("past-eof", 2, "more is mapped than the file holds", vec![step], probes);
    result.claims = vec![ClaimResult {
        id: "n28".into(),
        text: text(&format!("beyond {len} the access gets SIGSEGV")),
        idea: Some("M2".into()),
        verdict: ClaimVerdict::Refuted,
        by: vec![6, 7, 15, 16],
        cases: vec![],
        shown: Some(text(&format!("SIGSEGV begins at map_end {end}, not at len {len}."))),
        compares: Vec::new(),
    }];
    result.prose.why = Some(text(&format!(
        "Memory is mapped in whole pages: the kernel rounded {len} up to {end}, so nothing changes at {len}. Inside the \
         mapping but past the file's last page there is an address and no data: SIGBUS. Past map_end there is not even an \
         address: SIGSEGV."
    )));
    result.prose.next = vec![
        (
            "lab scenario 2 --set file.size=2p+1".into(),
            text("where does SIGBUS start now?"),
        ),
        ("lab scenario 3".into(), text("the file grows under the mapping")),
    ];
    result
}

/// Scenario 3: an empty file, mapped, then grown and shrunk.
pub fn grow(p: i64) -> ScenarioResult {
    let len = 1000 * p;
    let mut steps = vec![step(0, &[opened(), mapped(len)], p, 0, len)];
    for (n, size) in [p, p + 1, 1000 * p, 1001 * p, p, 0].into_iter().enumerate() {
        steps.push(step(n + 1, &[format!("ftruncate(fd, {size}) = 0")], p, size, len));
    }
    let probes = steps.iter().flat_map(|step| edges(step, &["read"])).collect();
    let mut result = result("grow", 3, "an empty file, mapped, then grown", steps, probes);
    result.claims = vec![ClaimResult {
        id: "n29".into(),
        text: text("after growing a file you need not map it again"),
        idea: None,
        verdict: ClaimVerdict::Holds,
        by: vec![6, 7, 8, 13, 14],
        cases: vec![],
        shown: Some(text("The file's new pages answer through the old mapping.")),
        compares: Vec::new(),
    }];
    result.prose.why = Some(text(
        "The mapping holds addresses, not data. At each fault the kernel asks how long the file is now: a page that the \
         file has answers, a page that it has not gives SIGBUS. Growing and shrinking change the answer, not the mapping.",
    ));
    result.prose.next = vec![(
        "lab scenario 2".into(),
        text("the same borders, on a file that stands still"),
    )];
    result
}

/// The three of them.
pub fn report(p: i64) -> Report {
    let scenarios = vec![exact(p), past_eof(p), grow(p)];
    let timing = scenarios.iter().map(|s| (s.id.clone(), 0.004)).collect();
    Report {
        schema: "lab.result/1",
        machine: machine(p as u64),
        summary: Summary {
            agrees: scenarios.len(),
            ..Default::default()
        },
        scenarios,
        timing,
    }
}
