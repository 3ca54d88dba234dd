//! A terminal of tmux's, on a server of its own that ends with it.

use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// As long as a screen may take to show a text. A busy machine is slow; a passing test never waits so long.
const PATIENCE: Duration = Duration::from_secs(20);

static OPENED: AtomicUsize = AtomicUsize::new(0);

/// A shell in a terminal. Dropping it ends both, and the server, also when the test failed.
pub struct Terminal {
    socket: String,
}

impl Terminal {
    /// Opens one of a size, or says why not.
    pub fn open(width: u16, height: u16) -> Option<Self> {
        let there =
            Command::new("tmux").arg("-V").stdin(Stdio::null()).output().is_ok_and(|said| said.status.success());
        if !there {
            println!("skipped: tmux is not installed");
            return None;
        }
        let socket = format!("edgewarden-{}-{}", std::process::id(), OPENED.fetch_add(1, Ordering::Relaxed));
        let terminal = Self { socket };
        let size = [width.to_string(), height.to_string()];
        terminal.tmux(&["-f", "/dev/null", "new-session", "-d", "-x", &size[0], "-y", &size[1], "sh"]);
        terminal.tmux(&["set-option", "-g", "status", "off"]);
        terminal.resize(width, height);
        // The prompt is put together by the shell, so that it is not found where it is only typed.
        terminal.type_line("PS1='re''ady> '; clear");
        terminal.wait_for(&["ready>"]);
        Some(terminal)
    }

    /// The program as a shell finds it.
    pub fn program() -> String {
        format!("'{}'", env!("CARGO_BIN_EXE_edgewarden"))
    }

    /// Presses keys, by tmux's names for them.
    pub fn keys(&self, keys: &[&str]) {
        self.tmux(&[&["send-keys"], keys].concat());
    }

    /// Types a text.
    pub fn text(&self, text: &str) {
        self.tmux(&["send-keys", "-l", text]);
    }

    /// Types a line into the shell.
    pub fn type_line(&self, line: &str) {
        self.text(line);
        self.keys(&["Enter"]);
    }

    /// Sets the window's size.
    pub fn resize(&self, width: u16, height: u16) {
        self.tmux(&["resize-window", "-x", &width.to_string(), "-y", &height.to_string()]);
    }

    /// Sends a signal to the program that the shell runs.
    pub fn signal(&self, name: &str) {
        let shell = self.tmux(&["display-message", "-p", "#{pane_pid}"]);
        let children = format!("/proc/{0}/task/{0}/children", shell.trim());
        let child = match std::fs::read_to_string(children) {
            Ok(children) => children,
            Err(_) => run(Command::new("pgrep").args(["-P", shell.trim()])),
        };
        let child = child.split_whitespace().next().expect("the shell runs the program").to_owned();
        run(Command::new("kill").args([format!("-{name}"), child]));
    }

    /// Waits until the screen shows all of these at once; fails with the screen where it never does.
    pub fn wait_for(&self, texts: &[&str]) {
        let start = Instant::now();
        loop {
            let screen = self.tmux(&["capture-pane", "-p"]);
            let Some(absent) = texts.iter().find(|text| !screen.contains(**text)) else { return };
            assert!(start.elapsed() < PATIENCE, "{absent:?} never came up:\n{screen}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Whether a program holds the alternate screen.
    pub fn in_alternate_screen(&self) -> bool {
        self.flags().0
    }

    /// Checks that the shell has its terminal back: its screen, its cursor, its echo, and the mouse.
    pub fn is_given_back(&self) {
        assert_eq!(self.flags(), (false, true, false), "(alternate screen, cursor, mouse)");
        self.type_line("echo typed'' and shown");
        self.wait_for(&["echo typed'' and shown\ntyped and shown"]);
    }

    fn flags(&self) -> (bool, bool, bool) {
        let flags = self.tmux(&["display-message", "-p", "#{alternate_on} #{cursor_flag} #{mouse_any_flag}"]);
        let flags: Vec<bool> = flags.split_whitespace().map(|flag| flag == "1").collect();
        (flags[0], flags[1], flags[2])
    }

    fn tmux(&self, arguments: &[&str]) -> String {
        let mut command = Command::new("tmux");
        command.args(["-u", "-L", &self.socket]).args(arguments).current_dir(env!("CARGO_MANIFEST_DIR"));
        command.env_remove("TMUX").env_remove("NO_COLOR").env("LC_ALL", "C.UTF-8").env("ENV", "").env("PS1", "$ ");
        run(&mut command)
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = Command::new("tmux").args(["-L", &self.socket, "kill-server"]).output();
    }
}

/// What a command says; it has to succeed.
fn run(command: &mut Command) -> String {
    let said = command.stdin(Stdio::null()).output().expect("it starts");
    assert!(said.status.success(), "{command:?}: {}", String::from_utf8_lossy(&said.stderr));
    String::from_utf8_lossy(&said.stdout).into_owned()
}
