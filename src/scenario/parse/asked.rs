//! Which words say what came of an operation, and which operations each is an answer to. It may not know what an author
//! makes of them.

use super::value::Word;
use crate::op::{SI_CODES, Signal, errno_name, errno_number, si_code_number};
use crate::say::{said, say};
use crate::scenario::Want;
use crate::scenario::complaint::{Code, Complaint};
use crate::scenario::near::nearest;

/// What an outcome is an answer to; not every word answers everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    Load,
    Store,
    Read,
    Call,
    /// a call that gives a number
    Count,
    /// a routine that counts bytes of memory
    Scan,
    Claim,
}

impl Asked {
    fn name(self) -> &'static str {
        match self {
            Asked::Load => said!("a load", "读取"),
            Asked::Store => said!("a store", "写入"),
            Asked::Read => said!("a read of the file", "读文件"),
            Asked::Call => said!("a call", "系统调用"),
            Asked::Count | Asked::Scan => said!("a number", "计数"),
            Asked::Claim => said!("a claim", "[[claim]] 里"),
        }
    }

    /// The words that answer it.
    fn words(self) -> &'static str {
        match self {
            Asked::Load => {
                said!(
                    "a load gives file, zero, byte:Z, SIGBUS, SIGSEGV, SIGBUS/BUS_ADRERR, killed:SIGBUS, loops, ...",
                    "读取的结果有 file, zero, byte:Z, SIGBUS, SIGSEGV, SIGBUS/BUS_ADRERR, killed:SIGBUS, loops, ..."
                )
            }
            Asked::Store => said!(
                "a store gives ok, SIGBUS, SIGSEGV, SIGBUS/BUS_ADRERR, killed:SIGBUS, loops, ...",
                "写入的结果有 ok, SIGBUS, SIGSEGV, SIGBUS/BUS_ADRERR, killed:SIGBUS, loops, ..."
            ),
            Asked::Read => said!(
                "a read of the file gives zero, byte:Z, end, or an errno, as EBADF",
                "读文件的结果有 zero, byte:Z, end, 或者错误码, 如 EBADF"
            ),
            Asked::Call => said!(
                "a call gives ok, or an errno, as EINVAL; mmap also elsewhere",
                "系统调用的结果有 ok, 或者错误码, 如 EINVAL; mmap 还有 elsewhere"
            ),
            Asked::Count => said!(
                "this gives a number, as \"1p\" or \"1 ..\", or an errno, as EFAULT",
                "它的结果是一个数, 如 \"1p\" 或 \"1 ..\", 或者错误码, 如 EFAULT"
            ),
            Asked::Scan => said!(
                "this gives a number, as \"1p\" or \"1 ..\", or SIGBUS, SIGSEGV, SIGBUS/BUS_ADRERR, ...",
                "它的结果是一个数, 如 \"1p\" 或 \"1 ..\", 或者 SIGBUS, SIGSEGV, SIGBUS/BUS_ADRERR, ..."
            ),
            Asked::Claim => said!(
                "an access gives file, zero, ok, byte:Z, SIGBUS, SIGSEGV, SIGBUS/BUS_ADRERR, ...",
                "访问的结果有 file, zero, ok, byte:Z, SIGBUS, SIGSEGV, SIGBUS/BUS_ADRERR, ..."
            ),
        }
    }

    fn takes(self, want: Want) -> bool {
        match self {
            Asked::Load => matches!(
                want,
                Want::File
                    | Want::Zero
                    | Want::Byte(_)
                    | Want::Any
                    | Want::Signal(_)
                    | Want::Fault(..)
                    | Want::Killed(_)
                    | Want::Loops
            ),
            Asked::Store => matches!(
                want,
                Want::Ok | Want::Signal(_) | Want::Fault(..) | Want::Killed(_) | Want::Loops
            ),
            Asked::Read => matches!(want, Want::Zero | Want::Byte(_) | Want::End | Want::Errno(_)),
            Asked::Call => matches!(want, Want::Ok | Want::Errno(_) | Want::Elsewhere),
            Asked::Count => matches!(want, Want::Errno(_) | Want::Count(..)),
            Asked::Scan => matches!(want, Want::Signal(_) | Want::Fault(..) | Want::Count(..)),
            Asked::Claim => want != Want::End,
        }
    }
}

/// Is it written as an errno is?
pub(super) fn is_errno(text: &str) -> bool {
    text.len() > 2 && text.starts_with('E') && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
}

pub(super) fn want(word: &Word, asked: Asked) -> Result<Want, Complaint> {
    let complaint = |title: String, label: String| Complaint::new(Code::E07, title, word.at.whole(), label);
    let want = match known(&word.text) {
        Some(want) => want,
        None => return Err(unknown(word, asked)),
    };
    if !asked.takes(want) {
        let label = say!("this is no answer to {}", "{}不会有这样的结果", asked.name());
        return Err(complaint(
            said!("an outcome of something else", "这是别的操作的结果").to_string(),
            label,
        )
        .note(asked.words()));
    }
    // A read of the file has no tail: a zero there is a byte like any other.
    Ok(if asked == Asked::Read && want == Want::Zero {
        Want::Byte(0)
    } else {
        want
    })
}

