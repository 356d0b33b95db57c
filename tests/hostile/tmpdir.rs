//! A TMPDIR that is missing, read-only, full, hidden, or where a name is taken or cannot be removed.

use std::fs;

use super::place::{Place, Ran, namespaces, strace, strace_works};

const UNSHARE: [&str; 2] = ["unshare", "-Urm"];

#[test]
fn missing() {
    let place = Place::new();
    for tmpdir in ["/nonexistent/dir", "relative-and-not-there", "/etc/hostname"] {
        let mut command = place.command(&[], "scenario 2");
        command.env("TMPDIR", tmpdir);
        place.run(command).assert_reason("TMPDIR", tmpdir);
    }
}

#[test]
fn read_only() {
    if !namespaces("tmpdir::read_only") {
        return;
    }
    let place = Place::new();
    let mounts = [
        "mount -t tmpfs -o ro none $TMPDIR",
        "mount --bind $TMPDIR $TMPDIR && mount -o remount,bind,ro $TMPDIR",
    ];
    for mount in mounts {
        let script = format!("{mount} && exec $LAB scenario 2");
        place
            .run(place.script(&UNSHARE, &script))
            .assert_reason("Read-only", mount);
    }
}

/// The options of a mount that another hides decide nothing, however long its name is.
#[test]
fn over_a_hidden_mount() {
    if !namespaces("tmpdir::over_a_hidden_mount") {
        return;
    }
    let place = Place::new();
    let script = "mount -t tmpfs none $TMPDIR && mkdir -p $TMPDIR/a/b && mount -t tmpfs -o huge=always none $TMPDIR/a/b \
        && mount -t tmpfs none $TMPDIR/a && mkdir $TMPDIR/a/b && TMPDIR=$TMPDIR/a/b exec $LAB doctor";
    let ran = place.run(place.script(&UNSHARE, script));
    ran.assert_correct(script);
    assert!(ran.out.contains("tmpfs") && !ran.out.contains("huge=always"), "{ran:?}");
}

/// write(2) says ENOSPC; ftruncate(2) says nothing, and then every touch is SIGBUS.
#[test]
fn full() {
    if !namespaces("tmpdir::full") {
        return;
    }
    let place = Place::new();
    for words in ["scenario 1", "scenario 2", "scenario 3"] {
        // Full, and with one page left, which a first touch takes.
        for left in [0, 4096] {
            let script = format!(
                "mount -t tmpfs -o size=16k none $TMPDIR && head -c {} /dev/zero > $TMPDIR/fill && exec $LAB {words}",
                16384 - left
            );
            let ran = place.run(place.script(&UNSHARE, &script));
            ran.assert_reason("full", &format!("{words} with {left} bytes left"));
            assert!(
                !ran.out.contains("DIFFERS"),
                "a full filesystem is no difference: {}",
                ran.out
            );
        }
    }
}

/// Without O_TMPFILE a file under test has a name for a moment. (The loader can do without its first openat(2).)
#[test]
fn a_name_that_is_taken_or_stays() {
    if !strace_works("tmpdir::a_name_that_is_taken_or_stays") {
        return;
    }
    let place = Place::new();
    const NO_TMPFILE: &str = "inject=openat:error=EOPNOTSUPP:when=1";
    // strace -D is the grandchild: lab has the shell's process id.
    for (last, well) in [("04", true), ("99", false)] {
        let script = format!(
            "for n in {{00..{last}}}; do >$TMPDIR/.mmap-lab-$$-$n; done; \
             exec strace -D -f -qq -o /dev/null -e trace=openat -e {NO_TMPFILE} $LAB scenario 2"
        );
        let lab = place.start(place.script(&[], &script));
        let ran = Ran::from(lab.wait_with_output().expect("its end"));
        let theirs = fs::read_dir(&place.tmp).expect("TMPDIR").flatten();
        let theirs: Vec<_> = theirs.map(|entry| fs::remove_file(entry.path())).collect();
        assert_eq!(
            theirs.len(),
            if well { 5 } else { 100 },
            "others' files stay, and none of ours"
        );
        place.clean(&script);
        if well {
            ran.assert_correct(&script);
        } else {
            ran.assert_reason("EEXIST", &script);
        }
    }
    let stays = strace(&["trace=openat,unlinkat", NO_TMPFILE, "inject=unlinkat:error=EACCES"]);
    let lab = place.start(place.command(&stays, "scenario 2"));
    let ran = Ran::from(lab.wait_with_output().expect("its end"));
    let left: Vec<_> = fs::read_dir(&place.tmp).expect("TMPDIR").flatten().collect();
    assert_eq!(left.len(), 1, "it ends with the first: {left:?}");
    ran.assert_reason(
        &left[0].path().display().to_string(),
        "the path that could not be removed",
    );
    fs::remove_file(left[0].path()).expect("it is there");
    place.clean("a name that stays");
}
