//! Which misconception a wrong answer shows: derived from the question, the answer, the truth and the past of the place.
//! Every wrong answer shows one. It may not know the scenario.

use super::ideas::*;
use super::{Answer, Asks, Item};
use crate::op::{Op, Quantity, Signal, errno_name};

const SIGBUS: Answer = Answer::Signal(Signal::Sigbus);
const SIGSEGV: Answer = Answer::Signal(Signal::Sigsegv);

/// What the answer says of whoever gave it; none where it is right.
pub fn idea(item: &Item, answer: Answer, truth: Answer) -> Option<Idea> {
    if answer == truth {
        return None;
    }
    // whoever takes one signal, or one errno, for another has an idea of it, whatever else the question is about
    let kin = matches!(
        (answer, truth),
        (Answer::Signal(_), Answer::Signal(_)) | (Answer::Errno(_), Answer::Errno(_))
    );
    if let Some(named) = item.named.filter(|_| !kin) {
        return Some(named);
    }
    Some(match item.asks {
        Asks::Border(_) => border(item, answer, truth),
        Asks::Load(..) | Asks::Store(..) => touch(item, answer, truth),
        Asks::Read(..) => read(item, answer, truth),
        Asks::Call(..) => call(item, answer, truth),
        Asks::Count(..) => count(item, answer, truth),
    })
}

fn border(item: &Item, answer: Answer, truth: Answer) -> Idea {
    let (eof, len) = (item.symbols.eof, item.symbols.len);
    let (Answer::At(n), Answer::At(right)) = (answer, truth) else {
        return SIGSEGV_IS_SIGBUS;
    };
    // Where the file ends with the length, the question says which of the two was meant.
    let of_file = item.asks == Asks::Border(Signal::Sigbus);
    // one byte less is the same idea
    let near = |at: i64| n == at || n + 1 == at;
    if near(eof) && (of_file || eof != len) {
        EOF_IS_BORDER
    } else if near(len) {
        LEN_IS_BORDER
    } else if n + 1 == right {
        LAST_BYTE
    } else if n < right {
        SIGBUS_IS_SIGSEGV
    } else {
        SIGSEGV_IS_SIGBUS
    }
}

fn touch(item: &Item, answer: Answer, truth: Answer) -> Idea {
    let past = &item.past;
    let at = item.offset();
    match (answer, truth) {
        (_, Answer::Loops) => CAN_IGNORE,
        (Answer::Loops, Answer::Signal(_)) => CAN_IGNORE,
        (Answer::Loops, _) => NO_REPAIR,
        (Answer::Signal(_), Answer::Signal(_)) => signals(item, answer),
        (Answer::Signal(_), _) if past.handled => NO_REPAIR,
        (_, Answer::Signal(_)) if past.handled => CAN_IGNORE,
        (_, SIGBUS) if past.shrunk => TOUCHED_STAYS,
        (_, SIGBUS) if past.locked => LOCK_IS_SAFE,
        (_, SIGBUS) => MAP_GROWS_FILE,
        (_, SIGSEGV) if past.protected && at < item.symbols.map_end => DATA_IS_ENOUGH,
        (_, SIGSEGV) if past.unmapped => UNMAPPED_STAYS,
        (_, SIGSEGV) => LEN_IS_BORDER,
        (Answer::Signal(_), _) => healthy(item, answer, at),
        _ => values(item, answer, truth),
    }
}

/// The other signal was expected.
fn signals(item: &Item, answer: Answer) -> Idea {
    match answer {
        SIGSEGV if item.offset() >= item.symbols.len => LEN_IS_BORDER,
        SIGSEGV => SIGBUS_IS_SIGSEGV,
        _ if item.offset() >= item.symbols.map_end => SIGSEGV_IS_SIGBUS,
        _ if item.past.protected => DATA_IS_ENOUGH,
        _ if item.past.unmapped => UNMAPPED_STAYS,
        _ => SIGSEGV_IS_SIGBUS,
    }
}

