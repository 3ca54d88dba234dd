//! Recognises by their first bytes inputs that are not text: archives, documents, programs, pictures, captures.
//!
//! Only signatures that no text begins with are listed; other binary data is found by [`super::decode`].

/// How many of the first bytes [`recognise`] needs; the signature of a tar archive ends at byte 262.
pub(super) const PREFIX: usize = 4096;

/// What an input is instead of text, and the advice for its user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NotText {
    /// What it is, with its article.
    pub what: &'static str,
    /// What to do about it.
    pub advice: &'static str,
}

const UNPACK: &str = "unpack it and give the export itself";
const TEXT_EXPORT: &str = "export the rules as plain text or CSV and give that";
const NOT_AN_EXPORT: &str = "give the firewall's export";
const AS_UTF8: &str = "save it as UTF-8 and give that";

/// Signature, what has it, advice.
const SIGNATURES: &[(&[u8], &str, &str)] = &[
    (b"PK\x03\x04", "a ZIP archive (an XLSX?)", UNPACK),
    (b"PK\x05\x06", "an empty ZIP archive", NOT_AN_EXPORT),
    (b"PK\x07\x08", "a split ZIP archive", UNPACK),
    (b"\x1f\x8b", "a gzip archive", UNPACK),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive", UNPACK),
    (b"\xfd7zXZ\x00", "an xz archive", UNPACK),
    (b"\x28\xb5\x2f\xfd", "a zstd archive", UNPACK),
    (b"%PDF-", "a PDF document", TEXT_EXPORT),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office document (an XLS or DOC?)", TEXT_EXPORT),
    (b"\x7fELF", "a program (ELF)", NOT_AN_EXPORT),
    (b"\x89PNG\r\n\x1a\n", "a picture (PNG)", TEXT_EXPORT),
    (b"\xff\xd8\xff", "a picture (JPEG)", TEXT_EXPORT),
    (b"GIF87a", "a picture (GIF)", TEXT_EXPORT),
    (b"GIF89a", "a picture (GIF)", TEXT_EXPORT),
    (b"SQLite format 3\x00", "a database (SQLite)", TEXT_EXPORT),
    (b"\xd4\xc3\xb2\xa1", "a packet capture (pcap)", NOT_AN_EXPORT),
    (b"\xa1\xb2\xc3\xd4", "a packet capture (pcap)", NOT_AN_EXPORT),
    (b"\xff\xfe\x00\x00", "UTF-32", AS_UTF8),
    (b"\x00\x00\xfe\xff", "UTF-32", AS_UTF8),
];

/// The blocks a bzip2 stream begins with, after `BZh` and a digit: data, or the end of an empty one.
const BZIP2_BLOCKS: [&[u8]; 2] = [b"1AY&SY", b"\x17\x72\x45\x38\x50\x90"];

/// What an input is instead of text, if its first bytes ([`PREFIX`] of them, or all) have a signature.
pub(super) fn recognise(prefix: &[u8]) -> Option<NotText> {
    SIGNATURES
        .iter()
        .find(|(signature, ..)| prefix.starts_with(signature))
        .map(|&(_, what, advice)| NotText { what, advice })
        .or_else(|| is_bzip2(prefix).then_some(NotText { what: "a bzip2 archive", advice: UNPACK }))
        .or_else(|| is_tar(prefix).then_some(NotText { what: "a tar archive", advice: UNPACK }))
        .or_else(|| is_pcapng(prefix).then_some(NotText { what: "a packet capture (pcapng)", advice: NOT_AN_EXPORT }))
        .or_else(|| is_windows_program(prefix).then_some(NotText { what: "a program (EXE)", advice: NOT_AN_EXPORT }))
}

fn is_bzip2(prefix: &[u8]) -> bool {
    prefix.starts_with(b"BZh")
        && prefix.get(3).is_some_and(u8::is_ascii_digit)
        && prefix.get(4..10).is_some_and(|block| BZIP2_BLOCKS.contains(&block))
}

fn is_tar(prefix: &[u8]) -> bool {
    prefix.get(257..262) == Some(b"ustar") && prefix.contains(&0)
}

/// The signature alone could be empty lines, so the byte order mark of the first section must follow.
fn is_pcapng(prefix: &[u8]) -> bool {
    prefix.starts_with(b"\n\r\r\n") && matches!(prefix.get(8..12), Some(b"\x1a\x2b\x3c\x4d" | b"\x4d\x3c\x2b\x1a"))
}

/// `MZ` alone could begin a text; a program's first 64 bytes also hold NULs.
fn is_windows_program(prefix: &[u8]) -> bool {
    prefix.starts_with(b"MZ") && prefix.get(2..64).is_some_and(|header| header.contains(&0))
}
