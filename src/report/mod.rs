//! temp
use crate::findings::Run;
use std::io;
/// temp
#[derive(Debug, Clone, Copy)]
pub enum ReportFormat {
    /// a
    Json,
    /// b
    Markdown,
    /// c
    Text,
}
impl std::str::FromStr for ReportFormat {
    type Err = String;
    fn from_str(s: &str) -> Result<Self, String> {
        match s {
            "json" => Ok(Self::Json),
            "markdown" | "md" => Ok(Self::Markdown),
            "text" => Ok(Self::Text),
            _ => Err("unknown".into()),
        }
    }
}
/// temp
pub fn write(_: ReportFormat, run: &Run, out: &mut dyn io::Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, run)?;
    writeln!(out)
}
