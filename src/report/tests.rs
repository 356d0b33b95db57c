//! What holds for every screen: no line is too wide, none ends in a space, all is ASCII, and the lesson is on it.

use std::collections::{BTreeMap, BTreeSet};

use unicode_width::UnicodeWidthStr;

use super::fixture::{self, edges, exact, grow, machine, past_eof, step};
use super::result::{Machine, Odd, Report, ScenarioResult, Verdict, ZoneResult};
use super::style::{self, Line};
use super::{Entry, change, home, json, run, scenario, strip, text};

/// The screen without its colours.
fn plain(screen: &str) -> String {
    let mut out = String::new();
    let mut inside = false;
    for c in screen.chars() {
        inside |= c == '\u{1b}';
        if !inside {
            out.push(c);
        }
        inside &= c != 'm';
    }
    out
}

fn show(result: &ScenarioResult, page: i64, width: usize) -> String {
    plain(&scenario(result, &machine(page as u64), width))
}

fn differing(page: i64) -> ScenarioResult {
    let mut result = past_eof(page);
    for i in [6, 7, 15, 16] {
        let probe = &mut result.probes[i];
        (probe.verdict, probe.odd, probe.expected) = (Verdict::Differs, Some(Odd::Author), vec!["SIGSEGV".into()]);
    }
    result.verdict = Verdict::Differs;
    result
}

#[test]
fn lines_fit_every_width_and_page() {
    for page in [4096, 12288, 16384, 65536] {
        let mut failed = past_eof(page);
        (failed.verdict, failed.reason) = (
            Verdict::Error,
            Some(["the filesystem is full ".repeat(8), "文件系统已满, ".repeat(8)].into()),
        );
        for width in 40..=130 {
            let mut screens: Vec<String> = [exact(page), past_eof(page), grow(page), differing(page), failed.clone()]
                .iter()
                .map(|result| show(result, page, width))
                .collect();
            screens.push(plain(&run(&fixture::report(page), width)));
            let entry = Entry {
                chapter: 0,
                number: 1,
                id: "exact".into(),
                brief: "as much is mapped as the file holds".into(),
                score: None,
            };
            screens.push(plain(&home(&[entry], &machine(page as u64), width)));
            for line in screens.iter().flat_map(|screen| screen.lines()) {
                assert!(
                    line.len() <= width && line.is_ascii() && !line.ends_with(' '),
                    "{page} {width}: {line:?}"
                );
            }
        }
    }
}

/// In Chinese a character takes two columns: lines fit, and the rulers of a map stand under each other.
#[test]
fn chinese_is_measured_in_columns() {
    for width in 40..=130 {
        for result in [exact(4096), past_eof(4096), grow(4096), differing(4096)] {
            let [_, screen] = crate::say::in_both(|| show(&result, 4096, width));
            let mut columns = BTreeSet::new();
            for line in screen.lines() {
                assert!(line.width() <= width && !line.ends_with(' '), "{width}: {line:?}");
                let cells = |text: &str| text.chars().all(|c| "#0BS+ ".contains(c));
                let parts: Vec<&str> = line.split('|').collect();
                let ruler = parts.iter().position(|part| part.len() == 16 && cells(part));
                columns.extend(ruler.map(|at| parts[..at].join("|").width()));
            }
            assert_eq!(columns.len(), 1, "{width}\n{screen}");
        }
        let [_, lines] = crate::say::in_both(|| plain(&run(&fixture::report(4096), width)));
        assert!(lines.lines().all(|line| line.width() <= width), "{width}\n{lines}");
    }
}

#[test]
fn screens_are_low_enough() {
    for page in [4096, 65536] {
        for result in [exact(page), past_eof(page), grow(page)] {
            assert!(show(&result, page, 80).lines().count() <= 46, "{}", result.id);
        }
        assert!(show(&past_eof(page), page, 40).lines().count() <= 20);
    }
}

