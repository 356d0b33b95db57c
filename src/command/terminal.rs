//! A terminal for single keys: another screen, no echo, no lines; and everything as it was before afterwards, also on
//! Ctrl-C, Ctrl-Z and a panic. It may not know what the keys are for.

use std::io::{self, IsTerminal, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::sync::Mutex;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{Signal, raise};
use nix::sys::termios::{LocalFlags, SetArg, SpecialCharacterIndices, Termios, tcgetattr, tcsetattr};

use super::Failure;
use crate::kernel::Interrupts;
use crate::say::say;

/// Another screen, and no cursor.
const ENTER: &[u8] = b"\x1b[?1049h\x1b[?25l";
/// Back.
const LEAVE: &[u8] = b"\x1b[?25h\x1b[?1049l";
/// From the top, with nothing below.
const CLEAR: &str = "\x1b[H\x1b[2J";

/// How the terminal was: for a panic, which knows nobody's variables.
static BEFORE: Mutex<Option<Termios>> = Mutex::new(None);

/// What a terminal can bring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// a key
    Key(char),
    /// draw again: another size, or back from the background
    Redraw,
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
    pub fn open(interrupts: &Interrupts) -> Result<Terminal<'_>, Failure> {
        let broken =
            |error: io::Error| Failure::Machine(say!("the terminal cannot be used: {error}", "终端无法使用: {error}"));
        let before = tcgetattr(io::stdin()).map_err(|errno| broken(errno.into()))?;
        let stop = after(&[libc::SIGTSTP]).map_err(broken)?;
        let redraw = after(&[libc::SIGWINCH, libc::SIGCONT]).map_err(broken)?;
        *BEFORE.lock().unwrap_or_else(|poisoned| poisoned.into_inner()) = Some(before);
        let hook = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            restore();
            hook(panic);
        }));
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

    /// Columns and rows.
    pub fn size(&self) -> (usize, usize) {
        terminal_size::terminal_size().map_or((80, 24), |(width, height)| (width.0.into(), height.0.into()))
    }

    /// Wait for the next thing to happen.
    pub fn event(&mut self) -> Event {
        let stdin = io::stdin();
        loop {
            let mut fds = [
                self.interrupts.as_fd(),
                self.stop.as_fd(),
                self.redraw.as_fd(),
                stdin.as_fd(),
            ]
            .map(|fd| PollFd::new(fd, PollFlags::POLLIN));
            if poll(&mut fds, PollTimeout::NONE).is_err() {
                continue; // a signal, whose byte comes next
            }
            let [interrupted, stopped, changed, typed] = fds.map(|fd| fd.any() == Some(true));
            if interrupted {
                return Event::Interrupted;
            }
            if stopped {
                drain(&mut self.stop);
                restore();
                let _ = raise(Signal::SIGSTOP); // until somebody says fg: this cannot be refused
                enter();
                return Event::Redraw;
            }
            if changed {
                drain(&mut self.redraw);
                return Event::Redraw;
            }
            if typed {
                let mut byte = [0];
                return match nix::unistd::read(stdin.as_fd(), &mut byte) {
                    Ok(1) => Event::Key(char::from(byte[0])),
                    _ => Event::Gone,
                };
            }
        }
    }
}

impl Drop for Terminal<'_> {
    fn drop(&mut self) {
        restore();
    }
}

/// Several signals at once are one.
fn drain(pipe: &mut UnixStream) {
    let mut bytes = [0; 64];
    while matches!(pipe.read(&mut bytes), Ok(1..)) {}
}

/// Single keys, no echo; Ctrl-C and Ctrl-Z stay signals.
fn enter() {
    let before = BEFORE.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).clone();
    if let Some(mut keys) = before {
        keys.local_flags.remove(LocalFlags::ICANON | LocalFlags::ECHO);
        keys.control_chars[SpecialCharacterIndices::VMIN as usize] = 1;
        keys.control_chars[SpecialCharacterIndices::VTIME as usize] = 0;
        let _ = tcsetattr(io::stdin(), SetArg::TCSADRAIN, &keys); // else keys need Enter, and all else works
    }
    let _ = io::stdout().write_all(ENTER).and_then(|()| io::stdout().flush()); // nobody there to see it
}

/// As it was before.
fn restore() {
    let _ = io::stdout().write_all(LEAVE).and_then(|()| io::stdout().flush()); // nobody there to see it
    let before = BEFORE.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).clone();
    if let Some(before) = before {
        let _ = tcsetattr(io::stdin(), SetArg::TCSADRAIN, &before); // the terminal is gone
    }
}
