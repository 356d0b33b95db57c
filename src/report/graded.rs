//! The views of `lab run --answers`: what each student answered and how the kernel marks it, on a screen; JSON; and a table
//! for whoever teaches, with the misconceptions of the class. It may not know how an answer is read.

use serde::Serialize;

use super::quiz::{Mark, rows};
use super::result::Machine;
use super::style::{BOLD, Line, render};
use super::text::{clean, hanging};
use crate::say::{said, say};

/// A class: the JSON report `lab.answers/1`, whose field names are binding.
#[derive(Clone, Debug, Serialize)]
pub struct Class {
    /// always `lab.answers/1`
    pub schema: &'static str,
    /// the machine it ran on
    pub machine: Machine,
    /// one for each answer file, in the order given
    pub students: Vec<Student>,
    /// misconceptions, the most frequent first
    pub ideas: Vec<Counted>,
}

/// One answer file, graded.
#[derive(Clone, Debug, Serialize)]
pub struct Student {
    /// whose it is
    pub student: String,
    /// its name as it was given
    pub file: String,
    /// whose numbers the scenarios have
    pub seed: Option<u64>,
    /// answers that are right
    pub right: usize,
    /// questions that were asked
    pub asked: usize,
    /// one for each scenario
    pub scenarios: Vec<GradedSheet>,
}

/// The answers to one scenario's quiz.
#[derive(Clone, Debug, Serialize)]
pub struct GradedSheet {
    /// slug
    pub id: String,
    /// its number
    pub number: u32,
    /// one for each question
    pub answers: Vec<Graded>,
    /// what the student says of the reason
    #[serde(skip_serializing_if = "Option::is_none")]
    pub because: Option<String>,
    /// why it could not be graded here
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// One answer, graded.
#[derive(Clone, Debug, Serialize)]
pub struct Graded {
    /// as an answer file asks it
    pub question: String,
    /// none where the student says nothing
    pub answer: Option<String>,
    /// what the kernel did
    pub kernel: Option<String>,
    /// are they the same?
    pub right: bool,
    /// of a wrong answer: the misconception that it shows
    #[serde(skip_serializing_if = "Option::is_none")]
    pub idea: Option<String>,
    /// for the screen
    #[serde(skip)]
    pub mark: Mark,
}

/// How often a misconception was met.
#[derive(Clone, Debug, Serialize)]
pub struct Counted {
    /// M2
    pub idea: String,
    /// what is right instead
    pub instead: String,
    /// answers that show it
    pub answers: usize,
    /// students who gave such an answer
    pub students: usize,
}

/// The screen: for each student the score and what was wrong, then the class.
pub fn graded(class: &Class, width: usize) -> String {
    let mut lines = Vec::new();
    for student in &class.students {
        lines.extend(of_student(student, width));
        lines.push(Line::default());
    }
    let (right, asked) = totals(class);
    let count = class.students.len();
    let total = match count {
        1 => String::new(),
        _ => say!(
            " {count} students: {right} of {asked} answers right",
            " {count} 名学生: {asked} 题答对 {right} 题"
        ),
    };
    if count > 1 {
        lines.push(Line::default().paint(BOLD, &total));
        for idea in &class.ideas {
            let (answers, students) = (idea.answers, idea.students);
            let head = format!("   {:4}", idea.idea);
            let text = say!(
                "answers {answers}, students {students}: {}",
                "答案 {answers} 个, 学生 {students} 名: {}",
                idea.instead
            );
            lines.extend(hanging(&head, 7, &text, width));
        }
        lines.push(Line::default());
    }
    if let Some(first) = class.ideas.first() {
        let read = say!(" Read: lab explain {}", " 阅读: lab explain {}", first.idea);
        lines.push(Line::new(read));
    }
    render(&lines, width)
}

fn of_student(student: &Student, width: usize) -> Vec<Line> {
    let (right, asked) = (student.right, student.asked);
    let score = say!("{right} of {asked}", "{asked} 题答对 {right} 题");
    let seed = match student.seed {
        Some(seed) => say!("   seed {seed}", "   种子 {seed}"),
        None => String::new(),
    };
    let name = clean(&student.student);
    let mut lines = vec![
        Line::default()
            .paint(BOLD, &format!(" {name}  {score}"))
            .push(&format!("   {}{seed}", clean(&student.file))),
    ];
    for sheet in &student.scenarios {
        let (number, id) = (sheet.number, &sheet.id);
        let right = sheet.answers.iter().filter(|answer| answer.right).count();
        let asked = sheet.answers.len();
        lines.push(Line::new(format!(
            " {number} {id}  {}",
            say!("{right} of {asked}", "{asked} 题答对 {right} 题")
        )));
        if let Some(reason) = &sheet.reason {
            let text = say!("not graded: {reason}", "没有评分: {reason}");
            lines.extend(hanging("     ", 5, &text, width));
            continue;
        }
        let wrong = sheet.answers.iter().enumerate().filter(|(_, answer)| !answer.right);
        let wrong: Vec<(usize, &Mark)> = wrong.map(|(n, answer)| (n, &answer.mark)).collect();
        if !wrong.is_empty() {
            lines.extend(rows(&wrong, width));
        }
        if let Some(because) = &sheet.because {
            let text = say!("because: {}", "理由: {}", clean(because));
            lines.extend(hanging("     ", 5, &text, width));
        }
    }
    lines
}

fn totals(class: &Class) -> (usize, usize) {
    let sum = |of: &dyn Fn(&Student) -> usize| class.students.iter().map(of).sum();
    (sum(&|student| student.right), sum(&|student| student.asked))
}

/// The class as JSON.
///
/// # Errors
/// Where a number is none that JSON has: here none is.
pub fn graded_json(class: &Class) -> serde_json::Result<String> {
    let mut text = serde_json::to_string_pretty(class)?;
    text.push('\n');
    Ok(text)
}

/// Two tables: who answered how many rightly, and which misconceptions the class has.
pub fn graded_markdown(class: &Class) -> String {
    let cell = |text: &str| clean(text).replace('|', "\\|");
    let mut text = said!(
        "| student | right | asked | ideas |\n| --- | --- | --- | --- |\n",
        "| 学生 | 答对 | 题数 | 误解 |\n| --- | --- | --- | --- |\n"
    )
    .to_owned();
    for student in &class.students {
        let answers = student.scenarios.iter().flat_map(|sheet| &sheet.answers);
        let mut ideas: Vec<&str> = answers.filter_map(|answer| answer.idea.as_deref()).collect();
        ideas.sort_by_key(|idea| (idea.len(), *idea));
        ideas.dedup();
        let (right, asked, ideas) = (student.right, student.asked, ideas.join(", "));
        text.push_str(&format!(
            "| {} | {right} | {asked} | {ideas} |\n",
            cell(&student.student)
        ));
    }
    text.push_str(said!(
        "\n| idea | what is right instead | answers | students |\n| --- | --- | --- | --- |\n",
        "\n| 误解 | 正确的说法 | 答案数 | 学生数 |\n| --- | --- | --- | --- |\n"
    ));
    for idea in &class.ideas {
        let (id, answers, students) = (&idea.idea, idea.answers, idea.students);
        text.push_str(&format!(
            "| {id} | {} | {answers} | {students} |\n",
            cell(&idea.instead)
        ));
    }
    text
}
