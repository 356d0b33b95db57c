//! How output looks: in which colours, and for how many columns. Flags go before the environment, and that before the
//! terminal. It may not know what is printed.

use anstream::ColorChoice;

use super::When;

/// `--color` > NO_COLOR > CLICOLOR_FORCE > CLICOLOR=0 > TERM=dumb > is it a terminal.
pub fn colour(choice: When, terminal: bool) -> ColorChoice {
    let set = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let on = match choice {
        When::Always => true,
        When::Never => false,
        When::Auto if set("NO_COLOR").is_some() => false,
        When::Auto if set("CLICOLOR_FORCE").is_some_and(|value| value != "0") => true,
        When::Auto if set("CLICOLOR").as_deref() == Some("0") => false,
        When::Auto if set("TERM").as_deref() == Some("dumb") => false,
        When::Auto => terminal,
    };
    if on {
        ColorChoice::AlwaysAnsi
    } else {
        ColorChoice::Never
    }
}

/// `--width` > COLUMNS > the terminal > 80; drawn for 40 to 120.
pub fn width(asked: Option<u16>) -> usize {
    let columns = || std::env::var("COLUMNS").ok()?.parse().ok();
    let terminal = || terminal_size::terminal_size().map(|(width, _)| width.0);
    let width = asked.or_else(columns).or_else(terminal).unwrap_or(80);
    usize::from(width).clamp(40, 120)
}
