//! nftables: what `nft list ruleset` prints and scripts for `nft -f` (nft(8)), and the same as JSON
//! (libnftables-json(5)). Both are recognised; no reader is written yet.

use super::format::Format;
use super::recognition::Certainty::{Own, Title};
use super::recognition::{Recognition, Sign, recognise};

/// A rule set as text.
#[derive(Debug)]
pub struct Nft;

/// A rule set as JSON.
#[derive(Debug)]
pub struct NftJson;

impl Format for Nft {
    fn name(&self) -> &'static str {
        "nft"
    }

    fn description(&self) -> &'static str {
        "an nftables rule set"
    }

    fn recognise(&self, text: &str) -> Option<Recognition> {
        recognise(text, SIGNS)
    }
}

impl Format for NftJson {
    fn name(&self) -> &'static str {
        "nft-json"
    }

    fn description(&self) -> &'static str {
        "an nftables rule set as JSON"
    }

    fn may_be_one_line(&self) -> bool {
        true
    }

    /// An object with the one key `nftables`, however it is broken into lines.
    fn recognise(&self, text: &str) -> Option<Recognition> {
        let begins = text.trim_start_matches('\u{feff}').trim_start().starts_with(['{', '[']);
        let sign = "JSON with the key \"nftables\"";
        (begins && text.contains("\"nftables\"")).then_some(Recognition { certainty: Title, lines: 1, line: 1, sign })
    }
}

/// Words that only an nft rule set has: tables and what they hold, hooks, commands.
const SIGNS: &[Sign] = &[
    Sign::form(Title, "a table such as table inet filter {", |line| opens(line, &["table "])),
    Sign::begins(Title, "#!/usr/sbin/nft"),
    Sign::begins(Title, "flush ruleset"),
    Sign::form(Own, "a block such as chain input {", |line| opens(line, &["chain ", "set ", "map ", "flowtable "])),
    Sign::begins(Own, "type filter hook"),
    Sign::begins(Own, "type nat hook"),
    Sign::begins(Own, "type route hook"),
    Sign::begins(Own, "add table "),
    Sign::begins(Own, "add chain "),
    Sign::begins(Own, "add rule "),
    Sign::begins(Own, "add set "),
    Sign::begins(Own, "nft add "),
];

fn opens(line: &str, beginnings: &[&str]) -> bool {
    line.ends_with('{') && beginnings.iter().any(|beginning| line.starts_with(beginning))
}
