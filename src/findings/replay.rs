//! A witness packet as text: on one line, by its fields, and as the command that replays it.

use std::fmt::Write as _;

use super::{Finding, Packet, Run};

/// The packet on one line, such as `tcp 198.51.100.1:45000 → 203.0.113.10:443, in eth0, out eth1, SYN, new`.
#[must_use]
pub fn one_line(packet: &Packet) -> String {
    let end = |address: &str, port: Option<u16>| match port {
        Some(port) if address.contains(':') => format!("[{address}]:{port}"),
        Some(port) => format!("{address}:{port}"),
        None => address.to_owned(),
    };
    let mut line = format!("{} {} → {}", packet.proto, end(&packet.src, packet.sport), end(&packet.dst, packet.dport));
    let mut more = |name: &str, value: Option<&str>| {
        if let Some(value) = value {
            let _ = write!(line, ", {name}{value}");
        }
    };
    more("type ", packet.icmp_type.map(|number| number.to_string()).as_deref());
    more("code ", packet.icmp_code.map(|number| number.to_string()).as_deref());
    more("in ", packet.ingress.as_deref());
    more("out ", packet.egress.as_deref());
    more("", packet.tcp_flags.as_deref());
    more("", Some(&packet.state));
    line
}

/// The fields of a packet by the names that `edgewarden trace` takes, in the order it lists them.
#[must_use]
pub fn fields(packet: &Packet) -> Vec<(&'static str, String)> {
    let number = |number: Option<u16>| number.map(|number| number.to_string());
    let small = |number: Option<u8>| number.map(|number| number.to_string());
    let all = [
        ("hook", Some(packet.hook.clone())),
        ("in", packet.ingress.clone()),
        ("out", packet.egress.clone()),
        ("src", Some(packet.src.clone())),
        ("dst", Some(packet.dst.clone())),
        ("proto", Some(packet.proto.clone())),
        ("sport", number(packet.sport)),
        ("dport", number(packet.dport)),
        ("type", small(packet.icmp_type)),
        ("code", small(packet.icmp_code)),
        ("tcp-flags", packet.tcp_flags.clone()),
        ("state", Some(packet.state.clone())),
    ];
    all.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
}

/// The command that replays a finding's witness against the export, quoted for a POSIX shell.
#[must_use]
pub fn trace_command(run: &Run, finding: &Finding) -> Option<String> {
    let packet = finding.witness.as_ref()?;
    let firewall = finding.firewall.as_deref()?;
    let mut command = "edgewarden trace".to_owned();
    let mut files = run.inputs.iter().filter(|input| input.firewall.as_deref() == Some(firewall)).peekable();
    files.peek()?;
    for file in files {
        command.push(' ');
        command.push_str(&quoted(&not_an_option(&file.path)));
    }
    for (name, value) in fields(packet) {
        // A value that begins with a dash would be parsed as an option.
        let between = if value.starts_with('-') { '=' } else { ' ' };
        let _ = write!(command, " --{name}{between}{}", quoted(&value));
    }
    Some(command)
}

/// A path that is not parsed as an option. A dash alone is standard input and is kept.
fn not_an_option(path: &str) -> String {
    if path.starts_with('-') && path != "-" { format!("./{path}") } else { path.to_owned() }
}

/// One word for a POSIX shell: unquoted where no character is special, else in single quotes.
fn quoted(word: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_./:,@%+=-".contains(&byte);
    if !word.is_empty() && word.bytes().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::{not_an_option, quoted};

    #[test]
    fn a_word_with_special_characters_is_quoted() {
        assert_eq!(quoted("fw-ext.rules"), "fw-ext.rules");
        assert_eq!(quoted(""), "''");
        assert_eq!(quoted("a b"), "'a b'");
        assert_eq!(quoted("$(reboot)`id`;&"), "'$(reboot)`id`;&'");
        assert_eq!(quoted("it's"), r"'it'\''s'");
        assert_eq!(quoted("~/x*"), "'~/x*'");
    }

    #[test]
    fn a_path_is_never_an_option() {
        assert_eq!(not_an_option("--help"), "./--help");
        assert_eq!(not_an_option("-"), "-");
    }
}
