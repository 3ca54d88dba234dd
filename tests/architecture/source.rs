//! A source file as text without comments and literals, and what of the crate it uses.

use std::fs;
use std::path::Path;

/// One file under `src/`.
pub struct SourceFile {
    /// Its path from the project's root, with `/`.
    pub path: String,
    /// As it is.
    pub text: String,
    /// The same, without its tests, with blanks for comments and literals; lines stay where they are.
    code: String,
    /// The same with its literals.
    code_with_literals: String,
}

/// A use of a folder of the crate.
pub struct Use {
    pub line: usize,
    pub folder: String,
}

/// All files under `src/`.
pub fn files() -> Vec<SourceFile> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    let mut folders = vec![root.join("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                let parts = path.strip_prefix(root).unwrap().iter().map(|part| part.to_string_lossy());
                let name = parts.collect::<Vec<_>>().join("/");
                found.push(SourceFile::new(&name, &fs::read_to_string(&path).unwrap()));
            }
        }
    }
    found.sort_by(|one, other| one.path.cmp(&other.path));
    assert!(found.len() > 50, "src/ was not found");
    found
}

impl SourceFile {
    pub fn new(path: &str, text: &str) -> Self {
        // What follows is the file's own tests, which may do as they like.
        let without_tests = |mut code: String| {
            code.truncate(code.find("#[cfg(test)]\nmod ").unwrap_or(code.len()));
            code
        };
        let code = without_tests(blank_out(text, true));
        let code_with_literals = without_tests(blank_out(text, false));
        Self { path: path.to_owned(), text: text.to_owned(), code, code_with_literals }
    }

    /// The folder of `src/` it stands in; none for `lib.rs` and `main.rs`.
    pub fn folder(&self) -> Option<&str> {
        let mut parts = self.path.split('/').skip(1);
        let first = parts.next()?;
        parts.next().map(|_| first)
    }

    /// The lines that hold a word, whole; `name!` is a macro's.
    pub fn lines_with<'s>(&'s self, word: &'s str) -> impl Iterator<Item = usize> + 's {
        lines_with(&self.code, word)
    }

    /// The same, also in literals.
    pub fn lines_saying<'s>(&'s self, word: &'s str) -> impl Iterator<Item = usize> + 's {
        lines_with(&self.code_with_literals, word)
    }

    /// What of the crate it uses: paths from `crate::`, and those that climb to it by `super::`.
    pub fn uses(&self) -> Vec<Use> {
        let mut found = Vec::new();
        for (at, _) in self.code.match_indices("crate::") {
            if !self.code[..at].chars().next_back().is_some_and(in_word) {
                self.paths(at + "crate::".len(), &mut found);
            }
        }
        let climb = "super::".repeat(self.depth());
        for (at, _) in self.code.match_indices(&climb).filter(|_| !climb.is_empty()) {
            self.paths(at + climb.len(), &mut found);
        }
        found
    }

    /// Every path from `crate`, `super` or `self`, its groups taken apart; those of `pub use` in a `mod.rs` left out.
    pub fn paths_used(&self) -> Vec<Vec<String>> {
        let facade = self.path.ends_with("/mod.rs");
        let code: String = if facade { without_statements(&self.code, "use ", true) } else { self.code.clone() };
        let mut found = Vec::new();
        for start in ["crate::", "super::", "self::"] {
            for (at, _) in code.match_indices(start) {
                let before = code[..at].chars().next_back();
                if !before.is_some_and(|character| in_word(character) || character == ':') {
                    expand(&code[at..], &mut found);
                }
            }
        }
        found
    }

    /// What a `mod.rs` hands on from the files of its folder: the paths of its `pub use`.
    pub fn handed_on(&self) -> Vec<Vec<String>> {
        let mut found = Vec::new();
        if self.path.ends_with("mod.rs") || self.path.ends_with("lib.rs") {
            for (at, _) in self.code.match_indices("use ").filter(|(at, _)| is_public(&self.code[..*at])) {
                expand(&self.code[at + "use ".len()..], &mut found);
            }
        }
        for path in &mut found {
            if !matches!(path[0].as_str(), "crate" | "super" | "self") {
                path.insert(0, "self".to_owned());
            }
        }
        found
    }

    /// How many `super::` lead from the file's module to the crate's root.
    fn depth(&self) -> usize {
        let parts = self.path.trim_start_matches("src/").trim_end_matches(".rs").split('/');
        parts.filter(|part| !matches!(*part, "mod" | "lib" | "main")).count()
    }

    /// The folders named after `crate::`: one, or a group of them in braces.
    fn paths(&self, at: usize, found: &mut Vec<Use>) {
        let line = self.code[..at].matches('\n').count() + 1;
        let mut push = |path: &str| {
            let path: String = path.chars().filter(|character| !character.is_whitespace()).collect();
            let folder = path.split("::").next().unwrap_or_default();
            if !folder.is_empty() && folder != "super" && folder != "self" {
                found.push(Use { line, folder: folder.to_owned() });
            }
        };
        let rest = &self.code[at..];
        if !rest.starts_with('{') {
            return push(path_at(rest));
        }
        let (mut depth, mut start) = (0, 1);
        for (place, character) in rest.char_indices() {
            match character {
                '{' => depth += 1,
                '}' => depth -= 1,
                _ => {}
            }
            if (character == ',' && depth == 1) || depth == 0 {
                push(&rest[start..place]);
                start = place + 1;
            }
            if depth == 0 {
                return;
            }
        }
    }
}

