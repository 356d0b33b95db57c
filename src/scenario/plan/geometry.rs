//! What a script has opened and mapped so far, by the author's names: which file is which number, which area holds how
//! long a mapping of what. From it follow a step's symbols. It may not know expectations.

use crate::op::{AREA_LIMIT, AreaId, FileId, PROC_LIMIT, ProcId};
use crate::say::{said, say};
use crate::scenario::complaint::{Code, Complaint};
use crate::scenario::near::nearest;
use crate::scenario::parse::Word;

/// The mapping that a process has in an area.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Mapped {
    /// the file, by its first descriptor
    pub file: Option<FileId>,
    /// where in the file the area's first byte lies
    pub offset: i64,
    pub len: i64,
}

/// The author's names for things, and the mappings.
#[derive(Clone, Debug)]
pub(super) struct Geometry {
    /// by number
    files: Vec<String>,
    areas: Vec<String>,
    /// whose file is it really? Descriptors that were opened again share one
    pub objects: Vec<FileId>,
    pub processes: usize,
    maps: [[Mapped; AREA_LIMIT]; PROC_LIMIT],
    longest: [i64; AREA_LIMIT],
}

impl Geometry {
    pub fn new() -> Geometry {
        Geometry {
            files: Vec::new(),
            areas: vec!["main".to_string()],
            objects: Vec::new(),
            processes: 1,
            maps: Default::default(),
            longest: Default::default(),
        }
    }

    /// Give a new descriptor a name.
    pub fn open(&mut self, name: &Word, object: Option<FileId>) -> Result<FileId, Complaint> {
        if self.files.contains(&name.text) {
            let label = said!("a file of this name is there already", "已经有叫这个名字的文件");
            return Err(Complaint::new(
                Code::E10,
                said!("two files of one name", "两个文件同名"),
                name.at.whole(),
                label,
            ));
        }
        let id = self.files.len();
        self.files.push(name.text.clone());
        self.objects.push(object.unwrap_or(id));
        Ok(id)
    }

    /// The descriptor of this name; without a name the first.
    pub fn file(&self, name: Option<&Word>) -> Result<FileId, Complaint> {
        let Some(name) = name else { return Ok(0) };
        let found = self.files.iter().position(|known| *known == name.text);
        found.ok_or_else(|| unknown("file", name, &self.files))
    }

    /// The area of this name.
    pub fn area(&self, name: Option<&Word>) -> Result<AreaId, Complaint> {
        let Some(name) = name else { return Ok(0) };
        let found = self.areas.iter().position(|known| *known == name.text);
        found.ok_or_else(|| unknown("area", name, &self.areas))
    }

    /// The area of this name, which may be new.
    pub fn area_or_new(&mut self, name: Option<&Word>) -> Result<AreaId, Complaint> {
        if let Ok(area) = self.area(name) {
            return Ok(area);
        }
        let Some(name) = name else { return Ok(0) };
        if self.areas.len() == AREA_LIMIT {
            let label = say!(
                "there are {AREA_LIMIT} already: {}",
                "已经有 {AREA_LIMIT} 个: {}",
                self.areas.join(", ")
            );
            return Err(Complaint::new(
                Code::E08,
                said!("too many areas", "区域太多"),
                name.at.whole(),
                label,
            ));
        }
        self.areas.push(name.text.clone());
        Ok(self.areas.len() - 1)
    }

    /// The process of this name.
    pub fn process(&self, name: Option<&Word>) -> Result<ProcId, Complaint> {
        let Some(name) = name else { return Ok(0) };
        let known: Vec<String> = (0..self.processes)
            .map(|id| crate::op::proc_name(id).to_string())
            .collect();
        let found = known.iter().position(|known| *known == name.text);
        found.ok_or_else(|| {
            let label = say!("so far there is {}", "到此为止有 {}", known.join(", "));
            let complaint = Complaint::new(
                Code::E09,
                said!("a step names no process", "步骤里的进程不存在"),
                name.at.whole(),
                label,
            );
            complaint.note(said!(
                "[process.B.map] makes one that maps for itself, fork = \"B\" one that inherits",
                "[process.B.map] 建立自己做映射的进程, fork = \"B\" 建立继承映射的进程"
            ))
        })
    }

    /// The next process, which must have the next name.
    pub fn fork(&mut self, by: ProcId, name: &Word) -> Result<ProcId, Complaint> {
        let next = crate::op::proc_name(self.processes).to_string();
        if self.processes == PROC_LIMIT {
            let label = say!("at most {PROC_LIMIT} take part", "最多 {PROC_LIMIT} 个");
            return Err(Complaint::new(
                Code::E08,
                said!("too many processes", "进程太多"),
                name.at.whole(),
                label,
            ));
        }
        if name.text != next {
            let label = say!("the next one is called {next}", "下一个叫 {next}");
            let complaint = Complaint::new(
                Code::E09,
                said!("processes are called A, B, C", "进程依次叫 A, B, C"),
                name.at.whole(),
                label,
            );
            return Err(complaint.help(format!("\"{next}\"")));
        }
        self.maps[self.processes] = self.maps[by];
        self.processes += 1;
        Ok(self.processes - 1)
    }

    pub fn mapped(&self, by: ProcId, area: AreaId) -> Mapped {
        self.maps[by][area]
    }

    pub fn map(&mut self, by: ProcId, area: AreaId, mapped: Mapped) {
        self.longest[area] = self.longest[area].max(mapped.len);
        self.maps[by][area] = mapped;
    }

    /// The longest mapping that an area has had; what lies beyond belongs to nobody.
    pub fn longest(&self, area: AreaId) -> i64 {
        self.longest[area]
    }
}

fn unknown(what: &str, name: &Word, known: &[String]) -> Complaint {
    let label = say!("there are {}", "可用的有 {}", known.join(", "));
    let complaint = Complaint::new(
        Code::E09,
        say!("no {what} of this name", "没有叫这个名字的{what}"),
        name.at.whole(),
        label,
    );
    match nearest(&name.text, known.iter().map(String::as_str)) {
        Some(near) => complaint.help(format!("\"{near}\"")),
        None => complaint,
    }
}
