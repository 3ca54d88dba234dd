use std::io::{self, Read};

use edgewarden::model::Span;
use edgewarden::source::{Limits, Source, SourceError};
use proptest::prelude::*;

use super::{lines, read, read_within};

#[test]
fn a_source_has_id_path_and_hash() {
    let source = Source::read("fw-ext", "ex\x1b[2Jports/fw.rules", &mut &b"abc"[..], &Limits::default()).unwrap();
    assert_eq!((source.id.as_str(), source.path.as_str(), source.bytes), ("fw-ext", "ex\\x1b[2Jports/fw.rules", 3));
    assert_eq!(source.sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

#[test]
fn lf_crlf_and_a_trailing_cr_end_a_line() {
    for text in ["a\nb\nc", "a\nb\nc\n", "a\r\nb\r\nc\r\n", "a\r\nb\nc\r", "a\r\r\nb\r\nc\r\n", "a\rb\rc", "a\rb\rc\r"]
    {
        let source = read(text.as_bytes()).unwrap();
        assert_eq!(lines(&source), ["a", "b", "c"], "{text:?}");
        assert_eq!(source.line_count(), 3, "{text:?}");
    }
}

#[test]
fn a_cr_inside_a_line_is_part_of_it() {
    let source = read(b"permit\rdeny\nb\n").unwrap();
    assert_eq!(lines(&source), ["permit\rdeny", "b"]);
}

#[test]
fn nothing_else_ends_a_line() {
    let text = "a\u{85}b\u{2028}c\u{2029}d\u{c}e\u{b}f";
    assert_eq!(lines(&read(text.as_bytes()).unwrap()), [text]);
}

#[test]
fn empty_input_has_no_lines_and_blank_lines_count() {
    let source = read(b"").unwrap();
    assert_eq!((source.line_count(), source.line(0), source.line(1), source.line_at(0)), (0, None, None, 0));
    assert_eq!(lines(&read(b"\n").unwrap()), [""]);
    assert_eq!(lines(&read(b"\n\na\n\n").unwrap()), ["", "", "a", ""]);
}

#[test]
fn lines_are_counted_from_one() {
    let source = read(b"one\r\ntwo\r\nthree").unwrap();
    assert_eq!(source.line(1), Some("one"));
    assert_eq!(source.line(3), Some("three"));
    assert_eq!((source.line(0), source.line(4), source.line(u32::MAX)), (None, None, None));
    assert_eq!(source.lines().collect::<Vec<_>>(), [(1, "one"), (2, "two"), (3, "three")]);
    assert_eq!((source.line_start(2), source.line_start(4)), (Some(5), None));
    assert_eq!([0, 4, 5, 9, 10, 14, 99].map(|offset| source.line_at(offset)), [1, 1, 2, 2, 3, 3, 3]);
}

#[test]
fn a_line_of_2_mib_is_refused_with_its_number() {
    let bytes = [&b"a\nb\r\n"[..], &vec![b'x'; 2 << 20], b"\nc\n"].concat();
    let error = read(&bytes).unwrap_err();
    assert!(matches!(error, SourceError::LineTooLong { line: 3, limit: 1_048_576, .. }), "{error:?}");
    assert_eq!(
        error.to_string(),
        "fw.rules:3: this line is longer than 1 MiB, which no rule is: give the export with the line ends that the device wrote"
    );
    let any = Limits { max_line_bytes: usize::MAX, ..Limits::default() };
    let source = read_within(&bytes, &any).unwrap();
    assert_eq!(source.line(3).unwrap().len(), 2 << 20);
    assert!(source.check_line_lengths(2 << 20).is_ok());
    assert!(matches!(source.check_line_lengths(1 << 20), Err(SourceError::LineTooLong { line: 3, .. })));
}

#[test]
fn the_limits_themselves_are_allowed() {
    let limits = Limits { max_bytes: 12, max_line_bytes: 5 };
    assert!(read_within(b"12345\r\n12345", &limits).is_ok());
    assert!(matches!(read_within(b"12345\n123456", &limits), Err(SourceError::LineTooLong { line: 2, limit: 5, .. })));
    assert!(matches!(read_within(b"1\n2\n3\n4\n5\n6\n7", &limits), Err(SourceError::TooLarge { limit: 12, .. })));
}

#[test]
fn an_endless_line_stops_long_before_the_limit() {
    for byte in [b'x', 0xfc] {
        let mut endless = Counting { inner: io::repeat(byte), read: 0 };
        let error = Source::read("fw", "pipe", &mut endless, &Limits::default()).unwrap_err();
        assert!(matches!(error, SourceError::LineTooLong { line: 1, .. }), "{error}");
        assert!(endless.read < 4 << 20, "{} bytes read", endless.read);
    }
    let error = Source::read("fw", "/dev/zero", &mut io::repeat(0), &Limits::default()).unwrap_err();
    assert!(error.to_string().starts_with("/dev/zero: this is binary data, not text: "), "{error}");
}

#[test]
fn endless_lines_stop_at_the_limit() {
    let limits = Limits { max_bytes: 1 << 20, ..Limits::default() };
    let mut endless = Counting { inner: io::repeat(b'\n'), read: 0 };
    let error = Source::read("fw", "pipe", &mut endless, &limits).unwrap_err();
    assert_eq!(error.to_string(), "pipe: longer than 1 MiB: give one export per file");
    assert!(endless.read <= (1 << 20) + (64 << 10), "{} bytes read", endless.read);
}

#[test]
fn reading_survives_interrupts_and_single_bytes() {
    let mut reader = Hiccup { bytes: b"a\nb\n", interrupted: false };
    let source = Source::read("fw", "fw", &mut reader, &Limits::default()).unwrap();
    assert_eq!(lines(&source), ["a", "b"]);
}

#[test]
fn an_unreadable_input_gives_path_and_advice() {
    let error = Source::read("fw", "exports", &mut Failing, &Limits::default()).unwrap_err();
    let message = error.to_string();
    assert!(
        message.starts_with("exports: cannot be read (") && message.ends_with("): name the export inside it"),
        "{message}"
    );
    assert_eq!(error.path(), "exports");
}

#[test]
fn debug_does_not_show_the_text() {
    let source = read(b"enable password hunter2\n").unwrap();
    assert!(!format!("{source:?}").contains("hunter2"));
}

proptest! {
    #[test]
    fn lines_cover_the_text_in_order(text in "[ab\r\n]{0,40}") {
        let source = read(text.as_bytes()).unwrap();
        let mut end = 0;
        for (number, line) in source.lines() {
            let start = source.line_start(number).unwrap();
            prop_assert!(text[end..start].chars().all(|c| c == '\r' || c == '\n'));
            prop_assert_eq!(&text[start..start + line.len()], line);
            prop_assert_eq!(source.line_at(start), number);
            end = start + line.len();
        }
        prop_assert!(text[end..].chars().all(|c| c == '\r' || c == '\n'));
        prop_assert_eq!(source.lines().count(), source.line_count() as usize);
        if text.contains('\n') {
            prop_assert_eq!(source.line_count() as usize, text.lines().count());
        }
    }
}

struct Counting<R> {
    inner: R,
    read: usize,
}

impl<R: Read> Read for Counting<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.read += count;
        Ok(count)
    }
}

