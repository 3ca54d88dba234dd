//! Tables whose filter chains accept everything: the audit of a dump must not change by them, wherever they stand in it.

/// The ways in which such a chain is written; `{}` is its name.
const CHAINS: &[(&str, &[&str])] = &[
    ("ACCEPT", &[]),
    ("ACCEPT", &["-A {} -j ACCEPT"]),
    ("DROP", &["-A {} -j ACCEPT"]),
    ("ACCEPT", &["-A {} -j ALLOWED"]),
    ("DROP", &["-A {} -j ALLOWED"]),
    ("ACCEPT", &["-A {} -m limit --limit 3/min -j LOG --log-prefix \"seen: \"", "-A {} -p tcp"]),
    ("ACCEPT", &["-A {} -p tcp -m tcp --dport 443 -j ACCEPT", "-A {} -p udp -j RETURN", "-A {} -g ALLOWED"]),
    ("ACCEPT", &["-A {} -p tcp -m limit --limit 5/second -j ACCEPT"]),
    ("DROP", &["-A {} -p tcp -j ACCEPT", "-A {} ! -p tcp -j ACCEPT"]),
];

/// How many ways there are.
pub const WAYS: usize = CHAINS.len() * 2 * 2;

/// The lines of a table whose chains accept everything, the place-th way of writing one, and whether it stands before the filter.
fn table(way: usize) -> (Vec<String>, bool) {
    let (policy, rules) = CHAINS[way % CHAINS.len()];
    let name = if (way / CHAINS.len()).is_multiple_of(2) { "security" } else { "mangle" };
    let bases: &[&str] = &["INPUT", "FORWARD", "OUTPUT"];
    let others: &[&str] = if name == "mangle" { &["PREROUTING", "POSTROUTING"] } else { &[] };
    let mut lines = vec![format!("*{name}")];
    lines.extend(bases.iter().map(|base| format!(":{base} {policy} [10:840]")));
    lines.extend(others.iter().map(|base| format!(":{base} ACCEPT [10:840]")));
    lines.push(":ALLOWED - [0:0]".to_owned());
    lines.extend(bases.iter().flat_map(|base| rules.iter().map(|rule| rule.replace("{}", base))));
    lines.push("-A ALLOWED -j ACCEPT".to_owned());
    lines.push("COMMIT".to_owned());
    (lines, (way / CHAINS.len() / 2).is_multiple_of(2))
}

/// A dump with such a table, and the same with as many comment lines in its stead. None where the dump has that table itself.
pub fn with_and_without(dump: &str, way: usize) -> Option<(String, String)> {
    let (lines, before) = table(way % WAYS);
    let own: Vec<&str> = dump.lines().collect();
    if own.contains(&lines[0].as_str()) {
        return None;
    }
    let filter = own.iter().position(|line| *line == "*filter")?;
    let behind = filter + own[filter..].iter().position(|line| *line == "COMMIT")? + 1;
    let at = if before { filter } else { behind };
    let text = |between: Vec<String>| {
        let first = own[..at].iter().map(|line| (*line).to_owned());
        let last = own[at..].iter().map(|line| (*line).to_owned());
        first.chain(between).chain(last).collect::<Vec<String>>().join("\n") + "\n"
    };
    let comments = vec!["# nothing".to_owned(); lines.len()];
    Some((text(lines), text(comments)))
}
