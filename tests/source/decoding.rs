use edgewarden::source::Encoding;
use proptest::prelude::*;

use super::{lines, read};

fn utf16(text: &str, bytes_of: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(bytes_of).collect()
}

/// Reads the bytes and expects this encoding, nothing replaced, and these two lines.
fn check(bytes: &[u8], encoding: &str, expected: [&str; 2]) {
    let source = read(bytes).unwrap();
    assert_eq!((source.encoding.name(), source.replaced), (encoding, 0));
    assert_eq!(lines(&source), expected);
    assert_eq!(source.bytes, bytes.len() as u64);
}

const TEXT: &str = "# Büro – 東京\r\n-A FORWARD -j DROP\r\n";
const LINES: [&str; 2] = ["# Büro – 東京", "-A FORWARD -j DROP"];
const WESTERN: &str = "# Büro Größe\r\n-A FORWARD -j DROP\r\n";
const WESTERN_LINES: [&str; 2] = ["# Büro Größe", "-A FORWARD -j DROP"];

#[test]
fn plain_ascii_is_utf8() {
    check(b"a\nb\n", "utf-8", ["a", "b"]);
}

#[test]
fn utf8_with_and_without_a_mark() {
    check(TEXT.as_bytes(), "utf-8", LINES);
    check(format!("\u{feff}{TEXT}").as_bytes(), "utf-8-bom", LINES);
}

#[test]
fn utf16_with_a_mark_as_powershell_writes_it() {
    check(&utf16(&format!("\u{feff}{TEXT}"), u16::to_le_bytes), "utf-16le", LINES);
    check(&utf16(&format!("\u{feff}{TEXT}"), u16::to_be_bytes), "utf-16be", LINES);
}

#[test]
fn utf16_without_a_mark_is_recognised_by_its_nuls() {
    check(&utf16(WESTERN, u16::to_le_bytes), "utf-16le", WESTERN_LINES);
    check(&utf16(WESTERN, u16::to_be_bytes), "utf-16be", WESTERN_LINES);
}

#[test]
fn in_latin1_each_byte_is_one_character() {
    check(b"# B\xfcro Gr\xf6\xdfe\r\n-A FORWARD -j DROP\r\n", "latin-1", WESTERN_LINES);
    check(b"\x93quoted\x94\nend", "latin-1", ["\u{93}quoted\u{94}", "end"]);
}

#[test]
fn invalid_bytes_after_a_mark_are_not_utf8() {
    check(b"\xef\xbb\xbfB\xfcro\nx", "latin-1", ["Büro", "x"]);
}

#[test]
fn an_odd_byte_at_the_end_of_utf16_is_shown_and_not_dropped() {
    let mut bytes = utf16("\u{feff}-A FORWARD\r\n-j DROP", u16::to_le_bytes);
    bytes.push(b'x');
    let source = read(&bytes).unwrap();
    assert_eq!((source.encoding, source.replaced), (Encoding::Utf16Le, 1));
    assert_eq!(lines(&source), ["-A FORWARD", "-j DROP\u{fffd}"]);
}

#[test]
fn an_unpaired_surrogate_is_replaced() {
    let mut bytes = utf16("\u{feff}object network ", u16::to_le_bytes);
    bytes.extend([0x00, 0xd8]);
    bytes.extend(utf16("x\n", u16::to_le_bytes));
    let source = read(&bytes).unwrap();
    assert_eq!((source.text(), source.replaced), ("object network \u{fffd}x\n", 1));
}

#[test]
fn utf8_cut_off_inside_a_character_stays_utf8() {
    let source = read(b"# B\xc3\xbcro K\xc3").unwrap();
    assert_eq!((source.encoding, source.replaced, source.text()), (Encoding::Utf8, 1, "# Büro K\u{fffd}"));
    let source = read(b"# Universit\xe4").unwrap();
    assert_eq!((source.encoding, source.replaced, source.text()), (Encoding::Latin1, 0, "# Universitä"));
}

#[test]
fn a_mark_alone_is_an_empty_text() {
    for (bytes, name) in
        [(&b"\xef\xbb\xbf"[..], "utf-8-bom"), (b"\xff\xfe", "utf-16le"), (b"\xfe\xff", "utf-16be"), (b"", "utf-8")]
    {
        let source = read(bytes).unwrap();
        assert_eq!((source.encoding.name(), source.line_count(), source.text()), (name, 0, ""));
    }
}

#[test]
fn a_single_nul_stays_in_the_text() {
    for bytes in [&b"-A INPUT\x00 -j DROP\n"[..], b"a\0", b"\0a", b"\0"] {
        let source = read(bytes).unwrap();
        assert_eq!((source.encoding, source.text().as_bytes()), (Encoding::Utf8, bytes));
    }
}

proptest! {
    #[test]
    fn every_text_survives_every_encoding_with_a_mark(text in "[ -~\u{a0}-\u{2fff}\u{10000}-\u{10fff}\r\n]{0,80}") {
        let marked = format!("\u{feff}{text}");
        for bytes in [marked.clone().into_bytes(), utf16(&marked, u16::to_le_bytes), utf16(&marked, u16::to_be_bytes)] {
            let source = read(&bytes).unwrap();
            prop_assert_eq!(source.text(), &text);
        }
    }

    #[test]
    fn latin1_keeps_every_byte(bytes in prop::collection::vec(0xa0_u8.., 1..80)) {
        let bytes = [&b"\xfc "[..], &bytes].concat();
        let text: String = bytes.iter().copied().map(char::from).collect();
        let source = read(&bytes).unwrap();
        prop_assert_eq!(source.encoding, Encoding::Latin1);
        prop_assert_eq!(source.text(), text);
    }

    #[test]
    fn decoding_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        if let Ok(source) = read(&bytes) {
            prop_assert_eq!(source.lines().count(), source.line_count() as usize);
        }
    }
}
