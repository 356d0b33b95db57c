//! The words of a quiz: the situation, each question, what may be answered, and a mark. It may not know where answers come
//! from, nor when they are given.

use unicode_width::UnicodeWidthStr;

use super::lesson::Chosen;
use crate::op::{Signal, proc_name};
use crate::quiz::{self, Answer, Asks, Item, told};
use crate::report::Mark;
use crate::say::{Lang, lang, said, say};
use crate::scenario::Plan;

/// What the student has to know.
pub fn situation(chosen: &Chosen, items: &[Item]) -> String {
    let symbols = chosen.plan.steps.first().map_or(items[0].symbols, |step| step.symbols);
    let title = chosen.scenario.title.fill(&symbols);
    let title = match lang() {
        Lang::En => capital(&title.en),
        Lang::Zh => title.zh,
    };
    let page = symbols.p;
    say!(
        "{title}. Pages here have {page} bytes. What does each come to?",
        "{title}。这里一页有 {page} 字节。各有什么结果?"
    )
}

/// A title begins a sentence here.
fn capital(title: &str) -> String {
    let mut letters = title.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// The calls that set the stage, and the steps up to the last question.
pub fn steps(plan: &Plan, items: &[Item]) -> Vec<String> {
    let last = items.iter().map(|item| item.step).max().unwrap_or(0);
    let mut lines = quiz::setup(plan);
    let steps = quiz::happened(plan, last);
    lines.extend(steps.into_iter().map(|(n, what)| format!("{n:2}  {what}")));
    lines
}

/// What each key means, for all questions.
pub fn keys(items: &[Item]) -> Vec<String> {
    let mut seen: Vec<(char, Answer)> = Vec::new();
    for item in items {
        for choice in &item.choices {
            let key = (item.key(*choice), *choice);
            if !item.numeric() && !seen.contains(&key) {
                seen.push(key);
            }
        }
    }
    let first = items.first().and_then(|item| item.first);
    let mut words: Vec<String> = seen
        .iter()
        .map(|(key, choice)| format!("{key}  {}", meaning(*choice, first)))
        .collect();
    if items.iter().any(Item::numeric) {
        words.push(
            said!(
                "a number where one is asked for, as 8192 or 2p",
                "问数字时写数字, 如 8192 或 2p"
            )
            .to_owned(),
        );
    }
    words.push(said!("u undo", "u 撤销").to_owned());
    words.push(said!("? hint", "? 提示").to_owned());
    words.push(said!("q quit", "q 退出").to_owned());
    words
}

fn meaning(choice: Answer, first: Option<u8>) -> String {
    match choice {
        Answer::Byte => {
            let byte = char::from(first.unwrap_or(b'A'));
            say!("'{byte}', the first byte there", "'{byte}', 原来的字节")
        }
        Answer::New => said!("a byte stored later", "后来写入的字节").to_owned(),
        Answer::Zero => said!("0, of the file or not", "读到 0, 不论是不是文件的").to_owned(),
        Answer::Ok => said!("it goes through", "成功").to_owned(),
        Answer::Loops => said!("again and again, for ever", "一直重复").to_owned(),
        Answer::End => said!("the file has ended there", "文件已结束").to_owned(),
        Answer::Elsewhere => said!("it goes through, at another address", "成功, 但在别的地址").to_owned(),
        Answer::Signal(_) | Answer::Errno(_) | Answer::At(_) => choice.word(),
    }
}

/// A question.
pub fn asked(item: &Item, plan: &Plan) -> String {
    let what = match item.asks {
        Asks::Border(signal) => say!("first offset that gets {signal}", "第一个得到 {signal} 的偏移"),
        Asks::Load(_, at) if !item.own => {
            let place = item.place(at);
            say!("load {place}", "读 {place}")
        }
        Asks::Store(_, at) if !item.own => {
            let place = item.place(at);
            say!("store {place}", "写 {place}")
        }
        _ => told::call(&item.op),
    };
    let who = match item.by {
        _ if matches!(item.asks, Asks::Border(_)) || plan.scripts[0].processes() == 1 => String::new(),
        by => format!("{}: ", proc_name(by)),
    };
    // a scenario without steps of its own has no numbers on its screen
    let step = item.step + 1;
    match (item.own, plan.steps.len()) {
        (_, 1) => format!("{who}{what}"),
        (true, _) => say!("step {step}  {who}{what}", "第 {step} 步  {who}{what}"),
        (false, _) => say!("after step {step}  {who}{what}", "第 {step} 步之后  {who}{what}"),
    }
}

/// A question in a few words: its step, or its place.
pub fn brief(item: &Item, plan: &Plan) -> String {
    let at = match item.asks {
        Asks::Border(signal) => say!("{signal} from", "{signal} 起于"),
        _ if item.own && plan.steps.len() > 1 => String::new(),
        Asks::Load(_, at) => item.place(at).to_string(),
        Asks::Store(_, at) => {
            let place = item.place(at);
            say!("store {place}", "写 {place}")
        }
        _ => told::call(&item.op),
    };
    let step = item.step + 1;
    match (plan.steps.len(), at.is_empty()) {
        (1, _) => at,
        (_, true) => say!("step {step}", "第 {step} 步"),
        (_, false) => say!("step {step}, {at}", "第 {step} 步, {at}"),
    }
}

/// The questions one under another, in `width` columns: in a few words where the whole of one would not fit.
pub fn column(items: &[Item], plan: &Plan, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = items.iter().map(|item| asked(item, plan)).collect();
    let widest = |lines: &[String]| lines.iter().map(|text| text.width()).max().unwrap_or(0);
    // beside the number there is to be room for an answer
    if widest(&lines) + 16 > width {
        lines = items.iter().map(|item| brief(item, plan)).collect();
    }
    let wide = widest(&lines);
    let pad = |text: &String| format!("{text}{}  ", " ".repeat(wide - text.width()));
    lines.iter().map(pad).collect()
}

/// What may be answered.
pub fn may_be(item: &Item) -> String {
    if item.numeric() {
        let errnos: Vec<String> = item.choices.iter().map(Answer::word).collect();
        return match errnos.is_empty() {
            true => said!("a number is meant, such as 8192 or 2p", "这里要写数字, 如 8192 或 2p").to_owned(),
            false => {
                let errnos = errnos.join(", ");
                say!(
                    "a number is meant, such as 42 or 2p, or one of {errnos}",
                    "这里要写数字, 如 42 或 2p, 或者 {errnos} 之一"
                )
            }
        };
    }
    let keys: Vec<String> = item
        .choices
        .iter()
        .map(|choice| item.key(*choice).to_string())
        .collect();
    let keys = keys.join(", ");
    say!("one of {keys}", "{keys} 之一")
}

/// A hint, which gives nothing away.
pub fn hint(item: &Item) -> String {
    let page = item.symbols.p;
    match item.asks {
        Asks::Load(_, at) | Asks::Store(_, at) => {
            let (number, inside) = (at.div_euclid(page), at.rem_euclid(page));
            say!(
                "{at} is byte {inside} of the mapping's page {number} (the first is 0). Which page of the file is that, and does the file have it now?",
                "{at} 在映射的第 {number} 页 (从 0 数起), 页内偏移 {inside}。它对应文件的哪一页? 文件现在有这一页吗?"
            )
        }
        Asks::Border(Signal::Sigbus | Signal::Sigsegv) => {
            said!("a border lies between two pages", "边界在两页之间").to_owned()
        }
        Asks::Read(..) => said!(
            "this reads the file itself. How long is it now?",
            "这是直接读文件。文件现在有多长?"
        )
        .to_owned(),
        Asks::Call(_) => said!(
            "which of its arguments does the kernel look at?",
            "内核会检查它的哪些参数?"
        )
        .to_owned(),
        Asks::Count(_) => said!("which pages are really there?", "哪些页真的存在?").to_owned(),
    }
}

/// An answer beside the truth.
pub fn marked(item: &Item, answer: Answer, truth: Option<Answer>, plan: &Plan) -> Mark {
    let idea = truth.and_then(|truth| item.idea(answer, truth));
    Mark {
        asked: brief(item, plan),
        you: answer.word(),
        kernel: truth.map_or_else(|| said!("nothing", "没有结果").to_owned(), |truth| truth.word()),
        idea: idea.map(|idea| (idea.id.to_owned(), idea.instead().to_owned())),
    }
}
