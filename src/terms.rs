//! Every word that a screen prints and a student may not know, in one screen each and both languages: signals, si_codes,
//! symbols, errnos, misconceptions, codes of complaints, terms of art. Plain data; it knows no other room.

mod calls;
mod complaints;
mod errnos;
mod faults;
mod ideas;
mod memory;
mod symbols;
mod warnings;

/// One word explained.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Term {
    /// the word, and other ways to write it
    pub names: &'static [&'static str],
    /// English
    pub en: &'static str,
    /// Chinese
    pub zh: &'static str,
    /// words to look up next
    pub see: &'static [&'static str],
}

/// All of them, by kind: the kind in both languages, and its words.
pub const KINDS: [(&str, &str, &[Term]); 8] = [
    ("signals and their codes", "信号与 si_code", faults::ALL),
    ("symbols of a scenario", "情景中的符号", symbols::ALL),
    ("memory and files", "内存与文件", memory::ALL),
    ("system calls and their flags", "系统调用与标志", calls::ALL),
    ("errors of system calls", "系统调用的错误码", errnos::ALL),
    ("misconceptions", "误解", ideas::ALL),
    ("complaints about scenario files", "情景文件的错误编号", complaints::ALL),
    ("warnings of lab run --lint", "lab run --lint 的警告", warnings::ALL),
];

/// Every word.
pub fn all() -> impl Iterator<Item = &'static Term> {
    KINDS.iter().flat_map(|(_, _, terms)| terms.iter())
}

/// The word called so, whatever its case.
pub fn find(word: &str) -> Option<&'static Term> {
    let is = |name: &&str| name.eq_ignore_ascii_case(word);
    all().find(|term| term.names.iter().any(is))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_explained_once_in_both_languages() {
        let mut names: Vec<String> = all()
            .flat_map(|term| term.names)
            .map(|name| name.to_lowercase())
            .collect();
        let count = names.len();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), count, "a word is explained twice");
        for term in all() {
            let name = term.names[0];
            assert!(term.en.len() > 30 && term.en.ends_with('.'), "{name}");
            assert!(
                term.zh.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)),
                "{name} has no Chinese"
            );
            assert!(
                term.see.iter().all(|word| find(word).is_some()),
                "{name}: {:?}",
                term.see
            );
        }
    }

    #[test]
    fn signals_codes_symbols_and_errnos_are_all_there() {
        let codes = crate::op::SI_CODES.iter().map(|row| row.2);
        let errnos = (1..200).filter_map(crate::op::errno_name);
        let symbols = ["p", "size", "eof", "eof_page", "len", "map_end", "base"];
        for word in codes.chain(errnos).chain(symbols).chain(["SIGBUS", "SIGSEGV"]) {
            assert!(find(word).is_some(), "{word}");
        }
    }
}
