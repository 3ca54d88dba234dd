//! The terminal interface: a run on screen, from the matrix down to the deciding line.
//!
//! It shows a [`Run`] and the lines of its inputs, and knows nothing of parsing or judging. Its data comes in a [`Loaded`],
//! made by a loader on its own thread. Start at [`run`]; [`state::State`] is pure (actions in, effects out), [`keymap`] maps
//! keys to actions, [`screens`] draws.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::findings::Run;

pub mod action;
mod event_loop;
pub mod filter;
pub mod glyphs;
pub mod keymap;
pub mod list;
pub mod matrix;
pub mod progress;
pub mod prompt;
pub mod rows;
pub mod screens;
pub mod session;
pub mod state;
mod still;
mod terminal;
pub mod theme;
mod traffic_rows;
mod update;

pub use event_loop::run;
pub use progress::{Cancel, Progress};
pub use still::still;

/// What the screen shows: a run, the lines of its inputs, and the words of the catalog.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// The run.
    pub run: Run,
    /// The inputs' lines, for excerpts. An input that is not here is shown without an excerpt.
    pub excerpts: Vec<InputText>,
    /// The source table rows by id, such as `S004.T1.R05`.
    pub rows: BTreeMap<String, RowText>,
    /// What each need is for, by its id.
    pub needs: BTreeMap<String, NeedText>,
}

/// The lines of one input.
#[derive(Debug, Clone, Default)]
pub struct InputText {
    /// Its id, as in [`crate::findings::Input::id`].
    pub id: String,
    /// Its path as it is shown, sanitised.
    pub path: String,
    /// Its lines, sanitised; the first one is line 1.
    pub lines: Vec<String>,
}

/// One row of a requirement table, as its document has it. An empty string is not shown.
#[derive(Debug, Clone, Default)]
pub struct RowText {
    /// The document's title.
    pub document: String,
    /// The table's caption or number.
    pub table: String,
    /// The row, as the table names it.
    pub row: String,
    /// Its source column.
    pub source: String,
    /// Its destination column.
    pub destination: String,
    /// Its note.
    pub note: String,
}

/// What a need is for.
#[derive(Debug, Clone, Default)]
pub struct NeedText {
    /// Its purpose.
    pub purpose: String,
    /// What stops working without it.
    pub when_missing: String,
}

/// Loads the run, on a thread of its own. It reports through [`Progress`] and should check [`Cancel`] regularly. An error
/// is shown unchanged, so it must be sanitised.
pub type Loader = Box<dyn FnOnce(&Progress, &Cancel) -> Result<Loaded, String> + Send>;

/// Writes a run to a path, in the format of its extension, never over an existing file. Both messages are shown.
pub type Exporter = Box<dyn Fn(&Run, &Path) -> Result<String, String>>;

/// Options of the interface.
#[derive(Debug, Clone)]
pub struct Options {
    /// Use the mouse from the start; `m` toggles it.
    pub mouse: bool,
    /// Borders and glyphs of ASCII only.
    pub ascii: bool,
    /// Use colours; without, bold and reversed text mark differences.
    pub color: bool,
    /// The path that the export prompt suggests.
    pub report_path_suggestion: PathBuf,
}

impl Default for Options {
    fn default() -> Self {
        Self { mouse: true, ascii: false, color: true, report_path_suggestion: PathBuf::from("report.md") }
    }
}

/// How the interface was left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Exit {
    /// The user quit.
    Quit,
    /// The user quit before the loader was done.
    Cancelled,
    /// The loader failed with this message, which was on screen until the user quit.
    Failed(String),
    /// This signal ended it; the terminal is restored.
    Signal(i32),
}

/// Why the interface could not run.
#[derive(Debug, thiserror::Error)]
pub enum TuiError {
    /// Standard output goes to a file or a pipe.
    #[error(
        "the terminal interface needs a terminal on standard output; `edgewarden audit` writes reports without one"
    )]
    NotATerminal,
    /// The terminal failed.
    #[error("the terminal failed: {0}")]
    Terminal(#[from] std::io::Error),
}
