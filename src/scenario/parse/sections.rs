//! The sections of a scenario file, one after another: `[file]`, `[map]`, `[expect]`, `[[step]]`.

use std::ops::Range;

use toml::de::DeTable;

use super::action::ACCESS;
use super::outcome::Asked;
use super::reader::{Reader, Value};
use super::setting::Settings;
use super::value::{Amount, Word};
use super::{KNOWN_TO_LENGTH, KNOWN_TO_OFFSET, KNOWN_TO_SIZE, Map, Scenario, Step, Zoned};
use crate::op::Share;
use crate::scenario::complaint::{Code, Complaint, Source};

const TOP: [&str; 14] = [
    "lab", "id", "title", "brief", "why", "next", "sources", "file", "map", "expect", "probe", "step", "claim", "quiz",
];
const SHARES: [(&str, Share); 2] = [("shared", Share::Shared), ("private", Share::Private)];
/// More lines than this in a table of zones, or entries in a list, are no lesson.
pub const LINES: usize = 64;
const STEPS: usize = 256;

impl<'a> Reader<'a> {
    /// The whole file. Everything is read before anything missing ends it, so that all complaints come at once.
    pub fn scenario(&mut self, top: &DeTable<'a>, settings: &Settings, texts: &[Source]) -> Option<Scenario> {
        self.meant = self.known(top, "a scenario", &TOP);
        self.one_process(top);
        self.version(top);
        let id = self.id(top);
        let title = self
            .needed(top, "title", "title = \"...\"")
            .and_then(|value| self.prose(value));
        let brief = top.get("brief").and_then(|value| self.prose(value));
        let why = top.get("why").and_then(|value| self.prose(value));
        let next = self.next(top);
        let sources = self.strings(top.get("sources"));
        let file = self.file(top, settings);
        let map = self.map(top, settings);
        let (loads, stores) = self.expect(top);
        let probe = top.get("probe").map_or(Vec::new(), |value| self.probe(value).1);
        let steps = self.steps(top);
        let count = top
            .get("step")
            .and_then(|value| value.get_ref().as_array())
            .map_or(0, |list| list.len());
        let claims = self.claims(top, count);
        let quiz = self.quiz(top);
        let (size, fill) = file?;
        Some(Scenario {
            id: id?,
            title: title?,
            brief,
            why,
            next,
            sources,
            quiz,
            texts: texts.to_vec(),
            size,
            fill,
            map: map?,
            loads,
            stores,
            probe,
            steps,
            claims,
        })
    }

    /// The value set on the command line, or else the file's.
    fn settable<T>(
        &mut self,
        table: Option<&DeTable<'a>>,
        key: &str,
        set: Option<Word>,
        word: impl Fn(&Word) -> Result<T, Complaint>,
        value: impl Fn(&mut Self, &Value<'a>) -> Option<T>,
    ) -> Option<T> {
        match set {
            Some(set) => self.ok(word(&set)),
            None => table
                .and_then(|table| table.get(key))
                .and_then(|found| value(self, found)),
        }
    }

    fn section<'v>(
        &mut self,
        top: &'v DeTable<'a>,
        name: &str,
        repair: &str,
    ) -> (Option<&'v DeTable<'a>>, Range<usize>) {
        match top.get(name) {
            Some(value) => (self.table(value), value.span()),
            None => {
                if !self.meant.contains(&name) {
                    let title = format!("a scenario without its [{name}]");
                    self.missing(0..0, title, "missing in this file", repair);
                }
                (None, 0..0)
            }
        }
    }

