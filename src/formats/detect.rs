//! What a file looks like, by its content alone.
//!
//! Each line votes for the formats whose unmistakable words begin it; the most votes win. Nothing is parsed here.

use super::Format;

/// How many lines are looked at: prompts and banners stand before an export, not thousands of lines of them.
const LINES: usize = 5_000;

/// The format of a text, if it looks like any.
#[must_use]
pub fn detect(text: &str) -> Option<Format> {
    let text = text.trim_start_matches('\u{feff}');
    if text.trim_start().starts_with(['{', '[']) && text.contains("\"nftables\"") {
        return Some(Format::NftJson);
    }
    let mut votes = [0_usize; 4];
    let mut separators: Option<(char, usize, usize)> = None;
    for line in text.lines().take(LINES).map(str::trim).filter(|line| !line.is_empty()) {
        votes[0] += usize::from(is_iptables(line));
        votes[1] += usize::from(is_nft(line));
        votes[2] += usize::from(is_asa(line));
        votes[3] += usize::from(is_ipset(line));
        separators = match separators {
            None => Some(separator(line)),
            Some((mark, columns, rows)) => Some((mark, columns, rows + usize::from(count(line, mark) >= columns))),
        };
    }
    let most = votes.into_iter().max().unwrap_or_default();
    if most > 0 {
        let winner = votes.iter().position(|vote| *vote == most)?;
        return [Format::Iptables, Format::Nft, Format::Asa, Format::Ipset].get(winner).copied();
    }
    match separators {
        Some((_, columns, rows)) if columns >= 3 && rows > 0 => Some(Format::Csv),
        _ => None,
    }
}

/// Lines that only an iptables dump has: table headers, chain declarations, rules, the loader's comments.
fn is_iptables(line: &str) -> bool {
    let words = || line.split_whitespace();
    let first = words().next().unwrap_or_default();
    match first {
        "*filter" | "*nat" | "*mangle" | "*raw" | "*security" | "COMMIT" => words().count() == 1,
        "-A" | "-I" | "-P" | "-N" => words().nth(1).is_some_and(|chain| !chain.starts_with('-')),
        "#" => line.contains("tables-save v") || line.contains("tables-save on"),
        _ if first.starts_with(':') => words().nth(1).is_some_and(|policy| matches!(policy, "ACCEPT" | "DROP" | "-")),
        _ => first.starts_with('[') && words().nth(1).is_some_and(|word| word == "-A"),
    }
}

/// Lines that only an nft rule set has: tables, chain headers, hooks, commands.
fn is_nft(line: &str) -> bool {
    let starts = |beginnings: &[&str]| beginnings.iter().any(|beginning| line.starts_with(beginning));
    (starts(&["table ", "chain ", "set ", "map ", "flowtable "]) && line.ends_with('{'))
        || (starts(&["type filter hook", "type nat hook", "type route hook"]))
        || starts(&[
            "add table ",
            "add chain ",
            "add rule ",
            "add set ",
            "flush ruleset",
            "#!/usr/sbin/nft",
            "nft add ",
        ])
}

/// Lines that only a dump of ipset has: sets with their types, and elements that begin with a digit.
fn is_ipset(line: &str) -> bool {
    let typed = |word: &str| ["hash:", "bitmap:", "list:set"].iter().any(|beginning| word.starts_with(beginning));
    let mut words = line.split_whitespace().filter(|word| !matches!(*word, "ipset" | "-exist" | "-!"));
    match words.next() {
        Some("create" | "-N") => words.nth(1).is_some_and(typed),
        Some("add") => words.nth(1).is_some_and(|element| element.starts_with(|first: char| first.is_ascii_digit())),
        Some("Type:") => words.next().is_some_and(typed),
        _ => false,
    }
}

/// Lines that only a PIX, ASA or FWSM configuration has.
fn is_asa(line: &str) -> bool {
    let starts = |beginnings: &[&str]| beginnings.iter().any(|beginning| line.starts_with(beginning));
    starts(&[
        "access-list ",
        "access-group ",
        "object network ",
        "object service ",
        "object-group ",
        "ASA Version",
        ": Saved",
        "PIX Version",
        "FWSM Version",
        "nameif ",
        "security-level ",
        "ipv6 access-list ",
        "same-security-traffic ",
    ])
}

/// The separator a line uses most, how often, and no further row yet.
fn separator(line: &str) -> (char, usize, usize) {
    let (mark, columns) = [',', ';', '\t', '|']
        .into_iter()
        .map(|mark| (mark, count(line, mark)))
        .max_by_key(|(_, columns)| *columns)
        .unwrap_or((',', 0));
    (mark, columns, 0)
}

/// How often a separator stands in a line.
fn count(line: &str, mark: char) -> usize {
    line.matches(mark).count()
}
