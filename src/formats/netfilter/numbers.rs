//! Numbers as iptables and ipset read them: decimal, hexadecimal with `0x`, octal with a leading `0` (libxtables,
//! `xtables_strtoul` with base 0).

/// A number of at most `most`; `None` if the text is not a number, or a larger one.
pub fn number(text: &str, most: u64) -> Option<u64> {
    let text = text.trim_start_matches([' ', '\t']);
    let text = text.strip_prefix('+').unwrap_or(text);
    let (digits, radix) = match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(digits) => (digits, 16),
        None if text.len() > 1 && text.starts_with('0') => (text, 8),
        None => (text, 10),
    };
    // Rust's parser would accept a sign.
    if !digits.bytes().all(|digit| digit.is_ascii_alphanumeric()) {
        return None;
    }
    u64::from_str_radix(digits, radix).ok().filter(|value| *value <= most)
}

/// A number of one byte.
pub fn byte(text: &str) -> Option<u8> {
    number(text, 255).and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_prefix_determines_the_base() {
        assert_eq!(number("80", 65_535), Some(80));
        assert_eq!(number("0x50", 65_535), Some(80));
        assert_eq!(number("0120", 65_535), Some(80));
        assert_eq!(number("+80", 65_535), Some(80));
        assert_eq!(number("0", 65_535), Some(0));
    }

    #[test]
    fn text_that_is_not_a_number_or_too_large_is_none() {
        for text in ["", "65536", "08", "-1", "+-1", "++1", "8x", "0x", "٣"] {
            assert_eq!(number(text, 65_535), None, "{text}");
        }
    }
}