/// Whether what stands before a `use` makes it public, in any measure.
fn is_public(before: &str) -> bool {
    let line = before.rsplit('\n').next().unwrap_or_default();
    line.trim_start().starts_with("pub")
}

/// The code without the statements that begin with a word and are public.
fn without_statements(code: &str, word: &str, public: bool) -> String {
    let mut kept = String::new();
    let mut rest = 0;
    for (at, _) in code.match_indices(word) {
        if at >= rest && is_public(&code[..at]) == public {
            kept.push_str(&code[rest..at]);
            rest = code[at..].find(';').map_or(code.len(), |end| at + end);
        }
    }
    kept.push_str(&code[rest..]);
    kept
}

/// The paths at the beginning of a text, a group in braces taken apart.
fn expand(text: &str, found: &mut Vec<Vec<String>>) {
    let mut work = vec![(Vec::new(), text)];
    while let Some((prefix, text)) = work.pop() {
        let mut path: Vec<String> = prefix;
        let mut rest = text.trim_start();
        loop {
            let end = rest.find(|character: char| !in_word(character)).unwrap_or(rest.len());
            if end > 0 && &rest[..end] != "self" || path.is_empty() {
                path.push(rest[..end].to_owned());
            }
            let Some(next) = rest[end..].strip_prefix("::") else { break found.push(path) };
            if let Some(group) = next.strip_prefix('{') {
                let (mut depth, mut start) = (0, 0);
                for (at, character) in group.char_indices() {
                    if depth == 0 && matches!(character, ',' | '}') {
                        if !group[start..at].trim().is_empty() {
                            work.push((path.clone(), &group[start..at]));
                        }
                        start = at + 1;
                    }
                    match character {
                        '{' => depth += 1,
                        '}' if depth == 0 => break,
                        '}' => depth -= 1,
                        _ => {}
                    }
                }
                break;
            }
            rest = next;
        }
    }
}

/// The path at the beginning of a text, with the group it may end in.
fn path_at(text: &str) -> &str {
    let end = text.find(|character: char| !in_word(character) && character != ':').unwrap_or(text.len());
    if text[..end].ends_with("::") && text[end..].starts_with('{') {
        let close = text[end..].find('}').map_or(text.len(), |close| end + close);
        return &text[..close];
    }
    &text[..end]
}

fn in_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

/// The text with blanks where comments, strings and characters stood.
/// The lines of a text that hold a word, whole.
fn lines_with<'s>(code: &'s str, word: &'s str) -> impl Iterator<Item = usize> + 's {
    let holds = move |line: &str| {
        line.match_indices(word).any(|(at, _)| {
            let before = line[..at].chars().next_back();
            let after = line[at + word.len()..].chars().next();
            !before.is_some_and(in_word) && !after.is_some_and(in_word)
        })
    };
    code.lines().zip(1..).filter(move |(line, _)| holds(line)).map(|(_, number)| number)
}

/// The text with blanks for its comments, and for its literals if these are to go too.
fn blank_out(text: &str, literals: bool) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let after_word = code.chars().next_back().is_some_and(in_word);
        let taken = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            block_comment(rest)
        } else if first == '"' {
            string(rest)
        } else if let Some(length) = raw_string(rest).filter(|_| !after_word) {
            length
        } else if let Some(length) = character(rest) {
            length
        } else {
            code.push(first);
            rest = &rest[first.len_utf8()..];
            continue;
        };
        let comment = rest.starts_with("//") || rest.starts_with("/*");
        if !comment && !literals {
            code.push_str(&rest[..taken]);
            rest = &rest[taken..];
            continue;
        }
        code.extend(rest[..taken].chars().map(|character| if character == '\n' { '\n' } else { ' ' }));
        rest = &rest[taken..];
    }
    code
}

fn block_comment(text: &str) -> usize {
    let (mut depth, mut at) = (0, 0);
    loop {
        let rest = &text[at..];
        if rest.starts_with("/*") {
            (depth, at) = (depth + 1, at + 2);
        } else if rest.starts_with("*/") {
            (depth, at) = (depth - 1, at + 2);
        } else if let Some(character) = rest.chars().next() {
            at += character.len_utf8();
        }
        if depth == 0 || at >= text.len() {
            return at;
        }
    }
}

fn string(text: &str) -> usize {
    let mut escaped = false;
    for (at, character) in text.char_indices().skip(1) {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

fn raw_string(text: &str) -> Option<usize> {
    let after = text.strip_prefix("br").or_else(|| text.strip_prefix('r'))?;
    let hashes = after.len() - after.trim_start_matches('#').len();
    let body = after[hashes..].strip_prefix('"')?;
    let close = format!("\"{}", "#".repeat(hashes));
    let end = body.find(&close).map_or(body.len(), |end| end + close.len());
    Some(text.len() - body.len() + end)
}

/// A character literal; a lifetime is none.
fn character(text: &str) -> Option<usize> {
    let body = text.strip_prefix('\'')?;
    let mut characters = body.char_indices();
    let (_, first) = characters.next()?;
    if first == '\\' {
        let escaped = characters.next()?.1.len_utf8();
        let end = body[1 + escaped..].find('\'')?;
        return Some(1 + 1 + escaped + end + 1);
    }
    let (at, close) = characters.next()?;
    (close == '\'').then_some(1 + at + 1)
}
