//! Chapter 5, numbers 88 to 106: corners of the address space, and what few books have.

use super::Builtin;

pub const ALL: &[Builtin] = &[
    scenario!(88, "crosswise", "88-crosswise"),
    scenario!(89, "there-and-back", "89-there-and-back"),
    scenario!(90, "brought-by-another", "90-brought-by-another"),
    scenario!(91, "where-from", "91-where-from"),
    scenario!(92, "mseal", "92-mseal"),
    scenario!(93, "missing", "93-missing"),
    scenario!(94, "emptied", "94-emptied"),
    scenario!(95, "huge-always", "95-huge-always"),
    scenario!(96, "replaced", "96-replaced"),
    scenario!(97, "lost-update", "97-lost-update"),
    scenario!(98, "full-tmpfs", "98-full-tmpfs"),
    scenario!(99, "copy", "99-copy"),
    scenario!(100, "read-vs-mmap", "100-read-vs-mmap"),
    scenario!(101, "stack-overflow", "101-stack-overflow"),
    scenario!(102, "wild-pointers", "102-wild-pointers"),
    scenario!(103, "sent", "103-sent"),
    scenario!(104, "less-than-a-page", "104-less-than-a-page"),
    scenario!(105, "stale", "105-stale"),
    scenario!(106, "memcpy", "106-memcpy"),
];
