//! The sections of a scenario file, one after another: `[file]`, `[map]`, `[expect]`, `[[step]]`.

use toml::de::DeTable;

use super::asked::Asked;
use super::reader::Reader;
use super::setting::Settings;
use super::value::Word;
use super::{Scenario, Step, Zoned};
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
