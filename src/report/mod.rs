//! The views of a result: screens, lines of a run, JSON. Everything is drawn from `result` alone, as text with colours in
//! it that whoever prints may strip. It may not know a system call, a scenario file, or who gave which answer first.

mod answers;
mod around;
mod borders;
mod change;
mod claims;
mod doctor;
pub mod graded;
mod home;
mod json;
mod lint;
mod map;
pub mod measure;
mod narrow;
mod quiz;
mod replay;
pub mod result;
mod ruler;
mod run;
mod screen;
mod steps;
mod story;
mod strip;
pub mod style;
mod table;
mod terms;
mod text;
mod watched;
mod words;

pub use around::{cases, touched};
pub use claims::{Judged, claims, claims_json, claims_markdown, suites, verdict_word, verdict_words};
pub use doctor::{Found, doctor};
pub use home::{Entry, home};
pub use json::json;
pub use lint::{Linted, lint};
pub use quiz::{Mark, marks, note, questions};
pub use replay::{Moment, Question, Replay, Stand, replay};
pub use run::run;
pub use screen::scenario;
pub use strip::{strip, strips};
pub use terms::{term, terms};
pub use watched::{Watched, watched};

/// Which of the three voices says something else, in half a line.
pub use answers::explain as sides;

#[cfg(test)]
mod fixture;
#[cfg(test)]
mod tests;
