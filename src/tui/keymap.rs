//! The keymap: one table for looking up keys, for the hints at the bottom, and for the help.

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::action::Action;

/// Where a key is pressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // the names are the screens'
pub enum Context {
    Loading,
    Failed,
    Overview,
    List,
    Filter,
    Detail,
    Help,
    Inputs,
    Export,
}

/// A key, with or without Control.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key {
    code: KeyCode,
    control: bool,
}

/// Keys with one action.
#[derive(Debug, Clone, Copy)]
pub struct Binding {
    /// The keys.
    pub keys: &'static [Key],
    /// Their action.
    pub action: Action,
    /// The action in words; neighbours with the same words share a line of the help.
    pub help: &'static str,
    /// A word for the hints at the bottom; `None` where it is not shown there.
    pub hint: Option<&'static str>,
}

/// Bindings that hold in the same contexts, under one heading of the help.
#[derive(Debug, Clone, Copy)]
pub struct Section {
    /// The heading.
    pub title: &'static str,
    /// Where they hold.
    pub contexts: &'static [Context],
    /// The bindings.
    pub bindings: &'static [Binding],
}

const fn key(code: KeyCode) -> Key {
    Key { code, control: false }
}

const fn char(character: char) -> Key {
    key(KeyCode::Char(character))
}

const fn control(character: char) -> Key {
    Key { code: KeyCode::Char(character), control: true }
}

const fn bind(keys: &'static [Key], action: Action, help: &'static str) -> Binding {
    Binding { keys, action, help, hint: None }
}

const fn hint(keys: &'static [Key], action: Action, help: &'static str, hint: &'static str) -> Binding {
    Binding { keys, action, help, hint: Some(hint) }
}

use Context::{Detail, Export, Failed, Filter, Help, Inputs, List, Loading, Overview};

const QUICK: &str = "only this severity, or status among needs";

/// The keymap. The first section that binds a key in a context wins.
pub const KEYMAP: [Section; 10] = [
    Section {
        title: "Overview",
        contexts: &[Overview],
        bindings: &[
            hint(&[key(KeyCode::Enter)], Action::Open, "findings, or needs, of the selected cell", "open"),
            hint(&[char('a')], Action::ShowAll, "all findings", "all findings"),
            hint(&[char('v'), key(KeyCode::Tab)], Action::ToggleNeeds, "all needs", "all needs"),
            hint(&[char('/')], Action::EditFilter, "filter all findings", "filter"),
        ],
    },
    Section {
        title: "List",
        contexts: &[List],
        bindings: &[
            hint(&[key(KeyCode::Enter)], Action::Open, "the finding or need in full", "open"),
            hint(&[char('/')], Action::EditFilter, "filter as you type", "filter"),
            bind(&[char('0')], Action::ClearFilter, "clear the filter"),
            bind(&[char('1')], Action::QuickFilter(1), QUICK),
            bind(&[char('2')], Action::QuickFilter(2), QUICK),
            bind(&[char('3')], Action::QuickFilter(3), QUICK),
            bind(&[char('4')], Action::QuickFilter(4), QUICK),
            bind(&[char('5')], Action::QuickFilter(5), QUICK),
            hint(&[char('s')], Action::NextSort, "sort by the next column", "sort"),
            bind(&[char('S')], Action::ReverseSort, "reverse the order"),
            hint(&[char('v'), key(KeyCode::Tab)], Action::ToggleNeeds, "findings, or all needs", "findings/needs"),
        ],
    },
    Section {
        title: "Finding",
        contexts: &[Detail],
        bindings: &[
            hint(&[key(KeyCode::Left), char('h')], Action::Left, "the previous one", "previous"),
            hint(&[key(KeyCode::Right), char('l')], Action::Right, "the next one", "next"),
            hint(&[char('Y')], Action::CopyTrace, "copy the command that replays the witness", "copy trace"),
        ],
    },
    Section {
        title: "Selection",
        contexts: &[List, Detail],
        bindings: &[hint(&[char('y')], Action::Copy, "copy the finding's id and rule", "copy")],
    },
    Section {
        title: "Run",
        contexts: &[Overview, List, Detail],
        bindings: &[
            hint(&[char('e')], Action::Export, "export a report", "export"),
            hint(&[char('i')], Action::Inputs, "inputs and notes", "inputs"),
        ],
    },
    Section {
        title: "Leaving",
        contexts: &[Loading, Failed, Overview],
        bindings: &[hint(&[char('q')], Action::Quit, "quit", "quit")],
    },
    Section {
        title: "Anywhere",
        contexts: &[Loading, Failed, Overview, List, Detail, Help, Inputs],
        bindings: &[
            hint(&[key(KeyCode::Esc), char('q')], Action::Back, "back", "back"),
            hint(&[char('?'), key(KeyCode::F(1))], Action::Help, "these keys", "help"),
            bind(&[char('m')], Action::ToggleMouse, "mouse on or off (off: the terminal selects text)"),
            bind(&[control('c')], Action::Quit, "quit at once"),
        ],
    },
    Section {
        title: "Moving",
        contexts: &[Overview, List, Detail, Help, Inputs],
        bindings: &[
            bind(&[key(KeyCode::Up), char('k')], Action::Up, "up"),
            bind(&[key(KeyCode::Down), char('j')], Action::Down, "down"),
            bind(&[key(KeyCode::Left), char('h')], Action::Left, "left"),
            bind(&[key(KeyCode::Right), char('l')], Action::Right, "right"),
            bind(&[key(KeyCode::Home), char('g')], Action::First, "first"),
            bind(&[key(KeyCode::End), char('G')], Action::Last, "last"),
            bind(&[key(KeyCode::PageUp)], Action::PageUp, "a page up"),
            bind(&[key(KeyCode::PageDown), char(' ')], Action::PageDown, "a page down"),
            bind(&[control('u')], Action::HalfPageUp, "half a page up"),
            bind(&[control('d')], Action::HalfPageDown, "half a page down"),
        ],
    },
    Section {
        title: "Typing",
        contexts: &[Filter, Export],
        bindings: &[
            hint(&[key(KeyCode::Enter)], Action::Confirm, "confirm", "confirm"),
            hint(&[key(KeyCode::Esc)], Action::Back, "cancel", "cancel"),
            bind(&[key(KeyCode::Backspace), control('h')], Action::Backspace, "delete before the cursor"),
            bind(&[key(KeyCode::Delete)], Action::Delete, "delete under the cursor"),
            bind(&[control('w')], Action::DeleteWord, "delete a word"),
            bind(&[control('u')], Action::DeleteAll, "delete all"),
            bind(&[key(KeyCode::Left)], Action::CursorLeft, "cursor left"),
            bind(&[key(KeyCode::Right)], Action::CursorRight, "cursor right"),
            bind(&[key(KeyCode::Home), control('a')], Action::CursorStart, "cursor to the start"),
            bind(&[key(KeyCode::End), control('e')], Action::CursorEnd, "cursor to the end"),
            bind(&[key(KeyCode::Up)], Action::Up, "up in the list"),
            bind(&[key(KeyCode::Down)], Action::Down, "down in the list"),
            bind(&[control('c')], Action::Quit, "quit at once"),
        ],
    },
    Section {
        title: "Exporting",
        contexts: &[Export],
        bindings: &[hint(&[key(KeyCode::Tab)], Action::ToggleScope, "all findings, or those filtered", "scope")],
    },
];

