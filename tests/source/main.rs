//! From bytes to text: what is read, what is refused, and how untrusted text is sanitised.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod decoding;
mod ledger;
mod reading;
mod refusals;
mod sanitising;

use edgewarden::source::{Limits, Source, SourceError};

fn read(bytes: &[u8]) -> Result<Source, SourceError> {
    read_within(bytes, &Limits::default())
}

fn read_within(mut bytes: &[u8], limits: &Limits) -> Result<Source, SourceError> {
    Source::read("fw-ext", "fw.rules", &mut bytes, limits)
}

fn lines(source: &Source) -> Vec<&str> {
    source.lines().map(|(_, line)| line).collect()
}
