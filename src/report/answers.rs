//! What the three voices said of a probe, in a few letters: expected, observed, and who is odd. It may not know in which
//! column or line that stands.

use super::result::{Observed, Odd, ProbeResult, Verdict};
use super::words;

/// `agrees` and not run, of all.
pub fn count(probes: &[ProbeResult]) -> String {
    let agree = probes.iter().filter(|probe| probe.verdict == Verdict::Agrees).count();
    let not_run = probes.iter().filter(|probe| probe.observed.is_none()).count();
    words::count(agree, probes.len(), not_run)
}

/// What was observed, in a few letters. A 0 that the file holds is told from the fill behind its end.
pub fn saw(probe: &ProbeResult) -> String {
    let Some(observed) = &probe.observed else {
        return words::not_run().into();
    };
    match (observed.value, observed.is.strip_prefix("byte:")) {
        (Some(0), _) if own_zero(probe) => words::own_zero().into(),
        (Some(value), _) => byte(value),
        (None, Some(name)) => format!("'{name}'"),
        (None, None) => observed.is.clone(),
    }
}

/// Was a 0 observed that is a byte of the file?
fn own_zero(probe: &ProbeResult) -> bool {
    let own = |observed: &Observed| observed.value == Some(0) && (observed.is == "file" || probe.op == "pread");
    probe.observed.as_ref().is_some_and(own)
}

/// Why a 0 is not what an author calls `zero`, where that is the difference.
pub fn not_zero(probe: &ProbeResult) -> Option<&'static str> {
    let wanted = probe.expected.iter().any(|word| word == "zero");
    (wanted && own_zero(probe)).then_some(words::why_own_zero())
}

/// A byte: its letter, or its number.
pub fn byte(value: u8) -> String {
    match value {
        0 => "0".into(),
        b' '..=b'~' => format!("'{}'", char::from(value)),
        _ => format!("0x{value:02x}"),
    }
}

/// What was expected: the author's words without codes, or else the model's.
pub fn wanted(probe: &ProbeResult) -> String {
    let bare = |word: &String| match word.strip_prefix("byte:").map(str::as_bytes) {
        // an author's byte is always a letter; the model's digit may be a number
        Some([letter]) if !probe.expected.is_empty() || !letter.is_ascii_digit() => byte(*letter),
        Some(_) => word["byte:".len()..].to_string(),
        None => word.split('/').next().unwrap_or(word).to_string(),
    };
    let mut said: Vec<String> = match (probe.expected.is_empty(), probe.model.or.is_empty()) {
        (false, _) => probe.expected.iter().map(bare).collect(),
        (true, false) => probe.model.or.iter().map(bare).collect(),
        (true, true) => vec![bare(&probe.model.is)],
    };
    said.dedup();
    spoken(&said)
}

/// Answers in the language of the screens: what stands between their numbers is a word.
fn spoken(answers: &[String]) -> String {
    let answers: Vec<String> = answers.iter().map(|answer| words::number(answer)).collect();
    answers.join(words::any_of())
}

/// Who of the three is odd: `author says SIGSEGV, model and kernel SIGBUS`.
pub fn explain(probe: &ProbeResult) -> String {
    let with = |is: &str, code: &Option<String>| code.as_ref().map_or(is.to_string(), |code| format!("{is}/{code}"));
    let kernel = probe
        .observed
        .as_ref()
        .map_or(words::not_run().into(), |o| with(&o.is, &o.si_code));
    let model = match probe.model.or.len() {
        0 => words::number(&with(&probe.model.is, &probe.model.si_code)),
        _ => spoken(&probe.model.or),
    };
    let author = spoken(&probe.expected);
    let bare = |says: &str| says.split('/').next().unwrap_or(says).to_string();
    // the codes only where the signals alone do not tell them apart
    let (mut says, mut others) = match probe.odd {
        Some(Odd::Author) => (author.clone(), kernel.clone()),
        Some(Odd::Model) => (model.clone(), kernel.clone()),
        Some(Odd::Kernel) => (
            kernel.clone(),
            if author.is_empty() {
                model.clone()
            } else {
                author.clone()
            },
        ),
        None => {
            return words::all_differ(Some(author.as_str()).filter(|a| !a.is_empty()), &model, &kernel);
        }
    };
    if !says.contains(words::any_of()) && !others.contains(words::any_of()) && bare(&says) != bare(&others) {
        (says, others) = (bare(&says), bare(&others));
    }
    let silent = probe.expected.is_empty();
    let (odd, rest) = match probe.odd {
        Some(Odd::Author) => (words::author(), words::model_kernel()),
        Some(Odd::Model) if silent => (words::model(), words::kernel()),
        Some(Odd::Model) => (words::model(), words::author_kernel()),
        _ if silent => (words::kernel(), words::model()),
        _ => (words::kernel(), words::author_model()),
    };
    words::odd(odd, &says, rest, &others)
}