/// The action of a key in a context. Where text is typed, a character that is bound to nothing is typed.
#[must_use]
pub fn action(context: Context, event: KeyEvent) -> Option<Action> {
    let control = event.modifiers.contains(KeyModifiers::CONTROL);
    let alt = event.modifiers.contains(KeyModifiers::ALT);
    if let (KeyCode::Char(character), Context::Filter | Context::Export) = (event.code, context) {
        // Control and Alt together are AltGr on Windows, which types characters.
        if control == alt {
            return Some(Action::Type(character));
        }
    }
    let pressed = Key { code: event.code, control };
    if alt {
        return None;
    }
    bindings(context).find(|binding| binding.keys.contains(&pressed)).map(|binding| binding.action)
}

/// The bindings that hold in a context, in the keymap's order.
pub fn bindings(context: Context) -> impl Iterator<Item = &'static Binding> {
    KEYMAP.iter().filter(move |section| section.contexts.contains(&context)).flat_map(|section| section.bindings)
}

/// A key's name, as hints and help show it.
#[must_use]
pub fn name(key: &Key) -> String {
    let name = match key.code {
        KeyCode::Char(' ') => "Space".to_owned(),
        KeyCode::Char(character) => character.to_string(),
        KeyCode::Enter => "Enter".to_owned(),
        KeyCode::Esc => "Esc".to_owned(),
        KeyCode::Tab => "Tab".to_owned(),
        KeyCode::Backspace => "Backspace".to_owned(),
        KeyCode::Delete => "Del".to_owned(),
        KeyCode::Home => "Home".to_owned(),
        KeyCode::End => "End".to_owned(),
        KeyCode::PageUp => "PgUp".to_owned(),
        KeyCode::PageDown => "PgDn".to_owned(),
        KeyCode::Up => "Up".to_owned(),
        KeyCode::Down => "Down".to_owned(),
        KeyCode::Left => "Left".to_owned(),
        KeyCode::Right => "Right".to_owned(),
        KeyCode::F(number) => format!("F{number}"),
        other => format!("{other:?}"),
    };
    if key.control { format!("Ctrl-{name}") } else { name }
}