struct Hiccup {
    bytes: &'static [u8],
    interrupted: bool,
}

impl Read for Hiccup {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.interrupted = !self.interrupted;
        if self.interrupted {
            return Err(io::ErrorKind::Interrupted.into());
        }
        self.bytes.read(&mut buffer[..1])
    }
}

struct Failing;

impl Read for Failing {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Err(io::ErrorKind::IsADirectory.into())
    }
}

#[test]
fn an_export_that_is_one_line_of_fifty_megabytes_has_positions_in_it() {
    // What `nft --json` prints: one line, and a rule far inside it.
    let rule = r#"{"rule":{"chain":"forward","expr":[{"accept":null}],"comment":"é"}},"#;
    let count = (50 << 20) / rule.len();
    let text = format!("{{\"nftables\":[{}]}}", rule.repeat(count).trim_end_matches(','));
    let limits = Limits { max_line_bytes: usize::MAX, ..Limits::default() };
    let source = Source::read("fw", "fw.json", &mut text.as_bytes(), &limits).unwrap();
    assert_eq!((source.line_count(), source.bytes), (1, text.len() as u64));
    // The last rule: its bytes, its line and its column in characters, of which each é before it is one.
    let start = text.len() - rule.len() - 1;
    let span = Span::of(start..text.len() - 2);
    assert_eq!(source.text().get(span.range()), Some(rule.trim_end_matches(',')));
    let column = u32::try_from(text[..start].chars().count() + 1).unwrap();
    assert_eq!(source.position(start), (1, column));
    assert_eq!(source.line_at(start), 1);
    // Under the ordinary limit for lines it is refused, with the line named.
    let error = Source::read("fw", "fw.json", &mut text.as_bytes(), &Limits::default()).unwrap_err();
    assert!(error.to_string().contains("fw.json:1: "), "{error}");
}
