//! From bytes to text: which encoding an input has, and whether it is text at all.
//!
//! A byte order mark decides. Without one, tried in this order: UTF-16 where the bytes are clearly that, UTF-8 where they are
//! valid, and Latin-1, which is never invalid. The choice is recorded with the input.

use std::fmt;

use super::magic::NotText;

/// How an input's bytes encode its text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// UTF-8, plain ASCII included.
    #[default]
    Utf8,
    /// UTF-8 behind a byte order mark, which is not part of the text.
    Utf8Bom,
    /// UTF-16, little endian, with or without a byte order mark; what `>` writes in Windows PowerShell.
    Utf16Le,
    /// UTF-16, big endian, with or without a byte order mark.
    Utf16Be,
    /// ISO 8859-1, each byte its character (0x80–0x9f are controls, unlike in windows-1252); the last resort.
    Latin1,
}

impl Encoding {
    /// The name the JSON and the screen use.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "utf-8",
            Self::Utf8Bom => "utf-8-bom",
            Self::Utf16Le => "utf-16le",
            Self::Utf16Be => "utf-16be",
            Self::Latin1 => "latin-1",
        }
    }
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Decoded text and how it was decoded.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Decoded {
    /// The whole text, line ends included, without a byte order mark.
    pub text: String,
    /// The encoding that was used.
    pub encoding: Encoding,
    /// How many invalid sequences were replaced by U+FFFD.
    pub replaced: usize,
}

/// Decodes an input's bytes, or says that they are binary.
pub(super) fn decode(mut bytes: Vec<u8>) -> Result<Decoded, NotText> {
    let decoded = if bytes.starts_with(b"\xef\xbb\xbf") {
        bytes.drain(..3);
        utf8(bytes, Encoding::Utf8Bom)
    } else if let Some(rest) = bytes.strip_prefix(b"\xff\xfe") {
        utf16(rest, Encoding::Utf16Le)
    } else if let Some(rest) = bytes.strip_prefix(b"\xfe\xff") {
        utf16(rest, Encoding::Utf16Be)
    } else if let Some(encoding) = utf16_without_mark(&bytes) {
        utf16(&bytes, encoding)
    } else {
        utf8(bytes, Encoding::Utf8)
    };
    if is_binary(&decoded) {
        return Err(NotText { what: "binary data", advice: "give the firewall's export as the device writes it" });
    }
    Ok(decoded)
}

/// Decodes UTF-8, or Latin-1 where that is invalid. A last character that the end of the input cuts off is replaced instead,
/// if other characters show that the text is UTF-8.
fn utf8(bytes: Vec<u8>, encoding: Encoding) -> Decoded {
    let error = match String::from_utf8(bytes) {
        Ok(text) => return Decoded { text, encoding, replaced: 0 },
        Err(error) => error,
    };
    let cut_off = error.utf8_error().error_len().is_none();
    let valid = error.utf8_error().valid_up_to();
    let bytes = error.into_bytes();
    let known_utf8 = encoding == Encoding::Utf8Bom || bytes.get(..valid).is_some_and(|whole| !whole.is_ascii());
    if cut_off && known_utf8 {
        return Decoded { text: String::from_utf8_lossy(&bytes).into_owned(), encoding, replaced: 1 };
    }
    Decoded { text: bytes.iter().copied().map(char::from).collect(), encoding: Encoding::Latin1, replaced: 0 }
}

/// Decodes UTF-16; an unpaired surrogate and an odd byte at the end become U+FFFD.
fn utf16(bytes: &[u8], encoding: Encoding) -> Decoded {
    let big = encoding == Encoding::Utf16Be;
    let (pairs, odd) = bytes.as_chunks::<2>();
    let units = pairs.iter().map(|&pair| if big { u16::from_be_bytes(pair) } else { u16::from_le_bytes(pair) });
    let mut text = String::with_capacity(pairs.len());
    let mut replaced = 0;
    for character in char::decode_utf16(units) {
        text.push(character.unwrap_or_else(|_| {
            replaced += 1;
            char::REPLACEMENT_CHARACTER
        }));
    }
    if !odd.is_empty() {
        text.push(char::REPLACEMENT_CHARACTER);
        replaced += 1;
    }
    Decoded { text, encoding, replaced }
}

/// Recognises UTF-16 without a byte order mark: at least two high bytes, and two in five, are NUL (as for ASCII and Latin-1),
/// and at most one in fifty low bytes.
fn utf16_without_mark(bytes: &[u8]) -> Option<Encoding> {
    let (pairs, _) = bytes.as_chunks::<2>();
    let (mut first, mut second) = (0, 0);
    for [a, b] in pairs {
        first += usize::from(*a == 0);
        second += usize::from(*b == 0);
    }
    let clearly = |high: usize, low: usize| high >= 2 && high * 5 >= pairs.len() * 2 && low * 50 <= pairs.len();
    if clearly(second, first) {
        Some(Encoding::Utf16Le)
    } else if clearly(first, second) {
        Some(Encoding::Utf16Be)
    } else {
        None
    }
}

/// Binary data has at least four control characters, and one in fifty of all; text has fewer.
///
/// Those common in terminal captures do not count: tab, line ends, form feed, backspace, bell, escape.
fn is_binary(decoded: &Decoded) -> bool {
    let counts = |c: &char| matches!(c, '\0'..='\x06' | '\x0e'..='\x1a' | '\x1c'..='\x1f' | '\x7f');
    let controls = decoded.text.chars().filter(counts).count() + decoded.replaced;
    controls >= 4 && controls * 50 > decoded.text.chars().count()
}
