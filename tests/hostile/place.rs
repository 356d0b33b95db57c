//! A place for hostile experiments: a copy of lab under a name that no other process has, a TMPDIR of its own, and the
//! question whether anything was left behind.

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Say something on the real stderr, which libtest does not swallow.
pub fn say(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// Say why a test does not run here.
pub fn skip(test: &str, reason: &str) {
    say(&format!("{test}: skipped: {reason}"));
}

/// Does this command succeed here?
pub fn works(command: &[&str]) -> bool {
    let (program, args) = command.split_first().expect("a program");
    Command::new(program)
        .args(args)
        .output()
        .is_ok_and(|output| output.status.success())
}

/// Says why not, where there is no strace or no ptrace.
pub fn strace_works(test: &str) -> bool {
    let works = works(&["strace", "-o", "/dev/null", "true"]);
    if !works {
        skip(test, "no strace, or no ptrace here");
    }
    works
}

/// What comes before lab so that strace does this to it and its children.
pub fn strace<'a>(expressions: &[&'a str]) -> Vec<&'a str> {
    let mut words = vec!["strace", "-f", "-qq", "-o", "/dev/null"];
    words.extend(expressions.iter().flat_map(|expression| ["-e", *expression]));
    words
}

pub fn root() -> bool {
    nix::unistd::geteuid().is_root()
}

/// Can this user make a namespace and mount in it? Says it where not.
pub fn namespaces(test: &str) -> bool {
    let works = works(&["unshare", "-Urm", "mount", "-t", "tmpfs", "none", "/mnt"]);
    if !works {
        skip(test, "no namespace to mount in");
    }
    works
}

pub struct Place {
    pub dir: tempfile::TempDir,
    /// at most 15 characters, so that the kernel's `comm` is all of it
    pub name: String,
    pub lab: PathBuf,
    pub tmp: PathBuf,
}

/// A live process of a place.
pub struct Process {
    pub pid: i32,
    pub parent: i32,
}

