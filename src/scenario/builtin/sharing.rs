//! Chapter 3, numbers 53 to 76: who sees whose bytes, and for how long.

use super::Builtin;

pub const ALL: &[Builtin] = &[
    scenario!(53, "store-file", "53-store-file"),
    scenario!(54, "write-map", "54-write-map"),
    scenario!(55, "private-store", "55-private-store"),
    scenario!(56, "private-later", "56-private-later"),
    scenario!(57, "one-page-copied", "57-one-page-copied"),
    scenario!(58, "two-windows", "58-two-windows"),
    scenario!(59, "two-processes", "59-two-processes"),
    scenario!(60, "fork-anonymous", "60-fork-anonymous"),
    scenario!(61, "fork-file", "61-fork-file"),
    scenario!(62, "fork-advice", "62-fork-advice"),
    scenario!(63, "closed", "63-closed"),
    scenario!(64, "on-touch", "64-on-touch"),
    scenario!(65, "populate", "65-populate"),
    scenario!(66, "hole", "66-hole"),
    scenario!(67, "seal-shrink", "67-seal-shrink"),
    scenario!(68, "seal-write", "68-seal-write"),
    scenario!(69, "kernel-reads", "69-kernel-reads"),
    scenario!(70, "all-at-once", "70-all-at-once"),
    scenario!(71, "calls-past-eof", "71-calls-past-eof"),
    scenario!(72, "give-back", "72-give-back"),
    scenario!(73, "advice-refused", "73-advice-refused"),
    scenario!(74, "remove", "74-remove"),
    scenario!(75, "remap", "75-remap"),
    scenario!(76, "remap-refused", "76-remap-refused"),
];
