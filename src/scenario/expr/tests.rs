//! The grammar of offsets, by example.

use super::*;

const FOUR_K: fn() -> Symbols = || Symbols::of(4096, 5000, 0, 15000);

fn value(text: &str) -> i64 {
    let expr = parse(text).unwrap_or_else(|bad| panic!("{text}: {bad:?}"));
    expr.value(&FOUR_K())
        .unwrap_or_else(|at| panic!("{text}: too large at {at:?}"))
}

fn bounds(text: &str) -> (Option<i64>, Option<i64>) {
    let range = parse_range(text).unwrap_or_else(|bad| panic!("{text}: {bad:?}"));
    range
        .bounds(&FOUR_K())
        .unwrap_or_else(|at| panic!("{text}: too large at {at:?}"))
}

#[test]
fn numbers_and_units() {
    assert_eq!(value("5000"), 5000);
    assert_eq!(value("1p + 904"), 5000);
    assert_eq!(value("1p+904"), 5000);
    assert_eq!(value(" 2K - 1 "), 2047);
    assert_eq!(value("1M+1G+1T"), (1 << 20) + (1 << 30) + (1 << 40));
    assert_eq!(value("10 - 2 - 3"), 5);
    assert_eq!(value("-1p + 1"), -4095);
}

#[test]
fn names_and_rounding() {
    assert_eq!(value("size"), 5000);
    assert_eq!(value("eof - 1"), 4999);
    assert_eq!(value("eof_page"), 8192);
    assert_eq!(value("len"), 15000);
    assert_eq!(value("map_end"), 16384);
    assert_eq!(value("up(eof)"), 8192);
    assert_eq!(value("up(8192)"), 8192);
    assert_eq!(value("down ( len + 1p ) + 1"), 16385);
    assert_eq!(value("down(-1)"), -4096);
    assert_eq!(value("up(-1)"), 0);
    assert_eq!(value("p + p"), 8192);
}

#[test]
fn ranges() {
    assert_eq!(bounds("0 .. eof"), (Some(0), Some(5000)));
    assert_eq!(bounds("0..eof"), (Some(0), Some(5000)));
    assert_eq!(bounds("map_end .."), (Some(16384), None));
    assert_eq!(bounds(".. 0"), (None, Some(0)));
    assert_eq!(bounds("-1p..0"), (Some(-4096), Some(0)));
    assert_eq!(bounds("eof_page - 1"), (Some(8191), Some(8192)));
}

#[test]
fn bad_ones_say_where() {
    let at = |text: &str| parse_range(text).expect_err(text).at;
    assert_eq!(at("eof .. endpage"), 7..14);
    assert_eq!(at("4k"), 1..2);
    assert_eq!(at("1 +"), 3..3);
    assert_eq!(at(""), 0..0);
    assert_eq!(at(".."), 2..2);
    assert_eq!(at("0 .. 1 .. 2"), 7..8);
    assert_eq!(at("up(eof"), 6..6);
    assert_eq!(at("up eof"), 3..4);
    assert_eq!(at("1 2"), 2..3);
    assert_eq!(at("字"), 0..3);
    assert_eq!(at(&format!("{}1", "up(".repeat(1000))), 50..51);
    assert_eq!(parse("4k").expect_err("a unit").instead.as_deref(), Some("K"));
    assert_eq!(
        parse("endpage").expect_err("a name").instead.as_deref(),
        Some("eof_page")
    );
}

#[test]
fn too_large_is_said_and_never_wraps() {
    assert!(parse("9223372036854775807").is_ok());
    assert!(parse("9223372036854775808").is_err());
    assert!(parse("8388608T").is_err());
    for text in [
        "9223372036854775807 + 1",
        "0 - 9223372036854775807 - 2",
        "up(9223372036854775807)",
        "9007199254740993p",
    ] {
        assert!(parse(text).expect(text).value(&FOUR_K()).is_err(), "{text}");
    }
}

#[test]
fn symbols_of_a_mapping_inside_a_file() {
    let symbols = Symbols::of(16384, 40000, 32768, 100);
    assert_eq!((symbols.eof, symbols.eof_page, symbols.map_end), (7232, 16384, 16384));
    assert_eq!(Symbols::of(4096, 100, 8192, 1).eof, 0);
}

#[test]
fn places_have_the_name_that_a_reader_looks_for() {
    let place = |symbols: &Symbols, at| symbols.place(at);
    let exact = Symbols::of(4096, 5000, 0, 5000);
    assert_eq!(place(&exact, 5000).as_deref(), Some("eof"));
    assert_eq!(place(&exact, 4999).as_deref(), Some("eof-1"));
    assert_eq!(place(&exact, 8192).as_deref(), Some("map_end"));
    let empty = Symbols::of(4096, 0, 0, 4096);
    assert_eq!(place(&empty, 0).as_deref(), Some("base"));
    assert_eq!(place(&empty, -1), None);
    assert_eq!(place(&FOUR_K(), 8191), None);
    assert_eq!(FOUR_K().place_in_file(4999).as_deref(), Some("size-1"));
    assert_eq!(FOUR_K().place_in_file(0), None);
}
