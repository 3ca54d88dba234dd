//! A small typed reader over a parsed TOML document: each value has its key path, and each path its line, so that every error
//! can name both.
//!
//! It knows nothing of Edge deployments. Start at [`Reader::open`]; sections are read with [`Section`], values with [`Value`].

use std::cell::RefCell;
use std::collections::BTreeMap;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::error::DeploymentError;
use super::wording;

/// Remembers the line of each value that was read.
pub(super) struct Reader<'a> {
    file: &'a str,
    newlines: Vec<usize>,
    lines: RefCell<BTreeMap<String, u32>>,
}

impl<'a> Reader<'a> {
    /// A reader for messages about `file`, whose text is `text`.
    pub(super) fn new(file: &'a str, text: &str) -> Self {
        let newlines = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(offset, _)| offset).collect();
        Self { file, newlines, lines: RefCell::default() }
    }

    /// The line, from 1, of a byte offset.
    pub(super) fn line_at(&self, offset: usize) -> u32 {
        let before = self.newlines.partition_point(|newline| *newline < offset);
        u32::try_from(before).unwrap_or(u32::MAX).saturating_add(1)
    }

    /// The line of a key that was read; otherwise that of the nearest table or list around it, or 1.
    pub(super) fn line_of(&self, key: &str) -> u32 {
        let lines = self.lines.borrow();
        let mut path = key;
        loop {
            if let Some(line) = lines.get(path) {
                return *line;
            }
            match path.rfind(['.', '[']) {
                Some(end) => path = path.get(..end).unwrap_or_default(),
                None => return 1,
            }
        }
    }

    /// The error for a key, at its line.
    pub(super) fn refuse(&self, key: &str, problem: &str, advice: &str) -> DeploymentError {
        self.refuse_at(self.line_of(key), key, problem, advice)
    }

    /// The error for a key, at a given line.
    pub(super) fn refuse_at(&self, line: u32, key: &str, problem: &str, advice: &str) -> DeploymentError {
        DeploymentError::new(self.file, line, key, problem, advice)
    }

    /// The document's root, whose keys are not checked yet.
    pub(super) fn open<'r, 't>(&'r self, root: &'t DeTable<'t>) -> Section<'r, 't> {
        Section { reader: self, key: String::new(), table: Some(root) }
    }

    fn remember(&self, key: &str, span_start: usize) {
        self.lines.borrow_mut().insert(key.to_owned(), self.line_at(span_start));
    }
}

/// A table with its key path. A table that is missing in the file is empty.
pub(super) struct Section<'r, 't> {
    pub(super) reader: &'r Reader<'r>,
    /// Its key path; empty for the root.
    pub(super) key: String,
    table: Option<&'t DeTable<'t>>,
}

impl<'r, 't> Section<'r, 't> {
    /// The path of a key in this section.
    pub(super) fn path(&self, name: &str) -> String {
        if self.key.is_empty() { wording::key(name) } else { format!("{}.{}", self.key, wording::key(name)) }
    }

    /// Refuses the first key, in the order of the file, that is not one of `known`.
    pub(super) fn only(&self, known: &[&str]) -> Result<(), DeploymentError> {
        let unknown = self
            .table
            .into_iter()
            .flatten()
            .filter(|(key, _)| !known.contains(&key.get_ref().as_ref()))
            .min_by_key(|(key, _)| key.span().start);
        let Some((key, _)) = unknown else { return Ok(()) };
        let advice = wording::one_of(key.get_ref(), known, "known keys are");
        Err(self.reader.refuse_at(
            self.reader.line_at(key.span().start),
            &self.path(key.get_ref()),
            "unknown key",
            &advice,
        ))
    }

    /// The keys that the file gives here, in the order of the file.
    pub(super) fn names(&self) -> Vec<&'t str> {
        let mut names: Vec<_> =
            self.table.into_iter().flatten().map(|(key, _)| (key.span().start, key.get_ref().as_ref())).collect();
        names.sort_unstable();
        names.into_iter().map(|(_, name)| name).collect()
    }

    /// Whether the file has this table.
    pub(super) fn is_given(&self) -> bool {
        self.table.is_some()
    }

    /// Whether the file gives this key.
    pub(super) fn has(&self, name: &str) -> bool {
        self.table.is_some_and(|table| table.contains_key(name))
    }

    /// The value of a key, if the file gives it.
    pub(super) fn get(&self, name: &str) -> Option<Value<'r, 't>> {
        let (key, value) = self.table?.get_key_value(name)?;
        let path = self.path(name);
        // The key's line, not the value's: readers look for the key, and for a table it is the line of the header.
        self.reader.remember(&path, key.span().start);
        Some(Value { reader: self.reader, key: path, raw: value.get_ref() })
    }

    /// The value of a required key; `add` is what to add where it is missing.
    pub(super) fn require(&self, name: &str, add: &str) -> Result<Value<'r, 't>, DeploymentError> {
        self.get(name).ok_or_else(|| self.reader.refuse(&self.path(name), "missing", &format!("add {add}")))
    }

    /// A table inside this one, its keys checked; empty where it is missing.
    pub(super) fn section(&self, name: &str, known: &[&str]) -> Result<Section<'r, 't>, DeploymentError> {
        let Some(value) = self.get(name) else {
            return Ok(Section { reader: self.reader, key: self.path(name), table: None });
        };
        let section = value.table()?;
        section.only(known)?;
        Ok(section)
    }

    /// The tables of an array of tables, their keys checked; empty where it is missing.
    pub(super) fn sections(&self, name: &str, known: &[&str]) -> Result<Vec<Section<'r, 't>>, DeploymentError> {
        let Some(value) = self.get(name) else { return Ok(Vec::new()) };
        if value.raw.is_table() {
            let header = &value.key;
            let advice = format!("write [[{header}]], in double brackets, for each");
            return Err(self.reader.refuse(header, "expected a list of tables, found one table", &advice));
        }
        let mut sections = Vec::new();
        for item in value.list(&format!("[[{}]] tables", value.key))? {
            let section = item.table()?;
            section.only(known)?;
            sections.push(section);
        }
        Ok(sections)
    }

    /// `true` or `false`, or the default.
    pub(super) fn switch(&self, name: &str, default: bool) -> Result<bool, DeploymentError> {
        self.get(name).map_or(Ok(default), |value| value.boolean())
    }
}

