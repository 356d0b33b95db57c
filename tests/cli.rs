//! The command line as an interface: names, files, exit codes, where output goes.

mod common;

use common::{command, lab, stdout};

/// Exit code, stdout, stderr.
fn run(args: &[&str]) -> (Option<i32>, String, String) {
    let output = lab(args);
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[test]
fn a_scenario_has_a_number_a_name_and_every_unique_beginning() {
    let whole = stdout(lab(&["scenario", "2"]));
    for word in ["past-eof", "past", "pas"] {
        assert_eq!(stdout(lab(&["scenario", word])), whole);
    }
    assert_eq!(stdout(lab(&["s", "2"])), whole);
}

#[test]
fn a_wrong_name_is_answered_with_the_nearest_one() {
    let (code, out, error) = run(&["scenario", "past-eod"]);
    assert_eq!((code, out.as_str()), (Some(2), ""));
    assert_eq!(error, "lab: no scenario 'past-eod'; did you mean past-eof?\n");
    let (code, _, error) = run(&["scenaro", "2"]);
    assert_eq!(code, Some(2));
    assert!(error.contains("scenario"), "{error}");
    let (code, _, error) = run(&["scenario", "2", "--set", "file.sise=1p"]);
    assert_eq!(code, Some(2));
    assert!(error.contains("file.size"), "{error}");
}

/// What stands in the place of something else says so, and a file that is not there is no command either.
#[test]
fn what_was_meant_is_asked_where_it_can_be_told() {
    let answers = [
        (&["2"][..], "lab: no command '2'; did you mean lab scenario 2?\n"),
        (
            &["past", "--width", "60"],
            "lab: no command 'past'; did you mean lab scenario past?\n",
        ),
        (
            &["mine.toml"],
            "lab: no command 'mine.toml'; did you mean lab scenario mine.toml?\n",
        ),
        (
            &["run", "1", "--set", "file.size=2p"],
            "lab: run takes no --set; did you mean lab scenario 1 --set file.size=2p?\n",
        ),
        (
            &["run", "--set=file.size=2p", "grow"],
            "lab: run takes no --set; did you mean lab scenario grow --set file.size=2p?\n",
        ),
        (
            &["run", "--width", "60", "2", "--set", "map.length=1p + 1"],
            "lab: run takes no --set; did you mean lab scenario 2 --set 'map.length=1p + 1'?\n",
        ),
        (
            &["run", "--all", "--set", "file.size=2p"],
            "lab: run takes no --set; did you mean lab scenario ID --set NAME=EXPR?\n",
        ),
    ];
    for (args, answer) in answers {
        let (code, out, error) = run(args);
        assert_eq!((code, out.as_str()), (Some(2), ""));
        assert_eq!(error, answer);
    }
    for args in [&["999"][..], &["doctor", "--set", "1"], &["2", "--help"]] {
        let (_, _, error) = run(args);
        assert!(!error.contains("did you mean lab scenario 999"), "{error}");
    }
}

#[test]
fn exit_codes_are_as_the_help_says() {
    let (code, help, _) = run(&["--help"]);
    assert_eq!(code, Some(0));
    for code in ["  0 ", "  1 ", "  2 ", "  3 ", "  4 ", "  130 "] {
        assert!(help.contains(code), "{help}");
    }
    assert_eq!(run(&["run"]).0, Some(4));
    assert_eq!(run(&["run", "2"]).0, Some(0));
    assert_eq!(run(&["run", "tests/screens/wrong.toml"]).0, Some(1));
    assert_eq!(run(&["run", "2", "tests/broken/e03-endpage.toml"]).0, Some(2));
    assert_eq!(run(&["scenario", "2", "--width", "39"]).0, Some(2));
    assert_eq!(run(&["scenario", "2", "--report", "xml"]).0, Some(2));
    let output = command(&["scenario", "2"]).env("TMPDIR", "/nowhere").output();
    assert_eq!(output.expect("it starts").status.code(), Some(3));
}

#[test]
fn nothing_runs_where_one_file_is_broken() {
    let (code, out, error) = run(&["run", "2", "tests/broken/e03-endpage.toml"]);
    assert_eq!((code, out.as_str()), (Some(2), ""), "not even scenario 2");
    assert!(error.starts_with("error[E03]"), "{error}");
}

#[test]
fn a_report_with_a_file_keeps_the_screen_and_without_one_is_the_output() {
    let dir = tempfile::tempdir().expect("a directory");
    let file = dir.path().join("out.json");
    let to = format!("json={}", file.display());
    let screen = stdout(lab(&["scenario", "1", "--report", &to]));
    assert_eq!(screen, stdout(lab(&["scenario", "1"])));
    let written = std::fs::read_to_string(&file).expect("the report");
    let report: serde_json::Value = serde_json::from_str(&written).expect("JSON");
    assert_eq!(report["schema"], "lab.result/1");
    let alone = stdout(lab(&["scenario", "1", "--report", "json"]));
    serde_json::from_str::<serde_json::Value>(&alone).expect("JSON and nothing else");
}

#[test]
fn set_changes_one_number_and_the_picture_follows() {
    let screen = stdout(lab(&["scenario", "2", "--set", "map.length=1p"]));
    let p = common::page();
    let row = screen.lines().find(|line| line.contains("map_end")).expect("a row");
    assert!(row.contains(&format!(" {p} ")), "{screen}");
    assert!(!screen.contains("BUS_ADRERR"), "no SIGBUS is left: {screen}");
    let both = ["scenario", "2", "--set", "file.size=3p+1", "--set", "map.share=private"];
    assert!(stdout(lab(&both)).contains("MAP_PRIVATE"));
}

/// Where the mapping begins in the middle of the file, a place in one is not the same place in the other.
#[test]
fn the_built_in_scenarios_hold_for_a_mapping_further_on_in_the_file() {
    for scenario in ["1", "2", "3"] {
        let screen = stdout(lab(&["scenario", scenario, "--set", "map.offset=1p"]));
        assert!(screen.contains("as expected"), "{screen}");
    }
}

/// The scenarios of the README run as they stand there.
#[test]
fn the_readmes_scenarios_run() {
    let dir = tempfile::tempdir().expect("a directory");
    let file = dir.path().join("mine.toml");
    let scenarios = readme_scenarios();
    assert_eq!(scenarios.len(), 2);
    for text in scenarios {
        std::fs::write(&file, text).expect("it is written");
        let screen = stdout(lab(&["scenario", &file.display().to_string()]));
        if screen.contains("needs a user namespace") {
            common::skip("the README's second scenario mounts a tmpfs, and this machine gives no user namespace");
            continue;
        }
        assert!(screen.contains("as expected"), "{screen}");
        assert!(!screen.contains("NOT SHOWN") && !screen.contains("REFUTED"), "{screen}");
    }
}

/// The files that the Chinese README has a newcomer write; the second is the English one's, with other comments.
#[test]
fn the_chinese_readmes_scenarios_run() {
    let dir = tempfile::tempdir().expect("a directory");
    let file = dir.path().join("mine.toml");
    let scenarios = scenarios_of(include_str!("../README.zh-CN.md"));
    assert_eq!(scenarios.len(), 2);
    for text in &scenarios {
        std::fs::write(&file, text).expect("it is written");
        let screen = stdout(lab(&["scenario", &file.display().to_string(), "--lang", "zh"]));
        assert!(
            screen.contains("符合预期") || screen.contains("用户命名空间"),
            "{screen}"
        );
    }
    let code = |text: &str| {
        let lines = text
            .lines()
            .filter(|line| !line.starts_with("title") && !line.starts_with("text"));
        let code = lines.filter_map(|line| line.split('#').next().map(str::trim_end));
        code.map(|line| format!("{line}\n")).collect::<String>()
    };
    assert_eq!(code(scenarios[1]), code(readme_scenarios()[1]));
}

fn readme_scenarios() -> Vec<&'static str> {
    scenarios_of(include_str!("../README.md"))
}

