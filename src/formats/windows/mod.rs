//! Windows' own firewall, as `netsh advfirewall firewall show rule name=all verbose` prints it: a block for each rule
//! (Microsoft Learn, "netsh advfirewall"). It is recognised; no reader is written yet.

use super::format::Format;
use super::recognition::Certainty::Own;
use super::recognition::{Recognition, Sign, recognise};

/// Windows Defender Firewall.
#[derive(Debug)]
pub struct Windows;

impl Format for Windows {
    fn name(&self) -> &'static str {
        "windows"
    }

    fn description(&self) -> &'static str {
        "a netsh listing of Windows firewall rules"
    }

    fn recognise(&self, text: &str) -> Option<Recognition> {
        recognise(text, SIGNS)
    }
}

const SIGNS: &[Sign] =
    &[Sign::begins(Own, "Rule Name:"), Sign::begins(Own, "Edge traversal:"), Sign::begins(Own, "RemoteIP:")];