#[test]
fn the_lesson_is_on_the_screen() {
    let wide = show(&past_eof(4096), 4096, 80);
    for line in [
        " page 1     4096 |###+000000000000| |   +           0| eof 5000, then zeros",
        " page 3    12288 |BBBBBBBBBBBBBBBB| |          B    B| len 15000: no border here",
        " rw g  15000 len      3 +2712  SIGBUS   SIGBUS  BUS_ADRERR  si_addr=base+15000",
        " 18 of 18 as expected      rw = a load and a store, alike",
        " REFUTED by g, h. SIGSEGV begins at map_end 16384, not at len 15000.",
    ] {
        assert!(wide.lines().any(|l| l == line), "{line}\n{wide}");
    }
    let narrow = show(&past_eof(4096), 4096, 40);
    assert!(
        narrow.contains("15000 -> SIGBUS     16384 -> SIGSEGV\n 18 of 18 as expected"),
        "{narrow}"
    );
}

#[test]
fn a_difference_is_marked_and_explained() {
    let screen = show(&differing(4096), 4096, 80);
    assert!(
        screen.contains("SIGSEGV  SIGBUS  BUS_ADRERR   <- DIFFERS\n      author says SIGSEGV, model and kernel SIGBUS")
    );
    assert_eq!(screen.matches("author says").count(), 1, "the same explanation once");
    let screen = show(&differing(4096), 4096, 40);
    assert!(screen.contains("SIGSEGV expected, SIGBUS observed"), "{screen}");
}

#[test]
fn a_zero_of_the_file_is_no_fill() {
    let mut result = past_eof(4096);
    for (i, probe) in result.probes.iter_mut().enumerate().take(3) {
        probe.observed.as_mut().expect("ran").value = Some(0);
        if i == 0 {
            (probe.verdict, probe.odd, probe.expected) = (Verdict::Differs, Some(Odd::Author), vec!["zero".into()]);
        }
    }
    let screen = show(&result, 4096, 80);
    assert!(
        screen.contains(" r  a      0 base     0 +0     zero     0 (file)  <- DIFFERS"),
        "{screen}"
    );
    assert!(screen.contains("The file has a byte here, and it is 0"), "{screen}");
    assert!(screen.contains("eof-1    1 +903   file     0 (file)\n"), "{screen}");
    assert!(screen.contains("eof      1 +904   zero     0\n"), "{screen}");
    assert!(show(&result, 4096, 40).contains("zero expected, 0 (file) observed"));
}

#[test]
fn steps_say_what_changed() {
    let screen = show(&grow(4096), 4096, 80);
    assert!(
        screen.contains(" 2 ftruncate(fd, 4096) = 0   eof 0 -> 4096: page 0 came alive\n"),
        "{screen}"
    );
    assert!(screen.contains("eof 4100096 -> 4096: pages 1-999 died\n"), "{screen}");
    assert!(screen.contains("\n  page 0"), "{screen}");
    // from past the mapping back to its end: no page of it dies, and that is not inside one page
    let short = |n, size| step(n, &[], 4096, size, 4096);
    let mut forbidden = short(2, 4096);
    forbidden.zones = vec![ZoneResult {
        from: 0,
        to: None,
        is: "SIGSEGV".into(),
    }];
    assert_eq!(
        change::between(&short(0, 9000), &short(1, 4096))[0],
        "eof 9000 -> 4096: no page came or went"
    );
    assert_eq!(
        change::between(&short(0, 1), &short(1, 4096))[0],
        "eof 1 -> 4096: inside the same page"
    );
    assert_eq!(change::between(&short(0, 4096), &forbidden), ["page 0 died"]);
    assert_eq!(
        change::between(&short(0, 0), &forbidden)[0],
        "eof 0 -> 4096: no page came or went"
    );
    assert_eq!(change::begins(&forbidden), "eof 4096: no page answers");
}

