//! Chapter 2, numbers 30 to 52: protections, addresses, arguments that mmap and its neighbours refuse.

use super::Builtin;

pub const ALL: &[Builtin] = &[
    scenario!(30, "read-only", "30-read-only"),
    scenario!(31, "no-access", "31-no-access"),
    scenario!(32, "write-only", "32-write-only"),
    scenario!(33, "rights-first", "33-rights-first"),
    scenario!(34, "protect-page", "34-protect-page"),
    scenario!(35, "protect-args", "35-protect-args"),
    scenario!(36, "descriptor", "36-descriptor"),
    scenario!(37, "write-later", "37-write-later"),
    scenario!(38, "rights-stay", "38-rights-stay"),
    scenario!(39, "append-path", "39-append-path"),
    scenario!(40, "unmap-byte", "40-unmap-byte"),
    scenario!(41, "unmap-forgets", "41-unmap-forgets"),
    scenario!(42, "lengths", "42-lengths"),
    scenario!(43, "offsets", "43-offsets"),
    scenario!(44, "fixed", "44-fixed"),
    scenario!(45, "no-replace", "45-no-replace"),
    scenario!(46, "hint", "46-hint"),
    scenario!(47, "type", "47-type"),
    scenario!(48, "unknown-flags", "48-unknown-flags"),
    scenario!(49, "kinds", "49-kinds"),
    scenario!(50, "ahead", "50-ahead"),
    scenario!(51, "limits", "51-limits"),
    scenario!(52, "file-limit", "52-file-limit"),
];
