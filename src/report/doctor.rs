//! The screen of `lab doctor`: a word and a finding a line. It may not know what was tried.

use super::style::{Line, render};
use super::text::{hanging, left_in};
use super::{screen, words};

/// What came of one attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// it works
    Fine,
    /// it works, and there is something to know
    Note,
    /// it does not
    No,
}

/// A line or more a finding.
pub fn doctor(findings: &[(Found, String)], width: usize) -> String {
    let width = width.max(screen::NARROWEST);
    let finding = |(found, text): &(Found, String)| {
        let head = format!("   {} ", left_in(words::found(*found), 5));
        hanging(&head, 9, text, width)
    };
    let lines: Vec<Line> = findings.iter().flat_map(finding).collect();
    render(&lines, width)
}