/// One step is probed, and the file moves before and after it: each call stands at its step, the picture at its own.
#[test]
fn every_call_stands_at_its_step() {
    let mut result = grow(4096);
    for (n, step) in result.steps.iter_mut().enumerate() {
        step.probed = n == 2;
    }
    result.steps[0].calls.push("ftruncate(fd, 1) = 0".into());
    result.steps[6].calls = vec!["msync(base, 8192, MS_SYNC) = 0".into()];
    result.probes.retain(|probe| probe.step == 2);
    let screen = show(&result, 4096, 80);
    let order = [
        "= base",
        "\n 1 ftruncate(fd, 1) = 0 ",
        "\n 2 ftruncate(fd, 4096) = 0 ",
        "\n 3 ftruncate(fd, 4097) = 0 ",
        "\n  page 1         4096 |+00",
        "\n r  b    4096 eof-1 ",
        "\n 4 ftruncate(fd, 4096000) = 0 ",
        "\n 7 msync(base, 8192, MS_SYNC) = 0",
    ];
    let places: Vec<Option<usize>> = order.iter().map(|text| screen.find(text)).collect();
    assert!(
        places.iter().all(Option::is_some) && places.is_sorted(),
        "{places:?}\n{screen}"
    );
    assert!(!screen.contains("one after another"), "{screen}");
    let narrow = show(&result, 4096, 40);
    assert_eq!(narrow.matches("ftruncate").count(), 6, "{narrow}");
}

#[test]
fn calls_alike_are_said_once() {
    let mut result = past_eof(4096);
    let write = result.steps[0].calls[1].clone();
    result.steps[0].calls.splice(1..2, vec![write; 30]);
    for width in [80, 120] {
        let screen = show(&result, 4096, width);
        assert_eq!(screen.matches("write(fd").count(), 1, "{screen}");
        assert!(screen.contains("... 29 more alike"), "{screen}");
    }
    let mut result = grow(4096);
    result.steps[2].calls = vec!["write(fd, \"B\", 9) = 9".into(); 3];
    assert!(show(&result, 4096, 80).contains(" 3 write(fd, \"B\", 9) = 9; ... 2 more alike   eof"));
}

#[test]
fn the_notes_are_quoted_by_the_lessons_alone() {
    let mut result = past_eof(4096);
    assert!(show(&result, 4096, 80).contains(" claim   course notes: \"beyond"));
    (result.source, result.claims[0].id) = ("mine.toml".into(), "mine".into());
    assert!(show(&result, 4096, 80).contains(" claim   mine: \"beyond"));
    let empty = show(&grow(4096), 4096, 40)
        + &show(
            &ScenarioResult {
                steps: vec![step(0, &[], 4096, 0, 1)],
                ..result
            },
            4096,
            80,
        );
    assert!(
        !empty.contains("no page exactly") && empty.contains("eof_page    0   no page\n"),
        "{empty}"
    );
}

#[test]
fn strips_fold_and_believe_the_touches() {
    let steps = grow(4096);
    assert_eq!(strip(&steps, &steps.steps[2]), "[#+B*998]S");
    let mut result = past_eof(4096);
    assert_eq!(strip(&result, &result.steps[0]), "[#+BB]S");
    if let Some(observed) = result.probes[6].observed.as_mut() {
        observed.is = "zero".into();
    }
    assert_eq!(strip(&result, &result.steps[0]), "[#+B0]S");
}

#[test]
fn a_terabyte_costs_no_more_than_its_zones() {
    let mut result = past_eof(4096);
    let huge = step(0, &[], 4096, 5000, 1 << 40);
    result.probes = edges(&huge, &["read"]);
    result.steps = vec![huge];
    assert!(show(&result, 4096, 80).contains("x 268435452"));
}

