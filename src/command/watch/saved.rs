//! When a file is saved. inotify(7) watches its directory, since vim and VS Code put a new file under the old name; where
//! inotify is refused, or says nothing of a change that stat(2) shows, the file is looked at now and then, and the reason
//! is there to be told. It may not know what the file is for.

use std::ffi::OsString;
use std::fs;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use nix::poll::{PollFd, PollFlags, poll};
use nix::sys::inotify::{AddWatchFlags, InitFlags, Inotify};

use crate::say::{said, system};

/// An editor saves in several steps; after the last of them nothing comes for so many milliseconds.
const CALM: u16 = 50;

/// What tells one save from another: which file, how long, when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stamp {
    inode: (u64, u64),
    size: u64,
    modified: (i64, i64),
}

/// A file that is watched.
pub struct Saves {
    path: PathBuf,
    name: OsString,
    inotify: Option<Inotify>,
    /// why inotify is not used
    polling: Option<String>,
    /// as it was last; none where there was none
    last: Option<Stamp>,
    /// another one was seen there, of which inotify has said nothing so far
    unannounced: Option<Option<Stamp>>,
}

impl Saves {
    /// Watch a file that is there.
    ///
    /// # Errors
    ///
    /// Where there is none.
    pub fn of(path: &Path) -> std::io::Result<Saves> {
        // where it lies, and not a link to it
        let path = fs::canonicalize(path)?;
        let watched = watch(path.parent().unwrap_or(Path::new("/")));
        let (inotify, polling) = match watched {
            Ok(inotify) => (Some(inotify), None),
            Err(errno) => (None, Some(system::of(&errno.into()))),
        };
        Ok(Saves {
            name: path.file_name().unwrap_or_default().to_owned(),
            last: stamp(&path),
            unannounced: None,
            path,
            inotify,
            polling,
        })
    }

    /// What can be read once something happens; none where it has to be looked after.
    pub fn fd(&self) -> Option<BorrowedFd<'_>> {
        self.inotify.as_ref().map(AsFd::as_fd)
    }

    /// How long to wait before it is looked at without being told.
    pub fn patience(&self) -> Duration {
        Duration::from_millis(if self.inotify.is_some() { 1000 } else { 250 })
    }

    /// Why it is looked at now and then.
    pub fn polling(&self) -> Option<&str> {
        self.polling.as_deref()
    }

    /// Was it saved since the last time? Ask where `fd` can be read, or patience is over.
    pub fn changed(&mut self) -> bool {
        let told = self.told();
        let now = stamp(&self.path);
        if now == self.last {
            self.unannounced = None;
            return false;
        }
        if self.inotify.is_some() && !told {
            // Somebody may be saving at this very moment; what has not been told by the next time will not be told.
            if self.unannounced != Some(now) {
                self.unannounced = Some(now);
                return false;
            }
            let silent = said!("inotify said nothing of the last change", "inotify 没有通知上一次改动");
            (self.inotify, self.polling) = (None, Some(silent.to_owned()));
        }
        self.unannounced = None;
        self.last = now;
        true
    }

    /// Did inotify speak of this file? Waits until it is calm.
    fn told(&self) -> bool {
        let Some(inotify) = &self.inotify else { return false };
        let mut told = false;
        loop {
            let events = inotify.read_events().unwrap_or_default(); // EAGAIN: nothing more has come
            told |= events.iter().any(|event| event.name.as_ref() == Some(&self.name));
            let mut fds = [PollFd::new(inotify.as_fd(), PollFlags::POLLIN)];
            if !told && events.is_empty() || !matches!(poll(&mut fds, CALM), Ok(1..)) {
                return told;
            }
        }
    }
}

fn watch(dir: &Path) -> nix::Result<Inotify> {
    let inotify = Inotify::init(InitFlags::IN_CLOEXEC | InitFlags::IN_NONBLOCK)?;
    let events = AddWatchFlags::IN_CLOSE_WRITE
        | AddWatchFlags::IN_MOVED_TO
        | AddWatchFlags::IN_MOVED_FROM
        | AddWatchFlags::IN_DELETE;
    inotify.add_watch(dir, events)?;
    Ok(inotify)
}

fn stamp(path: &Path) -> Option<Stamp> {
    let facts = fs::metadata(path).ok()?;
    Some(Stamp {
        inode: (facts.dev(), facts.ino()),
        size: facts.size(),
        modified: (facts.mtime(), facts.mtime_nsec()),
    })
}

#[cfg(test)]
mod tests {
    use super::Saves;
    use std::fs;

    #[test]
    fn saves_are_told_however_an_editor_saves() {
        let dir = tempfile::tempdir().expect("a directory");
        let file = dir.path().join("mine.toml");
        fs::write(&file, "a").expect("written");
        let mut saves = Saves::of(&file).expect("it is there");
        assert!(saves.polling().is_none() && !saves.changed());
        fs::write(&file, "ab").expect("written in place");
        assert!(saves.changed() && !saves.changed());
        fs::write(dir.path().join("new"), "abc").expect("written");
        assert!(!saves.changed(), "another file's name");
        fs::rename(dir.path().join("new"), &file).expect("moved over it");
        assert!(saves.changed() && !saves.changed());
        fs::rename(&file, dir.path().join("mine.toml~")).expect("moved away");
        assert!(saves.changed(), "gone");
        fs::write(&file, "abcd").expect("there again");
        assert!(saves.changed() && saves.polling().is_none());
    }

    #[test]
    fn what_inotify_does_not_tell_is_found_by_looking() {
        let dir = tempfile::tempdir().expect("a directory");
        let other = tempfile::tempdir().expect("a directory");
        let file = dir.path().join("mine.toml");
        fs::write(&file, "a").expect("written");
        // a second name elsewhere: what is written there is told there
        let alias = other.path().join("alias");
        fs::hard_link(&file, &alias).expect("a link");
        let mut saves = Saves::of(&file).expect("it is there");
        fs::write(&alias, "ab").expect("written");
        assert!(!saves.changed(), "it may be told yet");
        assert!(saves.changed() && saves.polling().is_some());
        fs::write(&alias, "abc").expect("written");
        assert!(saves.changed() && !saves.changed());
    }
}
