//! The JSON report: its schema, one golden report a scenario, and the same bytes from two runs. `SNAPSHOTS=overwrite`
//! writes the golden reports anew.

mod common;

use common::{lab, page, stdout};
use serde_json::{Value, json};
use snapbox::assert_data_eq;
use snapbox::data::Data;

/// The built-in scenarios that run with --all.
fn scenarios() -> impl Iterator<Item = &'static str> {
    mmap_lab::scenario::builtins()
        .filter(|builtin| !builtin.measures())
        .map(|builtin| builtin.id)
}

fn report(args: &[&str]) -> Value {
    let mut all = args.to_vec();
    all.extend(["--report", "json"]);
    serde_json::from_str(&stdout(lab(&all))).expect("JSON")
}

/// What was measured rather than determined differs from run to run, and says so.
fn forget_measured(report: &mut Value) {
    let scenarios = report["scenarios"].as_array_mut().into_iter().flatten();
    let probes = scenarios.flat_map(|scenario| scenario["probes"].as_array_mut().into_iter().flatten());
    for probe in probes.filter(|probe| probe["measured"] == true) {
        probe["observed"] = json!("measured");
        probe["call"] = json!("measured");
    }
}

/// What is the same on every machine with this page size.
fn without_machine(mut report: Value) -> String {
    report["machine"] = json!({"page": report["machine"]["page"]});
    report["timing"] = json!({});
    forget_measured(&mut report);
    format!("{}\n", serde_json::to_string_pretty(&report).expect("JSON"))
}

#[test]
fn every_report_is_as_the_schema_says() {
    let schema: Value = serde_json::from_str(include_str!("result.schema.json")).expect("JSON");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let wrong = "tests/screens/wrong.toml";
    let story = "tests/screens/story.toml";
    let output = lab(&["run", "--all", wrong, story, "--report", "json"]);
    assert_eq!(output.status.code(), Some(1), "one of them differs");
    let report: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let told = report["scenarios"].as_array().and_then(|all| all.last());
    let told = told.expect("the story is the last");
    assert_eq!(told["probes"][0]["op"], "write");
    let probes = told["probes"].as_array().expect("probes");
    let areas = probes.iter().filter(|probe| probe["area"] == "base2");
    assert!(areas.count() >= 1, "{told}");
    let calls = probes
        .iter()
        .filter(|probe| probe["op"] == "call" && probe["call"].is_string());
    assert!(calls.count() >= 3, "{told}");
    assert_eq!(told["claims"][0]["verdict"], "depends");
    assert_eq!(told["claims"][0]["cases"].as_array().map(Vec::len), Some(2));
    let errors: Vec<String> = validator
        .iter_errors(&report)
        .map(|error| format!("{}: {error}", error.instance_path))
        .collect();
    assert!(errors.is_empty(), "{errors:#?}");
    let mut broken = report.clone();
    broken["scenarios"][0]["probes"][0]["observed"]["raw"] = json!("0x7f00deadbeef");
    assert!(!validator.is_valid(&broken), "the schema refuses what it does not know");
    let mut broken = report;
    broken["scenarios"][1]["probes"][0]
        .as_object_mut()
        .expect("an object")
        .remove("model");
    assert!(!validator.is_valid(&broken), "and misses what must be there");
}

/// Times stand under `timing`, what was counted is marked measured, and the claims are judged by both.
#[test]
fn a_measurement_is_as_the_schema_says() {
    let schema: Value = serde_json::from_str(include_str!("result.schema.json")).expect("JSON");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let mut report = report(&["scenario", "100", "--set", "file.size=1M"]);
    let errors: Vec<String> = validator
        .iter_errors(&report)
        .map(|error| format!("{}: {error}", error.instance_path))
        .collect();
    assert!(errors.is_empty(), "{errors:#?}");
    let scenario = &report["scenarios"][0];
    assert_eq!(scenario["verdict"], "agrees");
    let cached = &scenario["measure"]["series"][0];
    assert_eq!(cached["on"], "load cached in-order");
    let calls = |way: usize| cached["ways"][way]["calls"].as_u64();
    assert_eq!(calls(0), Some(16), "1M in buffers of 64K");
    assert_eq!(calls(3), Some(2), "mmap and munmap");
    let pieces = &cached["ways"][6];
    assert!(pieces["minor"].as_u64() >= Some((1 << 20) / (16 * page())), "{pieces}");
    for claim in scenario["claims"].as_array().expect("claims") {
        let compares = claim["compares"].as_array().expect("comparisons");
        let met = compares.iter().filter(|one| one["met"] == true).count();
        let wanted = match met {
            0 => "refuted",
            met if met == compares.len() => "holds",
            _ => "depends",
        };
        assert_eq!(claim["verdict"], wanted);
    }
    report["scenarios"][0]["measure"]["series"][0]["ways"][0]["measured"] = json!(false);
    assert!(!validator.is_valid(&report), "what is measured says so");
}

