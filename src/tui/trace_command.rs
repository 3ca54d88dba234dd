//! A witness packet as a command line that replays it.

use crate::findings::{Finding, Packet, Run};

/// The `edgewarden trace` command that judges the finding's witness again, if it has one.
pub fn of(run: &Run, finding: &Finding) -> Option<String> {
    let packet = finding.witness.as_ref()?;
    let mut words = vec!["edgewarden".to_owned(), "trace".to_owned()];
    let paths: Vec<_> = exports(run, finding).map(quoted).collect();
    if paths.is_empty() {
        words.push("EXPORT".to_owned());
    }
    words.extend(paths);
    for (flag, value) in fields(packet) {
        words.push(format!("--{flag}"));
        words.push(quoted(&value));
    }
    Some(words.join(" "))
}

/// A packet's fields that are set, by the names of `trace`'s flags, in their order.
pub fn fields(packet: &Packet) -> Vec<(&'static str, String)> {
    let number = |value: Option<u16>| value.map(|value| value.to_string());
    let all = [
        ("hook", Some(packet.hook.clone())),
        ("in", packet.ingress.clone()),
        ("out", packet.egress.clone()),
        ("src", Some(packet.src.clone())),
        ("dst", Some(packet.dst.clone())),
        ("proto", Some(packet.proto.clone())),
        ("sport", number(packet.sport)),
        ("dport", number(packet.dport)),
        ("type", number(packet.icmp_type.map(u16::from))),
        ("code", number(packet.icmp_code.map(u16::from))),
        ("tcp-flags", packet.tcp_flags.clone()),
        ("state", Some(packet.state.clone())),
    ];
    all.into_iter().filter_map(|(flag, value)| Some((flag, value?))).collect()
}

/// The files of the finding's firewall: `fw`, then `fw.2`, `fw.3`, …
fn exports<'a>(run: &'a Run, finding: &'a Finding) -> impl Iterator<Item = &'a str> {
    let firewall = finding.firewall.as_deref();
    run.inputs.iter().filter_map(move |input| {
        let rest = input.id.strip_prefix(firewall?)?;
        let further = rest.strip_prefix('.').is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit()));
        (rest.is_empty() || further).then_some(input.path.as_str())
    })
}

/// A word as a POSIX shell takes it.
fn quoted(word: impl AsRef<str>) -> String {
    let word = word.as_ref();
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-./:,@%+=".contains(&byte);
    if !word.is_empty() && word.bytes().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}
