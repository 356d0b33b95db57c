//! A terminal for single keys: no echo, no lines, a screen of its own for whoever wants one; and everything as it was
//! before afterwards, also on Ctrl-C, Ctrl-Z and a panic. It may not know what the keys are for.

use std::io::{self, IsTerminal, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::sync::{Mutex, Once};
use std::time::Duration;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{Signal, raise};
use nix::sys::termios::{LocalFlags, SetArg, SpecialCharacterIndices, Termios, tcgetattr, tcsetattr};

use super::Failure;
use crate::kernel::Interrupts;
use crate::say::say;
use crate::scenario;

/// The key of that name, alone.
pub const ESCAPE: char = '\u{1b}';
/// Another screen, and no cursor.
const ENTER: &[u8] = b"\x1b[?1049h\x1b[?25l";
/// Back.
const LEAVE: &[u8] = b"\x1b[?25h\x1b[?1049l";
/// From the top, with nothing below.
const CLEAR: &str = "\x1b[H\x1b[2J";

/// How the terminal was: for a panic, which knows nobody's variables.
static BEFORE: Mutex<Option<(Termios, Screen)>> = Mutex::new(None);

/// Bytes of one key follow each other within this time; what comes later is another key.
const SAME_KEY: u16 = 20;

/// Where it is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Screen {
    /// on a screen of its own, of which nothing stays
    Own,
    /// where everything else is printed
    Shared,
}

/// What a terminal can bring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// a key
    Key(char),
    /// an arrow to the right or the next page, which presenters send too
    Forward,
    /// to the left, or the page before
    Back,
    /// another size
    Resized,
    /// back from the background
    Resumed,
    /// the descriptor that was watched beside it can be read
    Ready,
    /// nothing for so long
    Quiet,
    /// SIGINT or SIGTERM
    Interrupted,
    /// nobody types any more
    Gone,
}

/// Standard input and output, taken over.
pub struct Terminal<'a> {
    interrupts: &'a Interrupts,
    /// SIGTSTP
    stop: UnixStream,
    /// SIGWINCH and SIGCONT
    redraw: UnixStream,
}

/// A descriptor that can be read after one of these signals.
fn after(signals: &[i32]) -> io::Result<UnixStream> {
    let (reader, writer) = UnixStream::pair()?;
    reader.set_nonblocking(true)?;
    for signal in signals {
        signal_hook::low_level::pipe::register(*signal, writer.try_clone()?)?;
    }
    Ok(reader)
}

impl Terminal<'_> {
    /// Take it over. `interrupts` are watched from before, so that they are never lost.
    ///
    /// # Errors
    ///
    /// Where there is no terminal, or it cannot be set.
    pub fn open(interrupts: &Interrupts, screen: Screen) -> Result<Terminal<'_>, Failure> {
        let broken =
            |error: io::Error| Failure::Machine(say!("the terminal cannot be used: {error}", "终端无法使用: {error}"));
        let before = tcgetattr(io::stdin()).map_err(|errno| broken(errno.into()))?;
        let stop = after(&[libc::SIGTSTP]).map_err(broken)?;
        let redraw = after(&[libc::SIGWINCH, libc::SIGCONT]).map_err(broken)?;
        *BEFORE.lock().unwrap_or_else(|poisoned| poisoned.into_inner()) = Some((before, screen));
        static HOOK: Once = Once::new();
        HOOK.call_once(|| {
            let hook = std::panic::take_hook();
            std::panic::set_hook(Box::new(move |panic| {
                restore();
                hook(panic);
            }));
        });
        enter();
        Ok(Terminal {
            interrupts,
            stop,
            redraw,
        })
    }

    /// Are there a keyboard and a screen?
    pub fn is_there() -> bool {
        io::stdin().is_terminal() && io::stdout().is_terminal()
    }

    /// Show this and nothing else.
    pub fn draw(&self, screen: &str) -> io::Result<()> {
        let mut out = io::stdout().lock();
        // in raw mode too a line begins at its left
        out.write_all(format!("{CLEAR}{}", screen.trim_end().replace('\n', "\r\n")).as_bytes())?;
        out.flush()
    }

    /// Nothing is on the screen any more.
    pub fn clear() -> io::Result<()> {
        let mut out = io::stdout().lock();
        out.write_all(CLEAR.as_bytes())?;
        out.flush()
    }

    /// Columns and rows.
    pub fn size(&self) -> (usize, usize) {
        terminal_size::terminal_size().map_or((80, 24), |(width, height)| (width.0.into(), height.0.into()))
    }

    /// Wait for the next thing to happen.
    pub fn event(&mut self) -> Event {
        self.event_or(None, None)
    }

    /// The same, beside a descriptor, and for no longer than this.
    pub fn event_or(&mut self, beside: Option<BorrowedFd>, patience: Option<Duration>) -> Event {
        let patience = patience.map_or(PollTimeout::NONE, |time| {
            PollTimeout::try_from(time).unwrap_or(PollTimeout::MAX)
        });
        let stdin = io::stdin();
        loop {
            let ours = [
                self.interrupts.as_fd(),
                self.stop.as_fd(),
                self.redraw.as_fd(),
                stdin.as_fd(),
            ];
            let mut fds: Vec<PollFd> = ours
                .into_iter()
                .chain(beside)
                .map(|fd| PollFd::new(fd, PollFlags::POLLIN))
                .collect();
            match poll(&mut fds, patience) {
                Err(_) => continue, // a signal, whose byte comes next
                Ok(0) => return Event::Quiet,
                Ok(_) => {}
            }
            let came = |n: usize| fds.get(n).is_some_and(|fd| fd.any() == Some(true));
            let [interrupted, stopped, changed, typed, ready] = [0, 1, 2, 3, 4].map(came);
            if interrupted {
                return Event::Interrupted;
            }
            if stopped {
                drain(&mut self.stop);
                restore();
                let _ = raise(Signal::SIGSTOP); // until somebody says fg: this cannot be refused
                drain(&mut self.redraw);
                enter();
                return Event::Resumed;
            }
            if changed {
                drain(&mut self.redraw);
                return Event::Resized;
            }
            if typed {
                match key(stdin.as_fd()) {
                    Some(Some(event)) => return event,
                    Some(None) => continue,
                    None => return Event::Gone,
                }
            }
            if ready {
                return Event::Ready;
            }
        }
    }
}