    fn file(&mut self, top: &DeTable<'a>, settings: &Settings) -> Option<(Amount, Option<u8>)> {
        let (table, header) = self.section(top, "file", "[file] with size = \"1p\"");
        if let Some(table) = table {
            let meant = self.known(table, "[file]", &["size", "fill"]);
            if !table.contains_key("size") && !meant.contains(&"size") {
                self.missing(
                    header,
                    "a file without its \"size\"",
                    "needs size = ...",
                    "size = \"1p + 904\"",
                );
            }
        }
        let size = self.settable(table, "size", settings.get("file.size"), Word::amount, Self::amount);
        let size = size.and_then(|a| self.ok(a.only(&KNOWN_TO_SIZE, "a file's size may name p only")));
        let bytes = |reader: &mut Self, value: &Value<'a>| {
            let word = reader.string(value)?;
            reader.ok(word.fill())
        };
        let fill = self.settable(table, "fill", settings.get("file.fill"), Word::fill, bytes);
        Some((size?, fill.flatten()))
    }

    fn map(&mut self, top: &DeTable<'a>, settings: &Settings) -> Option<Map> {
        let (table, header) = self.section(top, "map", "[map] with length = \"2p\"");
        if let Some(table) = table {
            let meant = self.known(table, "[map]", &["length", "offset", "share", "access"]);
            if !table.contains_key("length") && !meant.contains(&"length") {
                self.missing(
                    header,
                    "a mapping without its \"length\"",
                    "needs length = ...",
                    "length = \"2p\"",
                );
            }
        }
        let length = self.settable(table, "length", settings.get("map.length"), Word::amount, Self::amount);
        let offset = self.settable(table, "offset", settings.get("map.offset"), Word::amount, Self::amount);
        let length =
            length.and_then(|a| self.ok(a.only(&KNOWN_TO_LENGTH, "a length may name p, size, eof, eof_page only")));
        let offset = offset.and_then(|a| self.ok(a.only(&KNOWN_TO_OFFSET, "a map's offset may name p and size only")));
        let share = self.settable(
            table,
            "share",
            settings.get("map.share"),
            |w| w.choice(&SHARES),
            |reader, value| {
                let word = reader.string(value)?;
                reader.ok(word.choice(&SHARES))
            },
        );
        let prot = self.settable(
            table,
            "access",
            settings.get("map.access"),
            |w| w.choice(&ACCESS),
            |reader, value| {
                let word = reader.string(value)?;
                reader.ok(word.choice(&ACCESS))
            },
        );
        let (share, prot) = (
            share.unwrap_or(Share::Shared),
            prot.unwrap_or(crate::op::Prot::READ_WRITE),
        );
        Some(Map {
            length: length?,
            offset,
            share,
            prot,
        })
    }

    fn expect(&mut self, top: &DeTable<'a>) -> (Vec<Zoned>, Vec<Zoned>) {
        let Some(table) = top.get("expect").and_then(|value| self.table(value)) else {
            return Default::default();
        };
        let stores = table.get("write").and_then(|value| self.table(value));
        let stores = stores.map_or(Vec::new(), |stores| self.zones(stores, Asked::Store, None));
        (self.zones(table, Asked::Load, Some("write")), stores)
    }

    /// Lines of `range = outcome`, in the order of the file.
    pub fn zones(&mut self, table: &DeTable<'a>, asked: Asked, but: Option<&str>) -> Vec<Zoned> {
        let mut lines: Vec<_> = table.iter().filter(|(key, _)| but != Some(&**key.get_ref())).collect();
        lines.sort_by_key(|(key, _)| key.span().start);
        if let Some((key, _)) = lines.get(LINES) {
            let label = format!("this is the line after {LINES}");
            self.complain(Complaint::new(
                Code::E08,
                "too many zones",
                self.span(key.span()),
                label,
            ));
            lines.truncate(LINES);
        }
        let mut zones = Vec::new();
        for (key, value) in lines {
            let text: &str = key.get_ref();
            let word = Word {
                text: text.to_string(),
                at: self.anchor(key.span(), text),
            };
            let stretch = self.ok(word.stretch());
            let expects = self.expectation(value, asked);
            if let (Some(stretch), Some(expects)) = (stretch, expects) {
                zones.push(Zoned { stretch, expects });
            }
        }
        zones
    }

    fn steps(&mut self, top: &DeTable<'a>) -> Vec<Step> {
        let Some(list) = top.get("step").and_then(|value| self.list(value)) else {
            return Vec::new();
        };
        if let Some(value) = list.get(STEPS) {
            let label = format!("this is the step after {STEPS}");
            self.complain(Complaint::new(
                Code::E08,
                "too many steps",
                self.span(value.span()),
                label,
            ));
        }
        list.iter().take(STEPS).filter_map(|value| self.step(value)).collect()
    }
}
