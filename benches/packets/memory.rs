//! Peak memory, as Linux counts it for the process (proc(5), `VmHWM` and `clear_refs`); nowhere else.

use std::fs;

pub struct Peak {
    before: Option<u64>,
}

impl Peak {
    /// Forgets the peak so far.
    pub fn start() -> Self {
        let reset = fs::write("/proc/self/clear_refs", "5");
        Self { before: reset.ok().and_then(|()| kilobytes("VmRSS:")) }
    }

    /// Bytes at the peak since then, more than there were.
    pub fn bytes(&self) -> Option<u64> {
        Some(kilobytes("VmHWM:")?.saturating_sub(self.before?) * 1024)
    }
}

fn kilobytes(field: &str) -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    status.lines().find_map(|line| line.strip_prefix(field))?.trim().strip_suffix(" kB")?.parse().ok()
}