/// The key that was pressed; none for one that means nothing here, and no key at all where nobody types any more.
fn key(stdin: BorrowedFd) -> Option<Option<Event>> {
    let byte = || {
        let mut byte = [0];
        matches!(nix::unistd::read(stdin, &mut byte), Ok(1)).then_some(byte[0])
    };
    let soon = || {
        let mut fds = [PollFd::new(stdin, PollFlags::POLLIN)];
        matches!(poll(&mut fds, SAME_KEY), Ok(1..))
    };
    let first = byte()?;
    if first != 0x1b {
        // Ctrl-D
        if first == 4 {
            return None;
        }
        // A character of several bytes is one key; one that an input method typed is the one that it stands for.
        let more = match first {
            0xc0..0xe0 => 1,
            0xe0..0xf0 => 2,
            0xf0.. => 3,
            _ => 0,
        };
        let mut bytes = vec![first];
        for _ in 0..more {
            bytes.push(byte()?);
        }
        let typed = std::str::from_utf8(&bytes).ok().and_then(|text| text.chars().next());
        return Some(typed.map(|key| Event::Key(scenario::half_width(key))));
    }
    let mut rest = Vec::new();
    while rest.len() < 8 && soon() {
        rest.push(byte()?);
        if rest.len() > 1 && rest.last().is_some_and(|last| (0x40..0x7f).contains(last)) {
            break;
        }
    }
    Some(match rest.as_slice() {
        b"[C" | b"OC" | b"[6~" => Some(Event::Forward),
        b"[D" | b"OD" | b"[5~" => Some(Event::Back),
        b"" => Some(Event::Key(ESCAPE)),
        _ => None,
    })
}

impl Drop for Terminal<'_> {
    fn drop(&mut self) {
        restore();
        *BEFORE.lock().unwrap_or_else(|poisoned| poisoned.into_inner()) = None;
    }
}

/// Several signals at once are one.
fn drain(pipe: &mut UnixStream) {
    let mut bytes = [0; 64];
    while matches!(pipe.read(&mut bytes), Ok(1..)) {}
}

fn before() -> Option<(Termios, Screen)> {
    BEFORE.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).clone()
}

/// Nobody may be there to see it.
fn put(bytes: &[u8]) {
    let _ = io::stdout().write_all(bytes).and_then(|()| io::stdout().flush());
}

/// Single keys, no echo; Ctrl-C and Ctrl-Z stay signals.
fn enter() {
    let Some((mut keys, screen)) = before() else { return };
    keys.local_flags.remove(LocalFlags::ICANON | LocalFlags::ECHO);
    keys.control_chars[SpecialCharacterIndices::VMIN as usize] = 1;
    keys.control_chars[SpecialCharacterIndices::VTIME as usize] = 0;
    let _ = tcsetattr(io::stdin(), SetArg::TCSADRAIN, &keys); // else keys need Enter, and all else works
    if screen == Screen::Own {
        put(ENTER);
    }
}

/// As it was before.
fn restore() {
    let Some((keys, screen)) = before() else { return };
    if screen == Screen::Own {
        put(LEAVE);
    }
    let _ = tcsetattr(io::stdin(), SetArg::TCSADRAIN, &keys); // the terminal is gone
}
