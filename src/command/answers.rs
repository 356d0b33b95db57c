//! `lab run --answers FILE...`: answer files, each held against the kernel. All files are read and checked before anything
//! runs, and each scenario runs once for everyone with the same numbers.

use std::io::Write;
use std::path::Path;

use super::lesson::{self, Chosen};
use super::questions::marked;
use super::{AGREES, Context, DIFFERS, Failure, Format, MACHINE, machine, seed, select};
use crate::quiz::{self, Answer, Asks, Item, named};
use crate::report::Mark;
use crate::report::graded::{Class, Counted, Graded, GradedSheet, Student, graded, graded_json, graded_markdown};
use crate::report::result::ScenarioResult;
use crate::say::{said, say};
use crate::scenario::{self, AnswerFile, Code, Complaint, Complaints, Given, Plan, Sheet, Where, offset_of};
use crate::verdict::Verdict;
use crate::world::Here;

/// A scenario with the numbers of one seed, and what is asked of it.
struct Posed {
    key: (&'static str, Option<u64>),
    chosen: Chosen,
    items: Vec<Item>,
}

/// Grade them.
pub fn grade(names: &[String], here: &Here, context: &Context) -> Result<u8, Failure> {
    let files = parsed(names)?;
    let posed = posed(&files, here)?;
    let found = |id: &'static str, seed| posed.iter().position(|one| one.key == (id, seed));
    // for each file and sheet: its scenario, and an answer for each question
    let (mut sheets, mut wrong) = (Vec::new(), Vec::new());
    for file in &files {
        let mut complaints = Vec::new();
        for sheet in &file.sheets {
            let Some(index) = found(sheet.id, file.seed) else {
                continue;
            };
            if posed[index].items.is_empty() {
                let title = said!("a scenario without a quiz", "这个情景没有测验");
                let label = said!("it asks nothing", "它什么也不问");
                complaints.push(Complaint::new(Code::E06, title, sheet.at.clone(), label));
                continue;
            }
            match answered(sheet, &posed[index]) {
                Ok(answers) => sheets.push((index, answers)),
                Err(list) => complaints.extend(list),
            }
        }
        if !complaints.is_empty() {
            wrong.push(file.complaints(complaints));
        }
    }
    refuse(wrong)?;
    let chosen: Vec<Chosen> = posed.iter().map(|one| one.chosen.clone()).collect();
    let lesson = lesson::all(&chosen, here)?;
    let mut sheets = sheets.into_iter();
    let students = names.iter().zip(&files).map(|(name, file)| {
        let graded = file.sheets.iter().zip(sheets.by_ref());
        let scenarios: Vec<GradedSheet> = graded
            .map(|(sheet, (index, answers))| of_sheet(sheet, &posed[index], &answers, &lesson.report.scenarios[index]))
            .collect();
        let all = || scenarios.iter().flat_map(|sheet| &sheet.answers);
        Student {
            student: file.student.clone(),
            file: name.clone(),
            seed: file.seed,
            right: all().filter(|answer| answer.right).count(),
            asked: all().count(),
            scenarios,
        }
    });
    let students: Vec<Student> = students.collect();
    let class = Class {
        schema: "lab.answers/1",
        machine: machine(here),
        ideas: counted(&students),
        students,
    };
    tell(&class, context)?;
    Ok(code(&class))
}

fn code(class: &Class) -> u8 {
    let sheets = || class.students.iter().flat_map(|student| &student.scenarios);
    if class.students.iter().any(|student| student.right < student.asked) {
        DIFFERS
    } else if sheets().any(|sheet| sheet.reason.is_some()) {
        MACHINE
    } else {
        AGREES
    }
}

/// All files, or all complaints about them.
fn parsed(names: &[String]) -> Result<Vec<AnswerFile>, Failure> {
    let (mut files, mut wrong) = (Vec::new(), Vec::new());
    for name in names {
        let text = select::read(Path::new(name)).map_err(|why| Failure::Usage(format!("{name}: {why}")))?;
        match scenario::answers(name, &text) {
            Ok(file) => files.push(file),
            Err(complaints) => wrong.push(complaints),
        }
    }
    refuse(wrong)?;
    if files.iter().all(|file| file.sheets.is_empty()) {
        let why = said!(
            "the answer files answer nothing; a section [past-eof] answers scenario 2",
            "答题文件里没有答案; [past-eof] 一节回答情景 2"
        );
        return Err(Failure::Usage(why.to_owned()));
    }
    Ok(files)
}

fn refuse(wrong: Vec<Complaints>) -> Result<(), Failure> {
    match wrong.into_iter().reduce(Complaints::and) {
        Some(all) => Err(Failure::Complaints(all)),
        None => Ok(()),
    }
}

/// Each scenario once for each seed.
fn posed(files: &[AnswerFile], here: &Here) -> Result<Vec<Posed>, Failure> {
    let mut posed: Vec<Posed> = Vec::new();
    for file in files {
        for sheet in &file.sheets {
            let key = (sheet.id, file.seed);
            if posed.iter().any(|one| one.key == key) {
                continue;
            }
            let chosen = match file.seed {
                Some(seed) => seed::choose(sheet.id, seed, here)?,
                None => select::choose(sheet.id, &[], here)?,
            };
            let items = quiz::items(&chosen.plan);
            posed.push(Posed { key, chosen, items });
        }
    }
    Ok(posed)
}

/// An answer for each question, where there is one; complaints about what answers no question, or is no answer.
fn answered(sheet: &Sheet, posed: &Posed) -> Result<Vec<Option<Answer>>, Vec<Complaint>> {
    let mut answers = vec![None; posed.items.len()];
    let mut wrong = Vec::new();
    for given in &sheet.answers {
        let Some(index) = asked(given, posed) else {
            let title = said!("no such question", "没有这个问题");
            let label = said!("this quiz does not ask it", "这组题没有问这个");
            let all: Vec<String> = posed
                .items
                .iter()
                .map(|item| format!("\"{}\"", name(item, &posed.chosen.plan)))
                .collect();
            let note = say!("it asks {}", "它问的是 {}", all.join(", "));
            wrong.push(Complaint::new(Code::E06, title, given.at.clone(), label).note(note));
            continue;
        };
        let item = &posed.items[index];
        match item.read(&given.value) {
            None => {
                let title = said!("no such answer to this question", "这个问题没有这样的答案");
                let mut words: Vec<String> = item.choices.iter().map(Answer::word).collect();
                words.extend(
                    item.numeric()
                        .then(|| said!("a number, such as 8192 or 2p", "一个数, 如 8192 或 2p").to_owned()),
                );
                let label = say!("it is answered by {}", "可以写 {}", words.join(", "));
                wrong.push(Complaint::new(Code::E07, title, given.value_at.clone(), label));
            }
            Some(_) if answers[index].is_some() => {
                let title = said!("a question answered twice", "同一个问题答了两次");
                let label = said!("the second answer", "第二个答案");
                wrong.push(Complaint::new(Code::E05, title, given.at.clone(), label));
            }
            answer => answers[index] = answer,
        }
    }
    if wrong.is_empty() { Ok(answers) } else { Err(wrong) }
}

/// Which question it answers.
fn asked(given: &Given, posed: &Posed) -> Option<usize> {
    let probed = posed.chosen.plan.steps.iter().position(|step| step.probed);
    let step = given.step.or(probed).unwrap_or(0);
    posed.items.iter().position(|item| {
        let there = |at: i64, text: &str| offset_of(text, &item.symbols) == Some(at);
        let same = match (&given.about, item.asks) {
            (Where::Load(text), Asks::Load(_, at)) | (Where::Store(text), Asks::Store(_, at)) => there(at, text),
            (Where::Border(signal), Asks::Border(of)) => *signal == of,
            (Where::Own, asks) => item.own && !matches!(asks, Asks::Border(_)),
            _ => false,
        };
        same && item.step == step
    })
}

/// A question as an answer file asks it.
fn name(item: &Item, plan: &Plan) -> String {
    let step = match plan.steps.iter().position(|step| step.probed) {
        Some(first) if first == item.step => String::new(),
        _ => format!(", step {}", item.step + 1),
    };
    let place = |at: i64| match at {
        0 => "0".to_owned(),
        at => item.symbols.place(at).unwrap_or_else(|| at.to_string()),
    };
    match item.asks {
        _ if item.own => format!("step {}", item.step + 1),
        Asks::Border(signal) => format!("border {signal}{step}"),
        Asks::Store(_, at) => format!("store {}{step}", place(at)),
        _ => format!("{}{step}", place(item.offset())),
    }
}

fn of_sheet(sheet: &Sheet, posed: &Posed, answers: &[Option<Answer>], result: &ScenarioResult) -> GradedSheet {
    let plan = &posed.chosen.plan;
    let seen = |probe: usize| result.probes[probe].observed.as_ref()?.outcome;
    let dead = matches!(result.verdict, Verdict::Skipped | Verdict::Error);
    let graded = posed.items.iter().zip(answers).map(|(item, answer)| {
        let truth = item.truth(&seen);
        let mark = match answer {
            Some(answer) => marked(item, *answer, truth, plan),
            None => Mark {
                you: said!("nothing", "没有答").to_owned(),
                ..marked(item, Answer::End, truth, plan)
            },
        };
        let mark = Mark {
            idea: mark.idea.filter(|_| answer.is_some()),
            ..mark
        };
        Graded {
            question: name(item, plan),
            answer: answer.map(|answer| answer.word()),
            kernel: truth.map(|truth| truth.word()),
            right: answer.is_some() && *answer == truth,
            idea: mark.idea.as_ref().map(|(id, _)| id.clone()),
            mark,
        }
    });
    GradedSheet {
        id: sheet.id.to_owned(),
        number: posed.chosen.number.unwrap_or(0),
        answers: if dead { Vec::new() } else { graded.collect() },
        because: sheet.because.clone(),
        reason: result.reason.as_ref().filter(|_| dead).map(ToString::to_string),
    }
}

/// Misconceptions, the most frequent first.
fn counted(students: &[Student]) -> Vec<Counted> {
    let ideas = |student: &Student| -> Vec<String> {
        let answers = student.scenarios.iter().flat_map(|sheet| &sheet.answers);
        answers.filter_map(|answer| answer.idea.clone()).collect()
    };
    let shown: Vec<Vec<String>> = students.iter().map(ideas).collect();
    let count = |idea: &quiz::Idea| Counted {
        idea: idea.id.to_owned(),
        instead: named(idea.id).map_or("", |idea| idea.instead()).to_owned(),
        answers: shown.iter().flatten().filter(|id| *id == idea.id).count(),
        students: shown.iter().filter(|ids| ids.iter().any(|id| id == idea.id)).count(),
    };
    let mut counted: Vec<Counted> = quiz::IDEAS.iter().map(count).filter(|one| one.answers > 0).collect();
    counted.sort_by_key(|one| (std::cmp::Reverse(one.students), std::cmp::Reverse(one.answers)));
    counted
}

fn tell(class: &Class, context: &Context) -> Result<(), Failure> {
    for to in &context.reports {
        let text = match to.format {
            Format::Json => graded_json(class).map_err(|error| Failure::Machine(error.to_string()))?,
            Format::Markdown => graded_markdown(class),
            Format::Strace => {
                let why = said!(
                    "answers have no strace report; lab run has",
                    "答题没有 strace 报告; lab run 有"
                );
                return Err(Failure::Usage(why.to_owned()));
            }
        };
        match &to.file {
            None => std::io::stdout().lock().write_all(text.as_bytes())?,
            Some(file) => std::fs::write(file, text)
                .map_err(|error| Failure::Machine(format!("cannot write {}: {error}", file.display())))?,
        }
    }
    if context.screen_wanted() {
        context.print(&graded(class, context.width))?;
    }
    Ok(())
}