/// What came of a command.
pub struct Ran {
    pub code: Option<i32>,
    pub signal: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Place {
    /// Everything may be reached by any user.
    pub fn new() -> Place {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("lab{}x{}", std::process::id(), COUNT.fetch_add(1, Relaxed));
        let dir = tempfile::Builder::new()
            .prefix("hostile-")
            .tempdir_in("/tmp")
            .expect("a directory");
        let (lab, tmp) = (dir.path().join(&name), dir.path().join("tmp"));
        fs::create_dir(&tmp).expect("a TMPDIR");
        fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755)).expect("a mode");
        fs::set_permissions(&tmp, fs::Permissions::from_mode(0o1777)).expect("a mode");
        let binary = Path::new(env!("CARGO_BIN_EXE_lab"));
        // Copied by cp(1): a copy of ours would be open for writing in whatever another test forks meanwhile (ETXTBSY).
        let copy = || Command::new("cp").args([binary, &lab]).status();
        assert!(
            fs::hard_link(binary, &lab).is_ok() || copy().is_ok_and(|status| status.success()),
            "a copy of lab"
        );
        Place { dir, name, lab, tmp }
    }

    /// `before... lab words...` with this place's TMPDIR. The words are split at spaces.
    pub fn command(&self, before: &[&str], words: &str) -> Command {
        let mut command = match before.split_first() {
            Some((program, args)) => {
                let mut command = Command::new(program);
                command.args(args).arg(&self.lab);
                command
            }
            None => Command::new(&self.lab),
        };
        command.args(words.split_whitespace());
        self.set(command)
    }

    /// Start it, with pipes from its stdout and stderr.
    pub fn start(&self, mut command: Command) -> Child {
        command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{command:?}: {error}"))
    }

    /// What came of what was started; afterwards nothing may be left of it.
    pub fn end(&self, lab: Child, about: &str) -> Ran {
        let ran = Ran::from(lab.wait_with_output().expect("its end"));
        self.clean(about);
        ran
    }

    /// A shell script, in which "$LAB" is lab; `before` comes before the shell.
    pub fn script(&self, before: &[&str], script: &str) -> Command {
        let words: Vec<&str> = before.iter().copied().chain(["bash", "-c", script]).collect();
        let mut command = Command::new(words[0]);
        command.args(&words[1..]);
        self.set(command)
    }

    fn set(&self, mut command: Command) -> Command {
        command
            .env("TMPDIR", &self.tmp)
            .env("LAB", &self.lab)
            .env("NO_COLOR", "1")
            .stdin(Stdio::null());
        command
    }

    /// Run it; afterwards nothing may be left of it.
    pub fn run(&self, command: Command) -> Ran {
        let about = format!("{command:?}");
        self.end(self.start(command), &about)
    }

    /// Every live process that runs this place's lab. (By `comm`, which can be read of any process.)
    pub fn alive(&self) -> Vec<Process> {
        let found = fs::read_dir("/proc").expect("/proc").filter_map(|entry| {
            let path = entry.ok()?.path();
            let pid = path.file_name()?.to_str()?.parse().ok()?;
            let stat = fs::read_to_string(path.join("stat")).ok()?;
            let (comm, rest) = stat.split_once('(')?.1.rsplit_once(')')?;
            let mut rest = rest.split_whitespace();
            let dead = matches!(rest.next()?, "Z" | "X");
            let parent = rest.next()?.parse().ok()?;
            (comm == self.name && !dead).then_some(Process { pid, parent })
        });
        found.collect()
    }

    /// No process, which may take the kernel a moment but no timeout of ours; no file.
    pub fn clean(&self, after: &str) {
        let end = Instant::now() + Duration::from_secs(1);
        while !self.alive().is_empty() {
            let pids: Vec<i32> = self.alive().iter().map(|process| process.pid).collect();
            assert!(Instant::now() < end, "processes {pids:?} are left after {after}");
            sleep(Duration::from_millis(1));
        }
        let left = |dir: &Path| -> Vec<PathBuf> {
            fs::read_dir(dir)
                .into_iter()
                .flatten()
                .flatten()
                .map(|entry| entry.path())
                .collect()
        };
        assert_eq!(left(&self.tmp), Vec::<PathBuf>::new(), "left in TMPDIR after {after}");
        let mut shared = left(Path::new("/dev/shm"));
        shared.retain(|path| path.to_string_lossy().contains("mmap-lab"));
        assert_eq!(shared, Vec::<PathBuf>::new(), "left in /dev/shm after {after}");
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Ran {
        Ran {
            code: output.status.code(),
            signal: output.status.signal(),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

impl std::fmt::Debug for Ran {
    /// Enough to see what went wrong; a report in JSON is long.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Ran { code, signal, .. } = self;
        write!(
            f,
            "exit {code:?}, signal {signal:?}, stderr {:.400?}, stdout {:.400?}",
            self.err, self.out
        )
    }
}

impl Ran {
    /// Exit 3, and one line of lab's on stderr that says why.
    pub fn reasoned(&self) -> bool {
        self.code == Some(3) && self.err.starts_with("lab: ") && self.err.trim_end().lines().count() == 1
    }

    /// Either a correct run or a reason.
    pub fn well(&self) -> bool {
        (self.code == Some(0) && self.err.is_empty()) || self.reasoned()
    }

    pub fn assert_well(&self, about: &str) {
        assert!(self.well(), "{about}: {self:?}");
    }

    pub fn assert_correct(&self, about: &str) {
        assert!(self.code == Some(0) && self.err.is_empty(), "{about}: {self:?}");
    }

    /// A reason with this in it.
    pub fn assert_reason(&self, word: &str, about: &str) {
        assert!(
            self.reasoned() && self.err.contains(word),
            "{about}: wanted a reason with '{word}': {self:?}"
        );
    }
}
