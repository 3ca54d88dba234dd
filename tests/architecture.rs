//! Holds the code to the design: which folder of `src/` may use which, which crates stay where they belong, and how
//! files are kept. It reads the source as text, without its comments and literals.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // helpers of tests are tests

#[path = "architecture/circles.rs"]
mod circles;
#[path = "architecture/source.rs"]
mod source;

use std::collections::BTreeSet;

use circles::Graph;
use source::{SourceFile, files};

/// Which folders of the crate each folder may use, and no others: the design's column "knows nothing of", turned round.
const MAY_USE: [(&str, &[&str]); 14] = [
    ("layout", &[]),
    ("source", &[]),
    ("packets", &[]),
    ("model", &["packets"]),
    ("formats", &["source", "model", "packets"]),
    ("judge", &["model", "packets"]),
    // Of the findings the severities.
    ("catalog", &["findings"]),
    ("deployment", &["catalog", "model", "packets"]),
    ("findings", &["packets", "source"]),
    ("generate", &["catalog", "deployment", "model", "packets"]),
    ("audit", &["catalog", "deployment", "findings", "judge", "model", "packets", "source"]),
    ("report", &["findings", "catalog", "layout", "source"]),
    ("tui", &["findings", "layout"]),
    (
        "cli",
        &[
            "audit",
            "catalog",
            "deployment",
            "findings",
            "formats",
            "generate",
            "judge",
            "model",
            "packets",
            "report",
            "source",
            "tui",
        ],
    ),
];

/// The rooms of the audit, in order: each may use those before it.
const ROOMS: [&str; 3] = ["judgement", "findings", "remediation"];

/// Words that only some folders may write, with the reason.
const ONLY_IN: [(&str, &[&str], &str); 13] = [
    ("ratatui", &["tui"], "what is drawn is the terminal interface's"),
    ("crossterm", &["tui"], "so are keys"),
    ("signal_hook", &["tui"], "and signals, which end it"),
    ("clap", &["cli"], "the command line is defined in one place"),
    ("clap_complete", &["cli"], "and so are its completions"),
    ("clap_mangen", &["cli"], "and its manual"),
    ("anyhow", &["cli"], "the library's errors are types"),
    ("toml", &["catalog", "deployment"], "data files and the deployment are TOML, exports are not"),
    ("File", &["cli"], "the library takes readers and writers"),
    ("println!", &["cli"], "the library does not print"),
    ("eprintln!", &["cli"], "the library does not print"),
    ("stdout", &["cli", "tui"], "results go out in one place; the screen takes the terminal"),
    ("stderr", &["cli"], "messages go out in one place"),
];

/// Facts of netfilter and its tools: priorities, the loopback interface, tables, hooks by their chains, matches, targets, types of
/// addresses and sets.
const OF_NETFILTER: [&str; 16] = [
    "-300",
    "-200",
    "-150",
    "\"lo\"",
    "\"raw\"",
    "\"mangle\"",
    "\"security\"",
    "PREROUTING",
    "POSTROUTING",
    "\"FORWARD\"",
    "NOTRACK",
    "UNICAST",
    "ctstate",
    "addrtype",
    "xt_conntrack",
    "hash:ip",
];

/// The folders that know them.
const NETFILTER: [&str; 5] = [
    "src/formats/netfilter/",
    "src/formats/iptables/",
    "src/formats/ipset/",
    "src/formats/nft/",
    // What Linux' own listings look like.
    "src/formats/others/",
];

/// The table of formats, and the folder of them all.
const FORMATS: (&str, &str) = ("src/formats/mod.rs", "src/formats/");

/// A file past so many lines is two ideas.
const LONGEST: usize = 500;