fn scenarios_of(readme: &'static str) -> Vec<&'static str> {
    let blocks = readme.split("```toml\n").skip(1);
    blocks.filter_map(|rest| rest.split("```").next()).collect()
}

/// The README shows every key that a step may have: those that the complaint about a wrong one lists.
#[test]
fn the_readme_knows_every_key_of_a_step() {
    let dir = tempfile::tempdir().expect("a directory");
    let file = dir.path().join("wrong.toml");
    std::fs::write(&file, "[[step]]\nwrong = 1\n").expect("it is written");
    let (code, _, error) = run(&["scenario", &file.display().to_string()]);
    assert_eq!(code, Some(2));
    let (_, list) = error
        .split_once("no such key in a step")
        .and_then(|(_, rest)| rest.split_once("there are "))
        .expect("the keys");
    let list = list.split("\n\n").next().unwrap_or_default();
    let keys: Vec<&str> = list.split([',', ' ', '\n']).filter(|key| !key.is_empty()).collect();
    assert!(keys.len() >= 14, "{keys:?}");
    let lines = readme_scenarios()[1].lines();
    let code: String = lines
        .filter_map(|line| line.split('#').next())
        .map(|line| format!("{line}\n"))
        .collect();
    for key in keys {
        let shown = regex::Regex::new(&format!(r"\b{key} +=")).expect("a pattern");
        assert!(shown.is_match(&code), "{key}");
    }
}

#[test]
fn completions_know_scenarios_and_settings() {
    for shell in ["bash", "zsh", "fish"] {
        let script = stdout(lab(&["completions", shell]));
        // The generator knows no positional words for fish.
        assert!(shell == "fish" || script.contains("past-eof"), "{shell}");
        assert!(script.contains("map.length="), "{shell}");
    }
}

#[test]
fn the_home_screen_names_every_scenario_and_the_next_thing_to_type() {
    let home = stdout(lab(&[]));
    for name in ["exact", "past-eof", "grow", "next: lab scenario 1"] {
        assert!(home.contains(name), "{home}");
    }
}

#[test]
fn the_doctor_tries_what_it_reports() {
    let report = stdout(lab(&["doctor"]));
    assert!(report.contains("SIGBUS and SIGSEGV delivered"), "{report}");
    assert!(
        report.contains("signal-hook classifies the same faults alike"),
        "{report}"
    );
    assert!(report.lines().all(|line| line.len() <= 80), "{report}");
}

/// What a screen suggests to type next runs, and comes out as its author expects.
#[test]
fn every_suggestion_works() {
    let mut tried = 0;
    for builtin in mmap_lab::scenario::builtins() {
        let loaded = mmap_lab::scenario::load(builtin.name, builtin.text, &[]);
        let scenario = loaded.expect("it loads");
        for (command, _) in scenario.next {
            let args: Vec<&str> = command.split_whitespace().skip(1).collect();
            assert!(stdout(lab(&args)).contains("as expected"), "{command}");
            tried += 1;
        }
    }
    assert!(tried >= 5);
}

/// A claim of which one part met no touch at all is not shown to hold, and a part that fails refutes it.
#[test]
fn a_claim_holds_only_where_all_of_it_was_touched() {
    let verdict = |setting: &str| {
        let output = lab(&["scenario", "1", "--set", setting, "--report", "json"]);
        let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
        report["scenarios"][0]["claims"][0]["verdict"]
            .as_str()
            .expect("a verdict")
            .to_owned()
    };
    assert_eq!(verdict("file.size=1p+904"), "holds");
    assert_eq!(verdict("file.size=2p"), "skipped", "there is no tail to look at");
    assert_eq!(verdict("map.length=3p"), "refuted", "behind the tail there is SIGBUS");
}

#[test]
fn a_named_pipe_is_no_scenario_and_keeps_nobody_waiting() {
    let dir = tempfile::tempdir().expect("a directory");
    let pipe = dir.path().join("pipe.toml");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.is_ok_and(|status| status.success()));
    let (code, _, error) = run(&["scenario", &pipe.display().to_string()]);
    assert_eq!(code, Some(2));
    assert!(error.contains("not a regular file"), "{error}");
}