/// A value with its key path.
pub(super) struct Value<'r, 't> {
    pub(super) reader: &'r Reader<'r>,
    /// Its key path; items of a list count from 1.
    pub(super) key: String,
    raw: &'t DeValue<'t>,
}

impl<'r, 't> Value<'r, 't> {
    /// The error for this value.
    pub(super) fn refuse(&self, problem: &str, advice: &str) -> DeploymentError {
        self.reader.refuse(&self.key, problem, advice)
    }

    /// The parsed value, for keys that take several types.
    pub(super) fn raw(&self) -> &'t DeValue<'t> {
        self.raw
    }

    /// The error for a value of the wrong type.
    pub(super) fn expected(&self, what: &str, advice: &str) -> DeploymentError {
        let found = match self.raw {
            DeValue::String(_) => "a string",
            DeValue::Integer(_) => "a whole number",
            DeValue::Float(_) => "a decimal number",
            DeValue::Boolean(_) => "true or false",
            DeValue::Datetime(_) => "a date or time",
            DeValue::Array(_) => "a list",
            DeValue::Table(_) => "a table",
        };
        self.refuse(&format!("expected {what}, found {found}"), advice)
    }

    /// A string that is not blank and holds no invisible characters.
    pub(super) fn string(&self) -> Result<&'t str, DeploymentError> {
        let DeValue::String(text) = self.raw else {
            return Err(self.expected("a string", "put it in double quotes"));
        };
        if text.trim().is_empty() {
            return Err(self.refuse("empty", "write a text, or remove the key"));
        }
        if let Some(c) = text.chars().find(|c| wording::is_invisible(*c)) {
            let problem = format!("holds the invisible character U+{:04X}", u32::from(c));
            return Err(self.refuse(&problem, "remove it; invisible characters would make reports misleading"));
        }
        Ok(text)
    }

    /// `true` or `false`.
    pub(super) fn boolean(&self) -> Result<bool, DeploymentError> {
        match self.raw {
            DeValue::Boolean(on) => Ok(*on),
            _ => Err(self.expected("true or false", "write true or false, without quotes")),
        }
    }

    /// A whole number between `first` and `last`, both included.
    pub(super) fn number(&self, first: u16, last: u16) -> Result<u16, DeploymentError> {
        let DeValue::Integer(digits) = self.raw else {
            return Err(self.expected("a whole number", "write it without quotes"));
        };
        u16::from_str_radix(digits.as_str(), digits.radix())
            .ok()
            .filter(|number| (first..=last).contains(number))
            .ok_or_else(|| {
                let problem = format!("{} is out of range", wording::quoted(&digits.to_string()));
                self.refuse(&problem, &format!("use a number from {first} to {last}"))
            })
    }

    /// The items of a list of `what`.
    pub(super) fn list(&self, what: &str) -> Result<Vec<Value<'r, 't>>, DeploymentError> {
        let DeValue::Array(items) = self.raw else {
            let advice = match self.raw {
                DeValue::String(text) => format!("write [{}]", wording::quoted(text)),
                _ => "put it in square brackets".to_owned(),
            };
            return Err(self.expected(&format!("a list of {what}"), &advice));
        };
        Ok(items.iter().enumerate().map(|(index, item)| self.item(index, item)).collect())
    }

    fn item(&self, index: usize, item: &'t Spanned<DeValue<'t>>) -> Value<'r, 't> {
        let key = format!("{}[{}]", self.key, index + 1);
        self.reader.remember(&key, item.span().start);
        Value { reader: self.reader, key, raw: item.get_ref() }
    }

    /// The items of a list, or the value itself as the only one.
    pub(super) fn one_or_list(self, what: &str) -> Result<Vec<Value<'r, 't>>, DeploymentError> {
        if self.raw.is_array() { self.list(what) } else { Ok(vec![self]) }
    }

    /// A table, its keys unchecked.
    pub(super) fn table(&self) -> Result<Section<'r, 't>, DeploymentError> {
        match self.raw {
            DeValue::Table(table) => Ok(Section { reader: self.reader, key: self.key.clone(), table: Some(table) }),
            _ => Err(self.expected("a table", "write it as { key = value, … }, or under a header of its own")),
        }
    }

    /// One of a set of words; `what` names them in messages.
    pub(super) fn word<T: Copy>(
        &self,
        what: &str,
        all: &[T],
        name: fn(T) -> &'static str,
    ) -> Result<T, DeploymentError> {
        let text = self.string()?;
        all.iter().copied().find(|word| name(*word) == text).ok_or_else(|| {
            let names: Vec<&str> = all.iter().copied().map(name).collect();
            self.refuse(
                &format!("unknown {what} {}", wording::quoted(text)),
                &wording::one_of(text, &names, "use one of"),
            )
        })
    }
}
