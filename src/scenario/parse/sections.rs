//! The sections of a scenario file, one after another: `[file]`, `[map]`, `[expect]`, `[[step]]`.

use std::ops::Range;

use toml::de::DeTable;

use super::outcome::Asked;
use super::reader::{Reader, Value};
use super::setting::Settings;
use super::value::Word;
use super::words::{ACCESS, KINDS, SHARES};
use super::{FileSpec, KNOWN_TO_LENGTH, KNOWN_TO_OFFSET, KNOWN_TO_SIZE, Map, Scenario, Step, Zoned};
use crate::op::{FileKind, Prot, Share};
use crate::say::{said, say};
use crate::scenario::complaint::{Code, Complaint, Source};

const TOP: [&str; 20] = [
    "lab", "id", "title", "brief", "why", "next", "sources", "needs", "measures", "file", "map", "files", "maps",
    "process", "expect", "probe", "step", "measure", "claim", "quiz",
];
/// More lines than this in a table of zones, or entries in a list, are no lesson.
pub const LINES: usize = 64;
const STEPS: usize = 256;
/// What a scenario may need; any linux-MAJOR.MINOR besides.
const NEEDS: [&str; 9] = [
    "root",
    "user",
    "memlock",
    "proc",
    "swap",
    "userns",
    "userfaultfd",
    "x86_64",
    "linux-6.13",
];
/// The name of what `[file]` and `[map]` describe.
pub const MAIN: &str = "main";

impl<'a> Reader<'a> {
    /// The whole file. Everything is read before anything missing ends it, so that all complaints come at once.
    pub fn scenario(&mut self, top: &DeTable<'a>, settings: &Settings, texts: &[Source]) -> Option<Scenario> {
        self.meant = self.known(top, said!("a scenario", "情景文件"), &TOP);
        self.version(top);
        let id = self.id(top);
        let title = self
            .needed(top, "title", "title = \"...\"")
            .and_then(|value| self.prose(value));
        let brief = top.get("brief").and_then(|value| self.prose(value));
        let why = top.get("why").and_then(|value| self.prose(value));
        let next = self.next(top);
        let sources = self.strings(top.get("sources"));
        let needs = self.needs(top);
        let measures = top.get("measures").is_some_and(|value| self.must_be_true(value));
        let file = self.file(top, settings);
        let map = self.map(top, settings);
        let files = self.more_files(top);
        let maps = self.more_maps(top);
        let (loads, stores) = self.expect(top);
        let probe = top.get("probe").map_or(Vec::new(), |value| self.probe(value).1);
        let steps = self.steps(top);
        let count = top
            .get("step")
            .and_then(|value| value.get_ref().as_array())
            .map_or(0, |list| list.len());
        let claims = self.claims(top, count);
        let measure = self.measure(top);
        let quiz = self.quiz(top, count);
        Some(Scenario {
            id: id?,
            title: title?,
            brief,
            why,
            next,
            sources,
            quiz,
            texts: texts.to_vec(),
            needs,
            measures,
            file: file?,
            map: map?,
            files,
            maps,
            loads,
            stores,
            probe,
            steps,
            claims,
            measure,
        })
    }