#[test]
fn every_folder_uses_only_what_the_design_lets_it_know() {
    let files = files();
    let mut wrong = Vec::new();
    for file in &files {
        let Some(folder) = file.folder() else { continue };
        let Some((_, allowed)) = MAY_USE.iter().find(|(name, _)| *name == folder) else {
            wrong.push(format!("src/{folder} has no row in MAY_USE: say there what it may know"));
            continue;
        };
        for used in file.uses() {
            if used.folder != folder && !allowed.contains(&used.folder.as_str()) {
                wrong.push(format!("{}:{}: src/{folder} must not know crate::{}", file.path, used.line, used.folder));
            }
        }
    }
    for (folder, allowed) in MAY_USE {
        let used: BTreeSet<_> = files
            .iter()
            .filter(|file| file.folder() == Some(folder))
            .flat_map(SourceFile::uses)
            .map(|used| used.folder)
            .filter(|used| used != folder)
            .collect();
        println!("src/{folder} may use {allowed:?} and uses {used:?}");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_file_uses_another_in_a_circle() {
    let files = files();
    let graph = Graph::of(&files);
    let circle = graph.circle();
    let tied: Vec<String> = circle
        .iter()
        .map(|file| {
            let used = graph.uses[*file].iter().filter(|other| circle.contains(other));
            let used: Vec<&str> = used.map(|other| files[*other].path.as_str()).collect();
            format!("{} uses {}", files[*file].path, used.join(", "))
        })
        .collect();
    println!("{} files, {} uses of one by another", files.len(), graph.uses.iter().map(BTreeSet::len).sum::<usize>());
    assert!(tied.is_empty(), "{}", tied.join("\n"));
}

#[test]
fn the_rooms_of_the_audit_use_each_other_one_way() {
    let files = files();
    let graph = Graph::of(&files);
    let room_of = |file: usize| {
        let rest = files[file].path.strip_prefix("src/audit/")?;
        ROOMS.iter().position(|room| rest.split('/').next() == Some(room))
    };
    let mut uses = 0;
    for (file, used) in graph.uses.iter().enumerate() {
        let Some(room) = room_of(file) else { continue };
        for other in used {
            let behind = room_of(*other).is_some_and(|other| other > room);
            assert!(!behind, "{} must not use {}", files[file].path, files[*other].path);
            uses += usize::from(room_of(*other).is_some_and(|other| other < room));
        }
    }
    assert!(uses > 10, "{uses} uses of an earlier room are too little to be all");
    println!("{uses} uses of an earlier room");
}

#[test]
fn crates_and_printing_stay_where_they_belong() {
    let mut wrong = Vec::new();
    for file in files() {
        for (word, folders, why) in ONLY_IN {
            if file.folder().is_some_and(|folder| folders.contains(&folder)) {
                continue;
            }
            let lines = file.lines_with(word);
            wrong.extend(lines.map(|line| format!("{}:{line}: {word} stands in {folders:?} alone: {why}", file.path)));
        }
        // Paths are opened by the command line alone.
        if file.folder() != Some("cli") {
            let lines = file.lines_with("fs");
            wrong.extend(lines.map(|line| format!("{}:{line}: only src/cli opens paths", file.path)));
        }
    }
    println!("looked for {:?}", ONLY_IN.map(|(word, ..)| word));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn facts_of_netfilter_stand_with_its_formats() {
    let mut wrong = Vec::new();
    let mut known = 0;
    for file in files() {
        for word in OF_NETFILTER {
            if NETFILTER.iter().any(|folder| file.path.starts_with(folder)) {
                known += file.lines_saying(word).count();
            } else {
                wrong.extend(file.lines_saying(word).map(|line| format!("{}:{line}: {word}", file.path)));
            }
        }
    }
    assert!(known > 10, "the facts were not found where they belong: {known}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn only_the_table_names_formats() {
    let (table, folder) = FORMATS;
    let formats: BTreeSet<String> = files()
        .iter()
        .filter(|file| file.text.contains("Format for "))
        .filter_map(|file| Some(file.path.strip_prefix(folder)?.split('/').next()?.to_owned()))
        .collect();
    println!("formats: {formats:?}");
    assert!(formats.len() > 3);
    let mut wrong = Vec::new();
    for file in files().iter().filter(|file| file.path != table && file.folder() != Some("tui")) {
        for format in &formats {
            // `csv` is a crate too, and what some listings are written as.
            let own = file.path.starts_with(&format!("{folder}{format}/")) || format == "csv" || format == "windows";
            // Netfilter's formats know each other: dumps look into sets.
            let kin = NETFILTER.iter().any(|folder| file.path.starts_with(folder));
            if !own && !kin {
                wrong.extend(file.lines_with(format).map(|line| format!("{}:{line}: {format}", file.path)));
                let quoted = format!("\"{format}\"");
                wrong.extend(file.lines_saying(&quoted).map(|line| format!("{}:{line}: {quoted}", file.path)));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn nothing_is_unsafe_and_nothing_panics_by_name() {
    let mut wrong = Vec::new();
    for file in files() {
        for word in ["unsafe", "panic!", "todo!", "unimplemented!", "dbg!", "unwrap", "expect"] {
            wrong.extend(file.lines_with(word).map(|line| format!("{}:{line}: {word}", file.path)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_file_is_one_idea_and_says_which() {
    let files = files();
    let mut wrong = Vec::new();
    for file in &files {
        let lines = file.text.lines().count();
        if lines > LONGEST {
            wrong.push(format!("{}: {lines} lines are two ideas; {LONGEST} is the most", file.path));
        }
        if !file.text.starts_with("//!") {
            wrong.push(format!("{}: does not begin by saying what it is for (`//!`)", file.path));
        }
    }
    let mut lengths: Vec<usize> = files.iter().map(|file| file.text.lines().count()).collect();
    lengths.sort_unstable();
    println!("{} files, half of them under {} lines", lengths.len(), lengths[lengths.len() / 2]);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_scanner_sees_through_comments_literals_groups_and_climbing_paths() {
    let file = SourceFile::new(
        "src/tui/screens/list.rs",
        "//! crate::cli\nuse crate::{findings::Run, judge::{self, Judge}};\n/* crate::a /* nested */ crate::b */\n\
         const A: &str = \"crate::c \\\" crate::d\"; const B: char = '\"'; const C: &str = r#\"crate::e \" \"#;\n\
         fn f<'a>(_: &'a str) { super::super::super::audit::go(); super::super::state::go(); crate::report::write(); }\n",
    );
    let uses: Vec<_> = file.uses().into_iter().map(|used| (used.line, used.folder)).collect();
    let expected = [(2, "findings"), (2, "judge"), (5, "report"), (5, "audit")];
    assert_eq!(uses, expected.map(|(line, folder)| (line, folder.to_owned())));
    assert_eq!(file.lines_with("state").collect::<Vec<_>>(), [5]);
    assert_eq!(file.lines_with("stat").count(), 0);
}
