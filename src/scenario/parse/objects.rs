//! The files and mappings of a scenario: `[file]`, `[files.NAME]`, `[map]`, `[maps.NAME]`. It may not know what is done with
//! them.

use std::ops::Range;

use toml::de::DeTable;

use super::reader::{Reader, Value};
use super::setting::Settings;
use super::value::Word;
use super::words::{ACCESS, KINDS, SHARES};
use super::{FileSpec, KNOWN_TO_LENGTH, KNOWN_TO_OFFSET, KNOWN_TO_SIZE, Map};
use crate::op::{FileKind, Prot, Share};
use crate::say::{said, say};
use crate::scenario::complaint::Complaint;

/// The name of what `[file]` and `[map]` describe.
pub const MAIN: &str = "main";

impl<'a> Reader<'a> {
    /// The value set on the command line, or else the file's.
    pub(super) fn settable<T>(
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

    pub(super) fn section<'v>(
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

    pub(super) fn file(&mut self, top: &DeTable<'a>, settings: &Settings) -> Option<FileSpec> {
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
    pub(super) fn more_files(&mut self, top: &DeTable<'a>) -> Vec<FileSpec> {
        let mut files = Vec::new();
        for (name, value) in self.named(top, "files") {
            let span = value.span();
            let table = self.table(value);
            files.extend(self.file_of(table, said!("a file", "文件小节"), span, name, &Settings(&[])));
        }
        files
    }

    /// `[maps.NAME]`: further mappings of process A; `[process.NAME.map]`: the mapping of another process.
    pub(super) fn more_maps(&mut self, top: &DeTable<'a>) -> Vec<Map> {
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

    pub(super) fn map(&mut self, top: &DeTable<'a>, settings: &Settings) -> Option<Map> {
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
}
