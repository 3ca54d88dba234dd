//! Names and remarks as they stand in a rule: what the syntax has no room for is refused, what could act is made harmless.

use crate::model::Unwritable;
use crate::source::sanitise;

use super::cannot;

/// A chain's name has at most so many bytes (kernel `XT_EXTENSION_MAXNAMELEN`, with its end).
const LONGEST_CHAIN: usize = 28;

/// A comment has at most so many bytes (`xt_comment.h`, 256 with its end).
const LONGEST_COMMENT: usize = 255;

/// A chain's name as it is.
///
/// # Errors
/// Where iptables would not take it, or not as a name.
pub(super) fn chain(name: &str) -> Result<&str, Unwritable> {
    if is_plain(name) && name.len() <= LONGEST_CHAIN {
        Ok(name)
    } else {
        Err(cannot(format!("{:?} as the name of a chain", sanitise(name))))
    }
}

/// Whether a word stands for itself, without quotes, and is neither an option nor a negation.
pub(super) fn is_plain(word: &str) -> bool {
    !word.is_empty()
        && !word.starts_with(['-', '!', ':', '#', '['])
        && word.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\'' | b'\\' | b'/' | b','))
}

/// A remark as an option, in quotes, cut to what the kernel keeps.
pub(super) fn comment(text: &str) -> String {
    let text = shortened(&sanitise(text));
    format!("-m comment --comment \"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// At most 255 bytes of a text, the last of them `...` where something was cut off.
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
    fn a_comment_is_quoted_harmless_and_short() {
        assert_eq!(comment(r#"say "hi" \ there"#), r#"-m comment --comment "say \"hi\" \\ there""#);
        assert!(!comment("a\u{1b}[2J\nb").contains(['\u{1b}', '\n']));
        let long = comment(&"ä".repeat(300));
        assert!(long.len() <= "-m comment --comment \"\"".len() + 255 && long.ends_with("...\""), "{long}");
    }

    #[test]
    fn what_would_be_an_option_or_a_negation_is_no_name() {
        for word in ["", "-j", "!", "a b", "a\"b", "a,b", "ä"] {
            assert!(!is_plain(word), "{word}");
        }
        for word in ["eth0", "br-lan", "eth0.100", "EDGE_1"] {
            assert!(is_plain(word), "{word}");
        }
    }
}
