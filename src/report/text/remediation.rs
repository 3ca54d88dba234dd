//! What a finding's reader does next: the rule that was meant, beside what is needed, and the change that cures it.

use std::io;

use crate::findings::{Finding, Run};
use crate::source::sanitise;

use super::{FINDING_INDENT, line, place};

/// How many misplaced rules, and how many rows of what is needed, are written out.
const MOST: usize = 4;

/// Writes the near miss and the remediation, where there are any.
pub(super) fn write(run: &Run, finding: &Finding, out: &mut dyn io::Write) -> io::Result<()> {
    let indent = " ".repeat(FINDING_INDENT);
    if let Some(near_miss) = &finding.near_miss {
        for rule in near_miss.rules.iter().take(MOST) {
            let kind = near_miss.kind.replace('_', " ");
            line(
                out,
                &format!("{indent}meant   "),
                &format!("{kind}: {} {}", place::path_and_line(run, rule), rule.text),
            )?;
        }
        for row in finding.expected.iter().take(MOST) {
            line(out, &format!("{indent}needed  "), &row.words())?;
        }
    }
    let Some(remediation) = &finding.remediation else { return Ok(()) };
    lines(out, &format!("{indent}change  "), &remediation.r#where)?;
    for text in remediation.diff.lines() {
        // As it is, however long: it is there to be copied.
        writeln!(out, "{indent}  {}", sanitise(text))?;
    }
    lines(out, &format!("{indent}opens   "), &remediation.also_opens)?;
    lines(out, &format!("{indent}undo    "), &remediation.undo)
}

/// Lines of text, the first after a prefix and the others below it.
fn lines(out: &mut dyn io::Write, prefix: &str, text: &str) -> io::Result<()> {
    let below = " ".repeat(prefix.len());
    for (number, text) in text.lines().enumerate() {
        line(out, if number == 0 { prefix } else { &below }, text)?;
    }
    Ok(())
}
