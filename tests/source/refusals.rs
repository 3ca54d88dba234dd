use edgewarden::source::SourceError;
use proptest::prelude::*;

use super::read;

/// The refusal of an input that begins with these bytes; more follow, some of them NUL.
fn refusal(beginning: &[u8]) -> String {
    let error = read(&[beginning, &[0, 1, 2, 3, 0, 0x80, 0xff, b'\n', 0, 0]].concat()).unwrap_err();
    assert!(matches!(error, SourceError::NotText { .. }), "{error:?}");
    error.to_string()
}

#[test]
fn the_advice_for_archives_is_to_unpack_them() {
    for (beginning, what) in [
        (&b"PK\x03\x04\x14\x00"[..], "a ZIP archive (an XLSX?)"),
        (b"PK\x07\x08", "a split ZIP archive"),
        (b"\x1f\x8b\x08", "a gzip archive"),
        (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
        (b"\xfd7zXZ\x00", "an xz archive"),
        (b"\x28\xb5\x2f\xfd", "a zstd archive"),
        (b"BZh91AY&SY", "a bzip2 archive"),
    ] {
        assert_eq!(
            refusal(beginning),
            format!("fw.rules: this is {what}, not text: unpack it and give the export itself")
        );
    }
}

#[test]
fn a_tar_archive_is_recognised_by_its_header() {
    let mut header = vec![0; 512];
    header[..8].copy_from_slice(b"fw.rules");
    header[257..262].copy_from_slice(b"ustar");
    assert!(refusal(&header).contains("a tar archive"));
}

#[test]
fn the_advice_for_documents_pictures_and_databases_is_to_export_text() {
    for (beginning, what) in [
        (&b"%PDF-1.7\n"[..], "a PDF document"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office document (an XLS or DOC?)"),
        (b"\x89PNG\r\n\x1a\n", "a picture (PNG)"),
        (b"\xff\xd8\xff\xe0", "a picture (JPEG)"),
        (b"GIF89a", "a picture (GIF)"),
        (b"SQLite format 3\0", "a database (SQLite)"),
    ] {
        let expected =
            format!("fw.rules: this is {what}, not text: export the rules as plain text or CSV and give that");
        assert_eq!(refusal(beginning), expected);
    }
}

#[test]
fn programs_and_captures_are_refused() {
    for (beginning, what) in [
        (&b"\x7fELF\x02"[..], "a program (ELF)"),
        (&[&b"MZ\x90"[..], &[0; 61]].concat(), "a program (EXE)"),
        (b"\xd4\xc3\xb2\xa1\x02\x00", "a packet capture (pcap)"),
        (b"\n\r\r\n\x1c\x00\x00\x00\x4d\x3c\x2b\x1a", "a packet capture (pcapng)"),
        (b"PK\x05\x06", "an empty ZIP archive"),
    ] {
        assert_eq!(refusal(beginning), format!("fw.rules: this is {what}, not text: give the firewall's export"));
    }
}

#[test]
fn the_advice_for_utf32_is_to_save_as_utf8() {
    assert_eq!(refusal(b"\xff\xfe\0\0a\0\0\0"), "fw.rules: this is UTF-32, not text: save it as UTF-8 and give that");
}

#[test]
fn text_that_begins_like_a_signature_is_text() {
    for text in ["MZ;permit;443\n", "BZh9 is a zone\n", "PK,from,to\n", "\n\r\r\nabc\n", "7z\n", "GIF8\n"] {
        assert!(read(text.as_bytes()).is_ok(), "{text:?}");
    }
}

#[test]
fn binary_data_without_a_signature_is_refused() {
    let bytes: Vec<u8> = (0..=u8::MAX).cycle().take(4096).collect();
    for bytes in [&bytes[..], b"abc\0\0\0\0\0\0\0\0def", &[0; 64], &[0xff, 0xfe, 0, 0xd8, 1, 0xd8, 2, 0xd8, 3, 0xd8]] {
        let message = read(bytes).unwrap_err().to_string();
        assert_eq!(
            message,
            "fw.rules: this is binary data, not text: give the firewall's export as the device writes it"
        );
    }
}

#[test]
fn a_terminal_capture_is_text() {
    let capture =
        "<--- More --->\x08\x08\x08\x08\x08\x08\r              \raccess-list a\n\x1b[0m\x07 fw# \n".repeat(50);
    assert!(read(capture.as_bytes()).is_ok());
}

proptest! {
    #[test]
    fn no_refusal_quotes_the_input_or_carries_a_control(label in any::<String>(), bytes in prop::collection::vec(0_u8..32, 8..64)) {
        if let Err(error) = edgewarden::source::Source::read("fw", &label, &mut &bytes[..], &edgewarden::source::Limits::default()) {
            prop_assert!(!error.to_string().chars().any(char::is_control));
        }
    }
}
