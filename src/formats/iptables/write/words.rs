//! Names and comments in rules. Names that the syntax does not allow are refused; comments are sanitised and shortened.

use crate::model::Unwritable;
use crate::source::sanitise;

use super::cannot;

/// The most bytes of a chain name (kernel `XT_EXTENSION_MAXNAMELEN` less the terminating zero).
const LONGEST_CHAIN: usize = 28;

/// The most bytes of a comment (`xt_comment.h`: 256 less the terminating zero).
const LONGEST_COMMENT: usize = 255;

/// A chain's name, unchanged.
///
/// # Errors
/// If iptables would not accept it, or would not read it as a name.
pub(super) fn chain(name: &str) -> Result<&str, Unwritable> {
    if is_plain(name) && name.len() <= LONGEST_CHAIN {
        Ok(name)
    } else {
        Err(cannot(format!("{:?} as the name of a chain", sanitise(name))))
    }
}

/// Whether a word needs no quotes and is neither an option nor a negation.
pub(super) fn is_plain(word: &str) -> bool {
    !word.is_empty()
        && !word.starts_with(['-', '!', ':', '#', '['])
        && word.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\'' | b'\\' | b'/' | b','))
}

/// A comment as an option, in quotes, cut to the length that the kernel keeps.
pub(super) fn comment(text: &str) -> String {
    let text = shortened(&sanitise(text));
    format!("-m comment --comment \"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// At most 255 bytes of a text, ending in `...` if it was cut.
fn shortened(text: &str) -> String {
    if text.len() <= LONGEST_COMMENT {
        return text.to_owned();
    }
    let ellipsis = "...";
    let mut end = LONGEST_COMMENT - ellipsis.len();
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}{ellipsis}", text.get(..end).unwrap_or_default().trim_end())
}

#[cfg(test)]
mod tests {
    use super::{comment, is_plain};

    #[test]
    fn a_comment_is_quoted_sanitised_and_short() {
        assert_eq!(comment(r#"say "hi" \ there"#), r#"-m comment --comment "say \"hi\" \\ there""#);
        assert!(!comment("a\u{1b}[2J\nb").contains(['\u{1b}', '\n']));
        let long = comment(&"ä".repeat(300));
        assert!(long.len() <= "-m comment --comment \"\"".len() + 255 && long.ends_with("...\""), "{long}");
    }

    #[test]
    fn options_and_negations_are_not_names() {
        for word in ["", "-j", "!", "a b", "a\"b", "a,b", "ä"] {
            assert!(!is_plain(word), "{word}");
        }
        for word in ["eth0", "br-lan", "eth0.100", "EDGE_1"] {
            assert!(is_plain(word), "{word}");
        }
    }
}