/// A signal was expected where there is none.
fn healthy(item: &Item, answer: Answer, at: i64) -> Idea {
    let past = &item.past;
    if past.anonymous {
        return match at >= item.symbols.len {
            true => LEN_IS_BORDER,
            false if past.unmapped => ONE_SPOILS_ALL,
            false => UNWRITTEN_IS_BAD,
        };
    }
    if past.grown {
        NEEDS_NEW_MMAP
    } else if at >= item.symbols.eof && item.symbols.eof < item.symbols.map_end {
        EOF_IS_BORDER
    } else if past.punched {
        HOLE_IS_END
    } else if past.closed {
        CLOSE_ENDS
    } else if past.shrunk || past.unmapped {
        ONE_SPOILS_ALL
    } else if past.carved {
        BYTES_NOT_PAGES
    } else if answer == SIGBUS && at % 8 != 0 {
        MISALIGNED
    } else {
        MAP_IS_EMPTY
    }
}

/// Another byte was expected.
fn values(item: &Item, answer: Answer, truth: Answer) -> Idea {
    let past = &item.past;
    match (answer, truth) {
        (_, Answer::Zero) if past.shrunk => CUT_COMES_BACK,
        (_, Answer::Zero) if past.given_back => ADVICE_IS_HINT,
        (_, Answer::Zero) if past.punched => HOLE_IS_END,
        (_, Answer::Zero) if past.anonymous => UNWRITTEN_IS_BAD,
        (_, Answer::Zero) => TAIL_IS_FILE,
        (Answer::Zero, Answer::New) if past.private => SNAPSHOT,
        (Answer::Zero, Answer::New) => TWO_COPIES,
        (Answer::Zero, _) => MAP_IS_EMPTY,
        (Answer::New, Answer::Byte) if past.closed => CLOSE_ENDS,
        (Answer::New, _) if past.forked && past.private => CHILD_SHARES,
        (Answer::New, _) if past.private || past.others_private => PRIVATE_IS_SEEN,
        (Answer::Byte, _) if past.private => SNAPSHOT,
        (Answer::Byte, _) if past.forked => CHILD_COPIES,
        _ => TWO_COPIES,
    }
}

fn read(item: &Item, answer: Answer, truth: Answer) -> Idea {
    match (answer, truth) {
        (_, Answer::End) => TAIL_IS_FILE,
        (Answer::End, _) => SIZE_IS_ROOM,
        (Answer::Errno(_), _) => CLOSE_ENDS,
        (_, Answer::Errno(_)) => ALL_IS_MAPPABLE,
        _ => values(item, answer, truth),
    }
}

fn call(item: &Item, answer: Answer, truth: Answer) -> Idea {
    match (answer, truth) {
        (Answer::Errno(_), Answer::Errno(_)) => ANY_ERRNO,
        (Answer::Elsewhere, _) | (_, Answer::Elsewhere) => ADDRESS_IS_ORDER,
        (Answer::Errno(_), _) if item.past.past_file => MMAP_FAILS,
        (Answer::Errno(_), _) => USELESS_IS_REFUSED,
        (_, Answer::Errno(errno)) => refused(item, errno),
        _ => ANY_ERRNO,
    }
}

/// A call went through, in the answer, that is refused.
fn refused(item: &Item, errno: i32) -> Idea {
    match errno_name(errno).unwrap_or_default() {
        "EACCES" => RIGHTS_LATER,
        "EBADF" | "ENODEV" => ALL_IS_MAPPABLE,
        "EEXIST" => ADDRESS_IS_ORDER,
        "EFAULT" => CALLS_GET_SIGNALS,
        "ENOENT" => CLOSE_ENDS,
        "ENOMEM" if matches!(item.op, Op::Lock { .. }) && !item.past.unmapped => LOCK_IS_SAFE,
        "ENOMEM" if !matches!(item.op, Op::Map { .. }) => ALL_OR_NOTHING,
        "ENOMEM" | "EPERM" | "EFBIG" | "EAGAIN" | "ENOSPC" | "EBUSY" => LIMITS_ARE_ADVICE,
        _ => PUT_RIGHT,
    }
}

fn count(item: &Item, answer: Answer, truth: Answer) -> Idea {
    match (item.op, answer, truth) {
        (Op::Send { .. } | Op::Receive { .. }, _, Answer::Errno(_)) => CALLS_GET_SIGNALS,
        (_, Answer::Errno(_), Answer::Errno(_)) => ANY_ERRNO,
        (_, _, Answer::Errno(errno)) => refused(item, errno),
        (Op::Ask(Quantity::Size(_)), ..) => SIZE_IS_ROOM,
        (Op::Ask(_), ..) => COSTS_ITS_LENGTH,
        (Op::Race { .. }, ..) => ONE_STEP,
        _ => ALL_OR_NOTHING,
    }
}