#[test]
fn a_report_is_not_silently_left_out() {
    for args in [&["doctor", "--report", "json"][..], &["--report", "json"]] {
        let (code, out, error) = run(args);
        assert_eq!((code, out.as_str()), (Some(2), ""), "{error}");
    }
}

/// What the shell blocked decides nothing, and no core file is left by a child of the cross-check.
#[test]
fn the_doctor_is_not_fooled_by_blocked_signals() {
    let dir = tempfile::tempdir().expect("a directory");
    let script = "ulimit -c unlimited; exec env --block-signal=BUS,SEGV,ALRM,INT,TERM \"$0\" doctor";
    let mut command = std::process::Command::new("sh");
    command
        .args(["-c", script, env!("CARGO_BIN_EXE_lab")])
        .env("LAB_LANG", "en")
        .current_dir(dir.path());
    let report = stdout(command.output().expect("it runs"));
    assert!(
        report.contains("signal-hook classifies the same faults alike"),
        "{report}"
    );
    assert_eq!(
        std::fs::read_dir(dir.path()).expect("it is there").count(),
        0,
        "a core file"
    );
}

#[test]
fn claims_are_judged_by_running() {
    let screen = stdout(lab(&["claims"]));
    for (id, verdict) in [
        ("n9", "HOLDS"),
        ("n28", "REFUTED"),
        ("n5", "DEPENDS"),
        ("n32", "skipped"),
    ] {
        let line = screen.lines().find(|line| line.split_whitespace().next() == Some(id));
        assert!(line.is_some_and(|line| line.contains(verdict)), "{id}: {screen}");
    }
    let table = stdout(lab(&["claims", "--report", "markdown"]));
    assert!(
        table.starts_with("| id | claim |") && table.contains("| n37 |"),
        "{table}"
    );
    let data: serde_json::Value = serde_json::from_str(&stdout(lab(&["claims", "--report", "json"]))).expect("JSON");
    assert_eq!(data["claims"].as_array().map(Vec::len), Some(37));
    assert!(stdout(lab(&["claims", "--sources"])).contains("POSIX mmap 11-2"));
}

