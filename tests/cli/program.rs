//! Runs the program and keeps what it output.

use std::ffi::OsStr;
use std::io::Write as _;
use std::process::{Command, Stdio};

use serde_json::Value;

/// The sample deployment, with its faults.
pub const CONTOSO: &str = "sample-exports/contoso";
/// The same deployment without faults.
pub const CLEAN: &str = "sample-exports/contoso-clean";
/// The date of the samples' expectations.
pub const AS_OF: &str = "2026-11-20";

/// What the program output, and its exit code.
#[derive(Debug)]
pub struct Output {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Output {
    /// Standard output as one JSON value.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:#?}"))
    }

    /// Standard output as a JSON value on each line.
    pub fn json_lines(&self) -> Vec<Value> {
        self.out
            .lines()
            .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
            .collect()
    }

    /// Checks that it failed with exit code 2, nothing on standard output, and one line that holds all of these.
    pub fn refused(&self, words: &[&str]) {
        assert_eq!(self.code, 2, "{self:#?}");
        assert_eq!(self.out, "", "{self:#?}");
        assert_eq!(self.err.lines().count(), 1, "{self:#?}");
        for word in words {
            assert!(self.err.contains(word), "{word:?} is not in {self:#?}");
        }
    }
}

/// The program in the project's folder, with nothing on standard input and no variable that changes its output.
pub fn program<S: AsRef<OsStr>>(arguments: &[S]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_edgewarden"));
    command.args(arguments).current_dir(env!("CARGO_MANIFEST_DIR")).stdin(Stdio::null());
    command.env_remove("SOURCE_DATE_EPOCH").env_remove("NO_COLOR");
    command
}

/// Runs it to its end.
pub fn run<S: AsRef<OsStr>>(arguments: &[S]) -> Output {
    output_of(&mut program(arguments))
}

/// Runs it with a text on standard input.
pub fn run_with<S: AsRef<OsStr>>(arguments: &[S], input: &str) -> Output {
    let mut command = program(arguments);
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    let mut stdin = child.stdin.take().expect("it has standard input");
    let input = input.to_owned();
    // On a thread, since the program may answer before it has read everything.
    let writer = std::thread::spawn(move || {
        let _ = stdin.write_all(input.as_bytes());
    });
    let output = child.wait_with_output().expect("it ends");
    writer.join().expect("the input was written");
    of(output)
}

/// Runs a command to its end.
pub fn output_of(command: &mut Command) -> Output {
    of(command.output().expect("it starts"))
}

fn of(output: std::process::Output) -> Output {
    Output {
        code: output.status.code().expect("no signal ended it"),
        out: String::from_utf8(output.stdout).expect("UTF-8"),
        err: String::from_utf8(output.stderr).expect("UTF-8"),
    }
}

/// The run of a deployment on the samples' date, as JSON.
pub fn audited(folder: &str) -> Value {
    run(&["audit", folder, "--as-of", AS_OF, "--report", "json=-"]).json()
}