#[test]
fn every_report_is_the_golden_one() {
    if page() != 4096 {
        common::skip(&format!(
            "golden reports are for pages of 4096 bytes, these have {}",
            page()
        ));
        return;
    }
    let fs = report(&["scenario", "1"])["machine"]["fs"].clone();
    if fs != "ext4" {
        common::skip(&format!("golden reports are for ext4, this is {fs}"));
        return;
    }
    for scenario in scenarios() {
        let path = format!("{}/tests/golden/{scenario}.json", env!("CARGO_MANIFEST_DIR"));
        let golden = Data::read_from(path.as_ref(), None).raw();
        assert_data_eq!(without_machine(report(&["scenario", scenario])), golden);
    }
    let output = lab(&["scenario", "tests/screens/story.toml", "--report", "json"]);
    let story = serde_json::from_slice(&output.stdout).expect("JSON");
    let path = format!("{}/tests/golden/story.json", env!("CARGO_MANIFEST_DIR"));
    assert_data_eq!(without_machine(story), Data::read_from(path.as_ref(), None).raw());
}

#[test]
fn two_runs_give_the_same_bytes_but_for_times() {
    let run = || {
        let mut report = report(&["run", "--all"]);
        report["timing"] = json!({});
        forget_measured(&mut report);
        report.to_string()
    };
    assert_eq!(run(), run());
}

#[test]
fn no_raw_address_is_in_it() {
    let text = stdout(lab(&["run", "--all", "--report", "json"]));
    let address = regex::Regex::new(r"\b0x7[0-9a-f]{11}\b").expect("a pattern");
    assert!(!address.is_match(&text), "an address");
}

#[test]
fn every_fault_has_a_witness_which_died_alike() {
    let report = report(&["run", "--all"]);
    let scenarios = report["scenarios"].as_array().expect("scenarios");
    let probes = scenarios
        .iter()
        .flat_map(|scenario| scenario["probes"].as_array().expect("probes"));
    let mut faults = 0;
    for probe in probes {
        let seen = &probe["observed"];
        if let Some(signal) = seen["is"].as_str().filter(|is| is.starts_with("SIG")) {
            // nobody dies of one that was sent
            if ["SI_USER", "SI_TKILL", "SI_QUEUE"].contains(&seen["si_code"].as_str().unwrap_or_default()) {
                assert_eq!((seen.get("witness"), seen.get("si_addr_offset")), (None, None));
                continue;
            }
            faults += 1;
            assert_eq!(seen["witness"]["wait"], json!(format!("signaled:{signal}")));
            assert_eq!(seen["witness"]["si_code"], seen["si_code"]);
            assert_eq!(seen["witness"]["si_addr_offset"], seen["si_addr_offset"]);
            if seen["si_code"] == "SI_KERNEL" {
                assert_eq!(seen["si_addr_offset"], 0);
                continue; // the processor names no address
            }
            if probe["op"] == "call" {
                continue; // a copy: which of its bytes was bad the model says
            }
            // Of a wide access across two pages it is the first byte of the second.
            let (at, touched) = (seen["si_addr_offset"].as_i64(), probe["offset"].as_i64());
            let on = at.zip(touched).map(|(at, touched)| at - touched);
            assert!(on.is_some_and(|on| (0..8).contains(&on)), "{probe}");
        }
    }
    assert!(faults >= 10, "{faults} faults in all scenarios");
}

#[test]
fn scenario_2_has_its_18_touches() {
    let report = report(&["scenario", "2"]);
    let probes = report["scenarios"][0]["probes"].as_array().expect("probes");
    let p = page();
    let wanted = [
        0,
        p + 903,
        p + 904,
        2 * p - 1,
        2 * p,
        3 * p + 2711,
        3 * p + 2712,
        4 * p - 1,
        4 * p,
    ];
    for op in ["read", "write"] {
        let offsets: Vec<u64> = probes
            .iter()
            .filter(|probe| probe["op"] == op)
            .filter_map(|probe| probe["offset"].as_u64())
            .collect();
        assert_eq!(offsets, wanted);
    }
    assert_eq!(probes.len(), 18);
    assert_eq!(report["scenarios"][0]["claims"][0]["verdict"], "refuted");
}