#[test]
fn a_claim_turned_round_has_the_other_verdict() {
    let dir = tempfile::tempdir().expect("a directory");
    let file = dir.path().join("mine.toml");
    let judged = |says: &str| {
        let text = include_str!("../scenarios/02-past-eof.toml");
        let text = text.replace(
            "says = { \"len ..\" = \"SIGSEGV\" }",
            &format!("says = {{ \"map_end ..\" = \"{says}\" }}"),
        );
        std::fs::write(&file, text).expect("it is written");
        stdout(lab(&["scenario", &file.display().to_string()]))
    };
    assert!(judged("SIGSEGV").contains("HOLDS by"));
    assert!(judged("SIGBUS").contains("REFUTED by"));
}

#[test]
fn what_a_machine_lacks_is_skipped_with_its_reason() {
    let dir = tempfile::tempdir().expect("a directory");
    let file = dir.path().join("mine.toml");
    let text = include_str!("../scenarios/02-past-eof.toml");
    let text = format!("needs = [\"linux-99.1\"]\n{text}");
    std::fs::write(&file, text).expect("it is written");
    let (code, out, _) = run(&["scenario", &file.display().to_string()]);
    assert_eq!(code, Some(0));
    assert!(out.contains("needs Linux 99.1"), "{out}");
    let (_, out, _) = run(&["run", &file.display().to_string()]);
    assert!(out.contains("skip"), "{out}");
}

/// What cannot be shown on a machine is skipped for a reason that is known beforehand; nothing else is.
#[test]
fn exactly_these_scenarios_are_skipped() {
    let number = |path: &str| std::fs::read_to_string(path).ok()?.trim().parse::<u64>().ok();
    let root = nix::unistd::geteuid().is_root();
    let off = |path: &str, value: u64| !root && number(path) == Some(value);
    let userns = number("/proc/sys/user/max_user_namespaces").is_some_and(|most| most > 0)
        && !off("/proc/sys/kernel/unprivileged_userns_clone", 0)
        && !off("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", 1);
    let expected: &[&str] = if userns { &[] } else { &["huge-always", "full-tmpfs"] };
    let report: serde_json::Value =
        serde_json::from_str(&stdout(lab(&["run", "--all", "--report", "json"]))).expect("JSON");
    let scenarios = report["scenarios"].as_array().expect("scenarios");
    let skipped = scenarios.iter().filter(|scenario| scenario["verdict"] == "skipped");
    let mut ids: Vec<&str> = skipped.filter_map(|scenario| scenario["id"].as_str()).collect();
    // An older kernel, or a container that forbids a call, has fewer: those name what they need.
    let needs = |id: &&str| {
        let builtin = mmap_lab::scenario::builtins()
            .find(|builtin| builtin.id == *id)
            .expect("it is built in");
        !builtin.text.contains("\"linux-") && !builtin.text.contains("\"userfaultfd\"")
    };
    ids.retain(|id| needs(id));
    assert_eq!(ids, expected);
    let reference =
        std::fs::read_to_string("/proc/sys/kernel/osrelease").is_ok_and(|release| release.starts_with("6.18."));
    if reference && userns {
        assert_eq!(report["summary"]["skipped"], 0, "{ids:?}");
    }
}

/// In each language, and from each scenario of the course that can be written down.
#[test]
fn what_new_writes_runs_as_it_is() {
    for (lang, word) in [("en", "next  lab scenario"), ("zh", "下一步  lab scenario")] {
        let dir = tempfile::tempdir().expect("a directory");
        let new = |args: &[&str]| {
            let mut lab = command(args);
            lab.current_dir(dir.path()).output().expect("it starts")
        };
        let said = stdout(new(&["new", "mine", "--lang", lang]));
        assert!(said.contains(word) && said.contains("lab watch ./mine.toml"), "{said}");
        let ran = stdout(new(&["scenario", "./mine.toml", "--lang", lang]));
        assert!(
            ran.contains("SIGBUS") && !ran.contains("DIFFERS") && !ran.contains("不符"),
            "{ran}"
        );
        stdout(new(&["run", "--lint", "mine.toml", "--lang", lang]));
        stdout(new(&["new", "other.toml", "--from", "past-eof", "--lang", lang]));
        stdout(new(&["scenario", "other.toml", "--lang", lang]));
        stdout(new(&["new", "third.toml", "--from", "replaced", "--lang", lang]));
        let third = std::fs::read_to_string(dir.path().join("third.toml")).expect("it was written");
        let comments: Vec<_> = third.lines().filter_map(|line| line.split_once("# ")).collect();
        let han = |text: &str| text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
        assert!(comments.len() > 5, "{third}");
        assert!(comments.iter().all(|(_, told)| han(told) == (lang == "zh")), "{third}");
        let again = new(&["new", "mine", "--lang", lang]);
        assert_eq!(again.status.code(), Some(2), "nothing is overwritten");
    }
}
