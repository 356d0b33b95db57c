//! What is right here and teaches something else elsewhere: zones that other page sizes do not have (W01), and texts that
//! only one language has (W03). Nobody is refused for it; `lab run --lint` says it. It may not know what is found anywhere.

use super::{Foresight, empty};
use crate::op::World;
use crate::say::{said, say};
use crate::scenario::complaint::{Code, Complaint, Span};
use crate::scenario::expr::Symbols;
use crate::scenario::parse::{Amount, Scenario, Zoned};
use crate::scenario::{Prose, zone};

/// The page sizes that Linux machines have, in bytes. The first is the commonest: authors see their numbers there.
pub const PAGE_SIZES: [u64; 3] = empty::PAGES;

/// A zone that is there with the first of the page sizes, and not with another.
struct Vanished<'s> {
    line: &'s Zoned,
    page: u64,
}

/// W01: one warning for each number that makes zones vanish, or for each line where no plain number is to blame. `strips`
/// draws the mapping with pages of a size, as the model sees it.
pub fn vanishing(
    scenario: &Scenario,
    world: &World,
    model: &dyn Foresight,
    strips: &dyn Fn(u64) -> String,
) -> Vec<Complaint> {
    let states: Vec<_> = PAGE_SIZES
        .iter()
        .map(|page| empty::states(scenario, world, model, *page))
        .collect();
    let [Some(usual), others @ ..] = &states[..] else {
        return Vec::new();
    };
    let there = |line: &Zoned, symbols: &Symbols| {
        zone::one(line, symbols, world).is_ok_and(|zone| zone.to.is_none_or(|to| zone.from < to))
    };
    let mut gone = Vec::new();
    for line in scenario.loads.iter().chain(&scenario.stores) {
        let vanishes = |other: &empty::States| {
            let mut pairs = usual.iter().zip(other);
            pairs.any(|((_, here), (_, there_))| there(line, here) && !there(line, there_))
        };
        let page = PAGE_SIZES[1..].iter().zip(others).find_map(|(page, other)| {
            let lost = other.as_ref().is_none_or(vanishes);
            lost.then_some(*page)
        });
        gone.extend(page.map(|page| Vanished { line, page }));
    }
    let plain = [
        Some(&scenario.file.size),
        Some(&scenario.map.length),
        scenario.map.offset.as_ref(),
    ];
    let plain: Vec<&Amount> = plain.into_iter().flatten().filter(|amount| is_plain(amount)).collect();
    match plain.first() {
        Some(amount) if !gone.is_empty() => vec![warning(amount.at.whole(), &gone, &plain, strips)],
        _ => gone
            .iter()
            .map(|one| warning(one.line.stretch.at.whole(), std::slice::from_ref(one), &[], strips))
            .collect(),
    }
}

/// A number of bytes that names no page: it means another number of pages elsewhere.
fn is_plain(amount: &Amount) -> bool {
    amount.expr.names().is_empty() && literal(amount).is_some_and(|bytes| bytes > 0)
}

/// Its bytes, if it is the same with pages of every size.
fn literal(amount: &Amount) -> Option<i64> {
    let with = |page: u64| {
        let p = i64::try_from(page).unwrap_or(i64::MAX);
        amount.value(&Symbols::of(p, 0, 0, 0)).ok()
    };
    let [first, rest @ ..] = PAGE_SIZES.map(with);
    first.filter(|_| rest.iter().all(|other| *other == first))
}

fn warning(at: Span, gone: &[Vanished], plain: &[&Amount], strips: &dyn Fn(u64) -> String) -> Complaint {
    let page = gone[0].page;
    let ranges: Vec<String> = gone
        .iter()
        .map(|one| format!("\"{}\"", one.line.stretch.text))
        .collect();
    let mut ranges_once = ranges.clone();
    ranges_once.dedup();
    let list = ranges_once.join(", ");
    let label = match ranges_once.len() {
        1 => say!(
            "with pages of {page} the zone {list} is empty",
            "页大小为 {page} 时, 区间 {list} 是空的"
        ),
        _ => say!(
            "with pages of {page} the zones {list} are empty",
            "页大小为 {page} 时, 区间 {list} 是空的"
        ),
    };
    let title = said!(
        "a zone disappears on other page sizes",
        "换一种页大小, 有的区间就消失了"
    );
    let models: Vec<String> = PAGE_SIZES
        .iter()
        .map(|page| format!("{}K {}", page >> 10, strips(*page)))
        .collect();
    let models = models.join("   ");
    let complaint = Complaint::new(Code::W01, title, at, label).note(say!("model  {models}", "模型  {models}"));
    let symbolic: Vec<String> = plain
        .iter()
        .filter_map(|amount| literal(amount))
        .map(|bytes| in_pages(bytes, i64::try_from(PAGE_SIZES[0]).unwrap_or(i64::MAX)))
        .collect();
    if symbolic.is_empty() {
        return complaint;
    }
    complaint.help(symbolic.join(", "))
}

/// 5000 as `"1p + 904"`, which is 5000 with pages of `page` bytes and keeps its place in a page with others.
fn in_pages(bytes: i64, page: i64) -> String {
    match (bytes / page, bytes % page) {
        (0, rest) => format!("\"{rest}\""),
        (pages, 0) => format!("\"{pages}p\""),
        (pages, rest) => format!("\"{pages}p + {rest}\""),
    }
}

/// W03: the texts of a scenario that comes with the program, each of which must be there in both languages.
pub fn untranslated(scenario: &Scenario) -> Vec<Complaint> {
    let own = [Some(&scenario.title), scenario.brief.as_ref(), scenario.why.as_ref()];
    let claims = scenario.claims.iter().flat_map(|claim| {
        let cases = claim.cases.iter().filter_map(|case| case.text.as_ref());
        std::iter::once(&claim.text).chain(cases)
    });
    let next = scenario.next.iter().map(|(_, prose)| prose);
    let all = own.into_iter().flatten().chain(claims).chain(next);
    // a name alone, as MAP_SHARED, is the same in every language
    let name = |prose: &Prose| !prose.zh.contains(' ') && prose.en.contains(&prose.zh);
    all.filter(|prose| !name(prose) && (prose.en == prose.zh || !crate::say::translated(&prose.zh)))
        .map(|prose| missing(scenario, prose))
        .collect()
}

fn missing(scenario: &Scenario, prose: &Prose) -> Complaint {
    let text = &scenario.texts[0].text;
    let start = text.find(&prose.zh).unwrap_or(0);
    let span = Span {
        source: 0,
        bytes: start..(start + prose.zh.len()).min(text.len()),
    };
    Complaint::new(
        Code::W03,
        said!("a text lacks a language", "有一段文字缺少一种语言"),
        span,
        said!("this has no Chinese", "这里没有中文"),
    )
}
