//! One line of typed text with a cursor.

/// A line being edited.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Prompt {
    text: String,
    /// In bytes, always at a character's edge.
    cursor: usize,
}

impl Prompt {
    /// A line with this text and the cursor at its end.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        let text = text.into();
        Self { cursor: text.len(), text }
    }

    /// The text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The text before the cursor, and from the cursor on.
    #[must_use]
    pub fn split(&self) -> (&str, &str) {
        self.text.split_at(self.cursor)
    }

    /// Inserts a character at the cursor; control characters are left out.
    pub fn insert(&mut self, character: char) {
        if !character.is_control() {
            self.text.insert(self.cursor, character);
            self.cursor += character.len_utf8();
        }
    }

    /// Deletes the character before the cursor.
    pub fn backspace(&mut self) {
        let before = self.before();
        self.text.drain(before..self.cursor);
        self.cursor = before;
    }

    /// Deletes the character under the cursor.
    pub fn delete(&mut self) {
        let after = self.after();
        self.text.drain(self.cursor..after);
    }

    /// Deletes the word before the cursor and the spaces after it.
    pub fn delete_word(&mut self) {
        let word = self.text[..self.cursor].trim_end();
        let start = word.rfind(' ').map_or(0, |space| space + 1);
        self.text.drain(start..self.cursor);
        self.cursor = start;
    }

    /// Deletes everything.
    pub fn clear(&mut self) {
        self.text.clear();
        self.cursor = 0;
    }

    /// Moves the cursor one to the left.
    pub fn left(&mut self) {
        self.cursor = self.before();
    }

    /// Moves the cursor one to the right.
    pub fn right(&mut self) {
        self.cursor = self.after();
    }

    /// Moves the cursor to the start.
    pub fn start(&mut self) {
        self.cursor = 0;
    }

    /// Moves the cursor to the end.
    pub fn end(&mut self) {
        self.cursor = self.text.len();
    }

    fn before(&self) -> usize {
        self.text[..self.cursor].char_indices().next_back().map_or(0, |(at, _)| at)
    }

    fn after(&self) -> usize {
        self.cursor + self.text[self.cursor..].chars().next().map_or(0, char::len_utf8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn editing_keeps_to_characters() {
        let mut prompt = Prompt::new("sev:high 防");
        prompt.backspace();
        prompt.insert('é');
        prompt.left();
        prompt.insert('\u{1b}');
        prompt.insert('x');
        assert_eq!(prompt.split(), ("sev:high x", "é"));
        prompt.delete();
        prompt.delete_word();
        assert_eq!(prompt.text(), "sev:high ");
        prompt.delete_word();
        prompt.delete_word();
        prompt.backspace();
        assert_eq!(prompt.text(), "");
    }
}
