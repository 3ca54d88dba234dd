//! Where reports are written: new files, devices and pipes; existing files are replaced only with `--force`.

use std::fs;
use std::os::unix::fs::FileTypeExt as _;
use std::process::{Command, Stdio};

use serde_json::Value;

use super::program::{AS_OF, CLEAN, output_of, program, run};

fn report_to(path: &str, further: &[&str]) -> super::program::Output {
    let mut command = program(&["audit", CLEAN, "--as-of", AS_OF, "--report"]);
    output_of(command.arg(format!("json={path}")).args(further))
}

#[test]
fn a_report_goes_to_a_new_file_and_an_existing_one_is_not_changed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.json");
    let shown = path.to_str().unwrap();
    assert_eq!(report_to(shown, &[]).code, 0);
    let run: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    assert_eq!(run["schema"], "edgewarden/run/1");
    fs::write(&path, "mine").unwrap();
    report_to(shown, &[]).refused(&["run.json", "exists", "--force"]);
    assert_eq!(fs::read_to_string(&path).unwrap(), "mine");
    assert_eq!(report_to(shown, &["--force"]).code, 0);
    assert!(fs::read_to_string(&path).unwrap().contains("edgewarden/run/1"));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "something is left beside the report");
}

#[test]
fn a_link_is_not_followed() {
    let folder = tempfile::tempdir().unwrap();
    let (target, link) = (folder.path().join("target"), folder.path().join("link.json"));
    fs::write(&target, "mine").unwrap();
    std::os::unix::fs::symlink(&target, &link).unwrap();
    report_to(link.to_str().unwrap(), &[]).refused(&["exists"]);
    assert_eq!(report_to(link.to_str().unwrap(), &["--force"]).code, 0);
    assert_eq!(fs::read_to_string(&target).unwrap(), "mine");
    // A dangling link is not a new file either.
    let dangling = folder.path().join("dangling.json");
    std::os::unix::fs::symlink(folder.path().join("nowhere"), &dangling).unwrap();
    report_to(dangling.to_str().unwrap(), &[]).refused(&["exists"]);
    assert!(!folder.path().join("nowhere").exists());
}

#[test]
fn a_pipe_and_a_device_are_written_to() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let reader = std::thread::spawn({
        let pipe = pipe.clone();
        move || fs::read_to_string(pipe).unwrap()
    });
    assert_eq!(report_to(pipe.to_str().unwrap(), &[]).code, 0);
    assert!(reader.join().unwrap().contains("edgewarden/run/1"));
    assert!(fs::metadata(&pipe).unwrap().file_type().is_fifo());

    assert_eq!(report_to("/dev/null", &[]).code, 0);
    assert!(fs::metadata("/dev/null").unwrap().file_type().is_char_device());
}

#[test]
fn dev_stdout_is_appended_to() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out");
    fs::write(&path, "before\n").unwrap();
    let out = fs::OpenOptions::new().append(true).open(&path).unwrap();
    let mut command = program(&["audit", CLEAN, "--as-of", AS_OF, "--report", "json=/dev/stdout"]);
    assert_eq!(command.stdout(out).stderr(Stdio::null()).status().unwrap().code(), Some(0));
    let written = fs::read_to_string(&path).unwrap();
    assert!(written.starts_with("before\n{"), "{}", &written[..40]);
    assert!(fs::symlink_metadata("/dev/stdout").unwrap().is_symlink());
}

#[test]
fn one_run_writes_several_reports() {
    let folder = tempfile::tempdir().unwrap();
    let of = |format: &str, name: &str| format!("{format}={}", folder.path().join(name).display());
    let (json, markdown) = (of("json", "run.json"), of("markdown", "run.md"));
    let output = run(&["audit", CLEAN, "--as-of", AS_OF, "--report", &json, "--report", &markdown]);
    assert_eq!((output.code, output.out.as_str(), output.err.as_str()), (0, "", ""));
    assert!(fs::metadata(folder.path().join("run.json")).unwrap().len() > 1000);
    assert!(fs::metadata(folder.path().join("run.md")).unwrap().len() > 100);
}

#[test]
fn a_report_to_a_folder_or_below_none_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    report_to(folder.path().to_str().unwrap(), &[]).refused(&["folder"]);
    report_to(folder.path().join("no/such.json").to_str().unwrap(), &[]).refused(&["such.json"]);
}

#[test]
fn an_unknown_report_format_is_a_usage_error() {
    let output = run(&["audit", CLEAN, "--report", "pdf=-"]);
    assert_eq!((output.code, output.out.as_str()), (2, ""));
    assert!(output.err.contains("--report"), "{}", output.err);
    assert_eq!(run(&["audit", CLEAN, "--report", "json"]).code, 2);
    assert_eq!(run(&["audit", CLEAN, "--report", "json="]).code, 2);
}