    /// What a machine must have for it, in words from a closed list.
    fn needs(&mut self, top: &DeTable<'a>) -> Vec<String> {
        let Some(list) = top.get("needs").and_then(|value| self.list(value)) else {
            return Vec::new();
        };
        let mut needs = Vec::new();
        for value in list.iter().take(LINES) {
            let Some(word) = self.string(value) else { continue };
            let version = word
                .text
                .strip_prefix("linux-")
                .and_then(|version| version.split_once('.'));
            let number = |part: &str| part.parse::<u32>().is_ok();
            if !version.is_some_and(|(major, minor)| number(major) && number(minor)) {
                let known = NEEDS.map(|need| (need, ()));
                self.ok(word.choice(&known));
            }
            needs.push(word.text);
        }
        needs
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
                    let title = say!("a scenario without its [{name}]", "情景缺少 [{name}]");
                    self.missing(0..0, title, said!("missing in this file", "这个文件里没有"), repair);
                }
                (None, 0..0)
            }
        }
    }

    fn file(&mut self, top: &DeTable<'a>, settings: &Settings) -> Option<FileSpec> {
        let (table, header) = self.section(
            top,
            "file",
            said!("[file] with size = \"1p\"", "[file], 其中写 size = \"1p\""),
        );
        let name = Word {
            text: MAIN.to_string(),
            at: self.anchor(header.clone(), ""),
        };
        self.file_of(table, "[file]", header, name, settings)
    }

    /// `[file]` or `[files.NAME]`.
    fn file_of(
        &mut self,
        table: Option<&DeTable<'a>>,
        whose: &str,
        header: Range<usize>,
        name: Word,
        settings: &Settings,
    ) -> Option<FileSpec> {
        let kind = table.and_then(|table| table.get("kind"));
        let kind = self.choice(kind, &KINDS).unwrap_or(Some(FileKind::Regular));
        let sized = matches!(
            kind,
            Some(FileKind::Regular | FileKind::Named | FileKind::Shm | FileKind::Memfd { .. })
        );
        if let Some(table) = table {
            let meant = self.known(table, whose, &["size", "fill", "kind"]);
            if !table.contains_key("size") && !meant.contains(&"size") && sized {
                self.missing(
                    header.clone(),
                    said!("a file without its \"size\"", "文件缺少 \"size\""),
                    said!("needs size = ...", "需要 size = ..."),
                    "size = \"1p + 904\"",
                );
            }
        }
        let none = Word {
            text: "0".to_string(),
            at: self.anchor(header, ""),
        };
        let size = self.settable(table, "size", settings.get("file.size"), Word::amount, Self::amount);
        let size = size.or_else(|| (!sized).then(|| none.amount().ok()).flatten());
        let size = size.and_then(|a| {
            self.ok(a.only(
                &KNOWN_TO_SIZE,
                said!("a file's size may name p only", "文件大小里只能用 p"),
            ))
        });
        let bytes = |reader: &mut Self, value: &Value<'a>| {
            let word = reader.string(value)?;
            reader.ok(word.fill())
        };
        let fill = self.settable(table, "fill", settings.get("file.fill"), Word::fill, bytes);
        Some(FileSpec {
            name,
            kind,
            size: size?,
            fill: fill.flatten(),
        })
    }

    /// `[files.NAME]`: further files.
    fn more_files(&mut self, top: &DeTable<'a>) -> Vec<FileSpec> {
        let mut files = Vec::new();
        for (name, value) in self.named(top, "files") {
            let span = value.span();
            let table = self.table(value);
            files.extend(self.file_of(table, said!("a file", "文件小节"), span, name, &Settings(&[])));
        }
        files
    }

    /// `[maps.NAME]`: further mappings of process A; `[process.NAME.map]`: the mapping of another process.
    fn more_maps(&mut self, top: &DeTable<'a>) -> Vec<Map> {
        let mut maps = Vec::new();
        for (area, value) in self.named(top, "maps") {
            let span = value.span();
            let table = self.table(value);
            maps.extend(self.map_of(table, said!("a mapping", "映射小节"), span, area, None, &Settings(&[])));
        }
        for (name, value) in self.named(top, "process") {
            let Some(table) = self.table(value) else { continue };
            self.known(table, said!("a process", "进程小节"), &["map"]);
            let Some(value) = table.get("map") else {
                self.missing(
                    value.span(),
                    said!("a process without its \"map\"", "进程缺少 \"map\""),
                    said!("needs a mapping of its own", "它需要自己的映射"),
                    said!(
                        "[process.B.map] with length = \"2p\"",
                        "[process.B.map], 其中写 length = \"2p\""
                    ),
                );
                continue;
            };
            let area = Word {
                text: MAIN.to_string(),
                at: name.at,
            };
            let table = self.table(value);
            maps.extend(self.map_of(
                table,
                said!("a mapping", "映射小节"),
                value.span(),
                area,
                Some(name),
                &Settings(&[]),
            ));
        }
        maps
    }

    /// The tables in a section, in the order of the file.
    fn named<'v>(&mut self, top: &'v DeTable<'a>, section: &str) -> Vec<(Word, &'v Value<'a>)> {
        let Some(table) = top.get(section).and_then(|value| self.table(value)) else {
            return Vec::new();
        };
        let mut entries: Vec<_> = table.iter().collect();
        entries.sort_by_key(|(key, _)| key.span().start);
        let word = |(key, value): (&toml::Spanned<_>, &'v Value<'a>)| {
            let key: &toml::Spanned<toml::de::DeString<'a>> = key;
            let text = key.get_ref().to_string();
            let at = self.anchor(key.span(), &text);
            (Word { text, at }, value)
        };
        entries.into_iter().map(word).collect()
    }

    fn map(&mut self, top: &DeTable<'a>, settings: &Settings) -> Option<Map> {
        let (table, header) = self.section(
            top,
            "map",
            said!("[map] with length = \"2p\"", "[map], 其中写 length = \"2p\""),
        );
        let area = Word {
            text: MAIN.to_string(),
            at: self.anchor(header.clone(), ""),
        };
        self.map_of(table, "[map]", header, area, None, settings)
    }

    fn map_of(
        &mut self,
        table: Option<&DeTable<'a>>,
        whose: &str,
        header: Range<usize>,
        area: Word,
        by: Option<Word>,
        settings: &Settings,
    ) -> Option<Map> {
        if let Some(table) = table {
            let meant = self.known(table, whose, &["length", "offset", "share", "access", "file", "flags"]);
            if !table.contains_key("length") && !meant.contains(&"length") {
                self.missing(
                    header,
                    said!("a mapping without its \"length\"", "映射缺少 \"length\""),
                    said!("needs length = ...", "需要 length = ..."),
                    "length = \"2p\"",
                );
            }
        }
        let length = self.settable(table, "length", settings.get("map.length"), Word::amount, Self::amount);
        let offset = self.settable(table, "offset", settings.get("map.offset"), Word::amount, Self::amount);
        let length = length.and_then(|a| {
            self.ok(a.only(
                &KNOWN_TO_LENGTH,
                said!(
                    "a length may name p, size, eof, eof_page only",
                    "长度里只能用 p, size, eof, eof_page"
                ),
            ))
        });
        let offset = offset.and_then(|a| {
            self.ok(a.only(
                &KNOWN_TO_OFFSET,
                said!(
                    "a map's offset may name p and size only",
                    "映射的偏移里只能用 p 和 size"
                ),
            ))
        });
        let share = self.settable(
            table,
            "share",
            settings.get("map.share"),
            |w| w.choice(&SHARES),
            |reader, value| reader.choice(Some(value), &SHARES),
        );
        let prot = self.settable(
            table,
            "access",
            settings.get("map.access"),
            |w| w.choice(&ACCESS),
            |reader, value| reader.choice(Some(value), &ACCESS),
        );
        let file = table.and_then(|table| table.get("file"));
        Some(Map {
            area,
            by,
            file: file.and_then(|value| self.string(value)),
            length: length?,
            offset,
            share: share.unwrap_or(Share::Shared),
            prot: prot.unwrap_or(Prot::READ_WRITE),
            flags: self.flags(table.and_then(|table| table.get("flags"))),
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
            let label = say!("this is the line after {LINES}", "前面已经有 {LINES} 行");
            self.complain(Complaint::new(
                Code::E08,
                said!("too many zones", "区间太多"),
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
            let label = say!("this is the step after {STEPS}", "前面已经有 {STEPS} 步");
            self.complain(Complaint::new(
                Code::E08,
                said!("too many steps", "步骤太多"),
                self.span(value.span()),
                label,
            ));
        }
        list.iter().take(STEPS).filter_map(|value| self.step(value)).collect()
    }
}
