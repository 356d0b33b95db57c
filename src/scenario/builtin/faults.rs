//! Chapter 4, numbers 77 to 87: faults and what programs do about them.

use super::Builtin;

pub const ALL: &[Builtin] = &[
    scenario!(77, "killed", "77-killed"),
    scenario!(78, "ignored", "78-ignored"),
    scenario!(79, "returns", "79-returns"),
    scenario!(80, "repair-by-growing", "80-repair-by-growing"),
    scenario!(81, "repair-by-mapping", "81-repair-by-mapping"),
    scenario!(82, "sealed-reader", "82-sealed-reader"),
    scenario!(83, "reader", "83-reader"),
    scenario!(84, "bad-page", "84-bad-page"),
    scenario!(85, "across", "85-across"),
    scenario!(86, "guard", "86-guard"),
    scenario!(87, "after-fork", "87-after-fork"),
];
