//! The operation of a `[[step]]` with its operands.

use std::ops::Range;

use toml::de::DeTable;

use super::reader::{Reader, Value};
use super::value::Amount;
use crate::op::Prot;
use crate::scenario::complaint::{Code, Complaint};

/// Protections, by the words for them.
pub const ACCESS: [(&str, Prot); 4] = [
    ("r", Prot::READ),
    ("w", Prot::WRITE),
    ("rw", Prot::READ_WRITE),
    ("none", Prot::NONE),
];

/// The operation of a step. Offsets `at` count from `base`, but for the operations on the file itself: write, allocate,
/// read.
#[derive(Clone, Debug)]
pub enum Action {
    Truncate {
        size: Amount,
    },
    Write {
        byte: u8,
        at: Amount,
        length: Option<Amount>,
    },
    Allocate {
        length: Amount,
        at: Amount,
    },
    Read {
        at: Amount,
    },
    Protect {
        prot: Prot,
        at: Amount,
        length: Amount,
    },
    Unmap {
        at: Amount,
        length: Amount,
    },
    Sync {
        at: Option<Amount>,
        length: Option<Amount>,
    },
    Store {
        byte: u8,
        at: Amount,
    },
    Load {
        at: Amount,
    },
}

impl<'a> Reader<'a> {
    /// The operation of this key and value; its operands stand in the same table.
    pub fn action(&mut self, table: &DeTable<'a>, name: &str, key: Range<usize>, value: &Value<'a>) -> Option<Action> {
        let amount = |reader: &mut Self, name: &str| table.get(name).map(|value| reader.amount(value));
        let at = amount(self, "at");
        let length = amount(self, "length");
        let needed = |reader: &mut Self, what: Option<Option<Amount>>, which: &str, repair: &str| match what {
            Some(what) => what,
            None => {
                let title = format!("{name} without its \"{which}\"");
                reader.missing(key.clone(), title, format!("needs {which} = ..."), repair);
                None
            }
        };
        let at_repair = if matches!(name, "write" | "allocate") {
            "at = \"size\""
        } else {
            "at = \"1p\""
        };
        match name {
            "truncate" => Some(Action::Truncate {
                size: self.amount(value)?,
            }),
            "read" => Some(Action::Read {
                at: self.amount(value)?,
            }),
            "load" => Some(Action::Load {
                at: self.amount(value)?,
            }),
            "write" => {
                let byte = self.byte(value);
                let at = needed(self, at, "at", at_repair)?;
                Some(Action::Write {
                    byte: byte?,
                    at,
                    length: length.unwrap_or(None),
                })
            }
            "store" => {
                let byte = self.byte(value);
                let at = needed(self, at, "at", "at = \"eof\"")?;
                Some(Action::Store { byte: byte?, at })
            }
            "allocate" => {
                let length = self.amount(value);
                let at = needed(self, at, "at", at_repair)?;
                Some(Action::Allocate { length: length?, at })
            }
            "sync" => {
                self.must_be_true(value);
                Some(Action::Sync {
                    at: at.unwrap_or(None),
                    length: length.unwrap_or(None),
                })
            }
            _ => {
                let prot = match name {
                    "protect" => {
                        let word = self.string(value)?;
                        self.ok(word.choice(&ACCESS))
                    }
                    _ => {
                        self.must_be_true(value);
                        Some(Prot::NONE)
                    }
                };
                let at = needed(self, at, "at", at_repair);
                let length = needed(self, length, "length", "length = \"1p\"");
                let (prot, at, length) = (prot?, at?, length?);
                Some(if name == "protect" {
                    Action::Protect { prot, at, length }
                } else {
                    Action::Unmap { at, length }
                })
            }
        }
    }

    fn byte(&mut self, value: &Value<'a>) -> Option<u8> {
        let word = self.string(value)?;
        self.ok(word.byte())
    }

    fn must_be_true(&mut self, value: &Value<'a>) {
        if value.get_ref().as_bool() != Some(true) {
            let label = "unmap and sync are switched on by true";
            self.complain(Complaint::new(
                Code::E04,
                "true was expected",
                self.span(value.span()),
                label,
            ));
        }
    }
}
