//! The yardstick: what any reader of the text must do at least, read it and split it at line ends and spaces.

use std::hint::black_box;
use std::io::Write as _;
use std::time::Duration;

/// The best of some runs, with the file in the page cache.
pub fn measure(text: &str) -> Duration {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    let read = || {
        let bytes = std::fs::read(file.path()).unwrap();
        black_box(tokens(&bytes))
    };
    (0..5).map(|_| crate::timed(read).1).min().unwrap_or_default()
}

/// How many tokens there are, and something that depends on where they end.
fn tokens(bytes: &[u8]) -> (usize, usize) {
    let (mut count, mut sum, mut start) = (0, 0, 0);
    for (place, byte) in bytes.iter().enumerate() {
        if matches!(byte, b' ' | b'\n') {
            if place > start {
                count += 1;
                sum ^= place - start;
            }
            start = place + 1;
        }
    }
    (count, sum)
}
