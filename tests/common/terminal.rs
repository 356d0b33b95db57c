//! A real pseudo-terminal, which script(1) makes: keys go in, screens come out, and one may wait for what is drawn.

use std::io::{Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// Every screen begins with it.
const CLEAR: &str = "\u{1b}[H\u{1b}[2J";

/// How long something may take to be drawn, on a machine that has much else to do.
const PATIENCE: Duration = Duration::from_secs(20);

/// A program at a terminal.
pub struct Session {
    script: Child,
    stdin: Option<ChildStdin>,
    out: Arc<Mutex<Vec<u8>>>,
    tty: String,
}

impl Session {
    /// Give a shell this line on a terminal of so many columns and rows; none where there is no script(1).
    pub fn start(columns: u16, rows: u16, line: &str, env: &[(&str, &str)]) -> Option<Session> {
        // The shell lives on when Ctrl-C ends what it runs.
        let line = format!("trap : INT; tty; stty cols {columns} rows {rows}; {line}");
        let mut command = Command::new("script");
        command.args(["-qc", &line, "/dev/null"]);
        for name in ["COLUMNS", "NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE"] {
            command.env_remove(name);
        }
        // dash, whatever shell somebody prefers
        command
            .env("SHELL", "/bin/sh")
            .env("LAB_LANG", "en")
            .env("TERM", "xterm");
        let state = tempfile::tempdir().expect("a directory").keep();
        command.env("XDG_STATE_HOME", state).envs(env.iter().copied());
        let spawned = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let Ok(mut script) = spawned else {
            super::skip("script(1) is not installed");
            return None;
        };
        let stdin = script.stdin.take();
        let mut stdout = script.stdout.take().expect("a pipe");
        let out = Arc::new(Mutex::new(Vec::new()));
        let into = Arc::clone(&out);
        std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(count @ 1..) = stdout.read(&mut bytes) {
                into.lock()
                    .expect("nobody panics with it")
                    .extend_from_slice(&bytes[..count]);
            }
        });
        let mut session = Session {
            script,
            stdin,
            out,
            tty: String::new(),
        };
        let all = session.wait("its own name", |all| all.contains("/dev/") && all.contains('\n'));
        let name = all.lines().find(|line| line.starts_with("/dev/"));
        session.tty = name.expect("tty(1) says it").trim().to_owned();
        Some(session)
    }

    /// Type this.
    pub fn keys(&mut self, keys: &str) {
        let stdin = self.stdin.as_mut().expect("it is open");
        stdin
            .write_all(keys.as_bytes())
            .and_then(|()| stdin.flush())
            .expect("it reads");
    }

    /// Another size, as a window gives it.
    pub fn resize(&self, columns: u16, rows: u16) {
        let (columns, rows) = (columns.to_string(), rows.to_string());
        let args = ["-F", &self.tty, "cols", &columns, "rows", &rows];
        let done = Command::new("stty").args(args).status().expect("stty runs");
        assert!(done.success());
    }

    /// All that was ever drawn.
    pub fn all(&self) -> String {
        String::from_utf8_lossy(&self.out.lock().expect("nobody panics with it")).into_owned()
    }

    /// What was drawn last, without colours.
    pub fn screen(&self) -> String {
        last(&self.all())
    }

    /// Wait until the last screen holds this; it.
    pub fn shows(&self, text: &str) -> String {
        last(&self.wait(text, |all| last(all).contains(text)))
    }

    /// Wait until the last screen no longer holds this; it.
    pub fn shows_no_more(&self, text: &str) -> String {
        last(&self.wait(&format!("no {text}"), |all| !last(all).contains(text)))
    }

    /// Wait until the last screen is like this; it.
    pub fn wait_until(&self, like: impl Fn(&str) -> bool) -> String {
        last(&self.wait("a certain screen", |all| like(&last(all))))
    }

    /// Wait until this was drawn, on whatever screen.
    pub fn drew(&self, text: &str) -> String {
        self.wait(text, |all| all.contains(text))
    }

    fn wait(&self, what: &str, done: impl Fn(&str) -> bool) -> String {
        let end = Instant::now() + PATIENCE;
        loop {
            let all = self.all();
            if done(&all) {
                return all;
            }
            assert!(
                Instant::now() < end,
                "waited in vain for {what}; drawn last:\n{}",
                last(&all)
            );
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// The settings of the terminal, by stty(1).
    pub fn settings(&self) -> String {
        let out = Command::new("stty")
            .args(["-a", "-F", &self.tty])
            .output()
            .expect("stty runs");
        String::from_utf8_lossy(&out.stdout).into_owned()
    }

    /// Nobody types any more; all that was drawn.
    pub fn end(mut self) -> String {
        drop(self.stdin.take());
        let _ = self.script.wait();
        // the reader has the rest as soon as the pipe is closed
        std::thread::sleep(Duration::from_millis(50));
        self.all()
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let _ = self.script.kill(); // it may have ended
        let _ = self.script.wait();
    }
}

fn last(all: &str) -> String {
    let screen = all.rsplit(CLEAR).next().unwrap_or_default();
    let mut text = String::new();
    let mut inside = false;
    for c in screen.chars() {
        match c {
            '\u{1b}' => inside = true,
            'a'..='z' | 'A'..='Z' if inside => inside = false,
            '\r' => {}
            _ if !inside => text.push(c),
            _ => {}
        }
    }
    text
}

/// Save as vim and VS Code do: a new file under the old name.
pub fn save_by_rename(file: &Path, text: &str) {
    let new = file.with_extension("new");
    std::fs::write(&new, text).expect("written");
    std::fs::rename(&new, file).expect("moved");
}