/// Lines are clipped at the last moment, so a digit cut off makes another number and not a longer line.
#[test]
fn no_digit_is_cut_off() {
    let len = 64 << 40;
    let sizes = [5000, len - 4095, len, 0];
    let mut grown = grow(4096);
    grown.steps = (0..4).map(|n| step(n, &[], 4096, sizes[n], len)).collect();
    grown.probes = grown.steps.iter().flat_map(|step| edges(step, &["read"])).collect();
    let mut alone = grown.clone();
    alone.steps = vec![step(0, &[], 4096, len - 4095, len)];
    alone.probes = edges(&alone.steps[0], &["read"]);
    let mut wrong = alone.clone();
    wrong.probes[4].verdict = Verdict::Differs;
    let words = |screen: &str| -> BTreeSet<String> {
        let words = screen.split(|c: char| !c.is_ascii_alphanumeric());
        let told = |word: &&str| word.starts_with(|c: char| c.is_ascii_digit()) || word.starts_with("SIG");
        words.filter(told).map(str::to_string).collect()
    };
    for result in [grown, alone, wrong] {
        let mut all = words(&show(&result, 4096, 300));
        // the signals are named in the place of sentences, and the first touch has base for its offset
        all.extend(["SIGBUS", "SIGSEGV", "0"].map(Into::into));
        for width in 40..=120 {
            let screen = show(&result, 4096, width);
            let cut: Vec<_> = words(&screen).difference(&all).cloned().collect();
            assert!(cut.is_empty(), "{width}: {cut:?}\n{screen}");
            let differs = screen.matches("DIFFERS").count();
            assert!(
                differs >= 2 || result.probes[4].verdict == Verdict::Agrees,
                "{width}\n{screen}"
            );
        }
    }
}

#[test]
fn an_empty_result_draws_something() {
    let mut result = past_eof(4096);
    result.steps.clear();
    result.probes.clear();
    result.claims.clear();
    assert!(show(&result, 4096, 80).contains("0 of 0 as expected"));
    let machine = Machine {
        dir: String::new(),
        ..machine(4096)
    };
    let report = Report {
        machine,
        scenarios: vec![],
        timing: BTreeMap::new(),
        ..fixture::report(4096)
    };
    assert!(plain(&run(&report, 80)).starts_with(" Linux 6.18.44 x86_64 | page 4096 | ext4 | 0 scenarios"));
}

#[test]
fn text_is_measured_in_columns() {
    assert_eq!(text::wrap("one two\tthree", 7), ["one two", "three"]);
    assert_eq!(
        text::wrap("\u{6620}\u{5c04}\u{4ee5}", 4),
        ["\u{6620}\u{5c04}", "\u{4ee5}"]
    );
    // a closing mark begins no line, an opening one ends none
    assert_eq!(text::wrap("读写、映射", 5), ["读", "写、", "映射"]);
    assert_eq!(text::wrap("写到「零」", 6), ["写到", "「零」"]);
    assert_eq!(text::clean("a\u{1b}[31mb\n c"), "a[31mb c");
    let line = Line::new("ab").paint(style::FILE, "cd  ");
    assert_eq!(plain(&style::render(std::slice::from_ref(&line), 3)), "abc\n");
    assert_eq!(plain(&style::render(&[line], 9)), "abcd\n");
}

#[test]
fn json_ends_in_a_newline_and_keeps_its_order() {
    let text = json(&fixture::report(4096)).expect("serialises");
    assert!(text.starts_with("{\n  \"schema\": \"lab.result/1\",\n  \"machine\": {") && text.ends_with("}\n"));
    assert!(!text.contains("\"dir\"") && !text.contains("author_zones"));
}

/// A course of many lessons is still one screen to scroll: a heading a chapter, a line a lesson.
#[test]
fn a_long_course_is_a_line_a_lesson() {
    let entry = |n: usize| Entry {
        chapter: n / 23,
        number: n as u32 + 1,
        id: format!("lesson-{n}"),
        brief: "a brief that is much too long for its line, as somebody will write one day".into(),
        score: None,
    };
    let entries: Vec<Entry> = (0..88).map(entry).collect();
    for width in [40, 60, 80, 120] {
        let screen = plain(&home(&entries, &machine(4096), width));
        assert!(screen.lines().count() <= 100, "{screen}");
        assert!(screen.lines().all(|line| line.len() <= width), "{screen}");
        assert!(screen.contains("\n 4 faults\n"), "{screen}");
        assert!(screen.contains("\n   88 lesson-87 "), "{screen}");
    }
}
