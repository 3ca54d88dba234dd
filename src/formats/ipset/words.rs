//! Splits a line of ipset into words. Blanks separate words, and a comment in double quotes is one word.

/// The words of a line; `None` where a quote is never closed. A backslash has no special meaning, since ipset does not accept
/// quotes inside a comment.
pub fn split(line: &str) -> Option<Vec<&str>> {
    let mut words = Vec::new();
    let mut rest = line.trim();
    while !rest.is_empty() {
        let (word, after) = match rest.strip_prefix('"') {
            Some(inside) => inside.split_once('"')?,
            None => rest.split_at(rest.find(char::is_whitespace).unwrap_or(rest.len())),
        };
        words.push(word);
        rest = after.trim_start();
    }
    Some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quoted_comment_is_one_word() {
        let words = split("  add a 10.0.0.1\tcomment \"nomatch \\\" timeout 5 ");
        assert_eq!(words, Some(vec!["add", "a", "10.0.0.1", "comment", "nomatch \\", "timeout", "5"]));
        assert_eq!(split("add a 10.0.0.1 comment \"never closed"), None);
        assert_eq!(split(""), Some(vec![]));
    }
}