pub(super) fn known(text: &str) -> Option<Want> {
    match text {
        "file" => return Some(Want::File),
        "zero" => return Some(Want::Zero),
        "any" => return Some(Want::Any),
        "ok" => return Some(Want::Ok),
        "end" => return Some(Want::End),
        "loops" => return Some(Want::Loops),
        "elsewhere" => return Some(Want::Elsewhere),
        _ => {}
    }
    if let Some(byte) = text.strip_prefix("byte:") {
        return match byte.as_bytes() {
            [byte] if byte.is_ascii_graphic() || *byte == b' ' => Some(Want::Byte(*byte)),
            _ => None,
        };
    }
    if let Some(signal) = text.strip_prefix("killed:") {
        return signal_called(signal).map(Want::Killed);
    }
    if let Some(errno) = errno_number(text) {
        return Some(Want::Errno(errno));
    }
    let (signal, code) = text
        .split_once('/')
        .map_or((text, None), |(signal, code)| (signal, Some(code)));
    let signal = signal_called(signal)?;
    match code {
        None => Some(Want::Signal(signal)),
        Some(code) => si_code_number(signal, code).map(|number| Want::Fault(signal, number)),
    }
}

/// The signal of this name.
pub fn signal_called(name: &str) -> Option<Signal> {
    [Signal::Sigbus, Signal::Sigsegv]
        .into_iter()
        .find(|signal| signal.to_string() == name)
}

fn unknown(word: &Word, asked: Asked) -> Complaint {
    let text = word.text.as_str();
    let span = word.at.whole();
    let label = said!("unknown", "不认识");
    if let Some((signal, code)) = text
        .split_once('/')
        .and_then(|(s, code)| signal_called(s).map(|s| (s, code)))
    {
        let codes: Vec<&str> = SI_CODES.iter().filter(|row| row.0 == signal).map(|row| row.2).collect();
        let at = text.len() - code.len()..text.len();
        let label = say!("{signal} has no such code", "{signal} 没有这个 si_code");
        let complaint = Complaint::new(
            Code::E07,
            said!("unknown si_code", "不认识的 si_code"),
            word.at.part(at),
            label,
        );
        let complaint = complaint.note(say!("its codes are {}", "它的 si_code 有 {}", codes.join(", ")));
        return match nearest(code, codes) {
            Some(near) => complaint.help(format!("\"{signal}/{near}\"")),
            None => complaint,
        };
    }
    if text.starts_with("byte:") {
        return Complaint::new(
            Code::E07,
            said!("unknown outcome", "不认识的结果"),
            span,
            said!(
                "one character of ASCII is meant, as byte:Z",
                "应该是一个 ASCII 字符, 如 byte:Z"
            ),
        );
    }
    if let (1, true) = (text.len(), asked.takes(Want::Byte(0))) {
        let complaint = Complaint::new(Code::E07, said!("unknown outcome", "不认识的结果"), span, label);
        return complaint.note(asked.words()).help(format!("\"byte:{text}\""));
    }
    if is_errno(text) {
        let names: Vec<&str> = (1..200).filter_map(errno_name).collect();
        let complaint = Complaint::new(
            Code::E07,
            said!("unknown errno", "不认识的错误码"),
            span,
            said!("no call of a scenario gives it", "情景里没有哪个调用会返回它"),
        );
        return match nearest(text, names) {
            Some(near) => complaint.help(format!("\"{near}\"")),
            None => complaint,
        };
    }
    let mut words = vec![
        "file".to_string(),
        "zero".into(),
        "ok".into(),
        "end".into(),
        "loops".into(),
        "elsewhere".into(),
        "killed:SIGBUS".into(),
        "killed:SIGSEGV".into(),
        "SIGBUS".into(),
        "SIGSEGV".into(),
    ];
    words.extend(SI_CODES.iter().map(|(signal, _, code)| format!("{signal}/{code}")));
    let words: Vec<&str> = words
        .iter()
        .map(String::as_str)
        .filter(|w| known(w).is_some_and(|w| asked.takes(w)))
        .collect();
    // "SEGV_MAPERR" alone is the second half of a word.
    let half = words
        .iter()
        .copied()
        .find(|word| word.split_once('/').is_some_and(|(_, code)| code == text));
    let complaint =
        Complaint::new(Code::E07, said!("unknown outcome", "不认识的结果"), span, label).note(asked.words());
    match half.or_else(|| nearest(text, words)) {
        Some(near) => complaint.help(format!("\"{near}\"")),
        None => complaint,
    }
}
