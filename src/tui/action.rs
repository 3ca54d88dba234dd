//! The actions of the screen. Keys and the mouse are translated into these; the state knows nothing else.

/// One thing to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// One up.
    Up,
    /// One down.
    Down,
    /// One to the left: a cell, a column, the finding before.
    Left,
    /// One to the right: a cell, a column, the next finding.
    Right,
    /// To the first.
    First,
    /// To the last.
    Last,
    /// A page up.
    PageUp,
    /// A page down.
    PageDown,
    /// Half a page up.
    HalfPageUp,
    /// Half a page down.
    HalfPageDown,
    /// Open what is selected.
    Open,
    /// Back out one layer.
    Back,
    /// Leave the program.
    Quit,
    /// Switch between findings and all needs.
    ToggleNeeds,
    /// Open the list of everything.
    ShowAll,
    /// Edit the filter.
    EditFilter,
    /// Drop the filter.
    ClearFilter,
    /// Toggle the filter's term for the severity (or, among needs, the status) of this number, from 1.
    QuickFilter(u8),
    /// Sort by the next column.
    NextSort,
    /// Reverse the order.
    ReverseSort,
    /// Open the export prompt.
    Export,
    /// Export all findings, or those the filter leaves.
    ToggleScope,
    /// Confirm the typed text.
    Confirm,
    /// Show the keys.
    Help,
    /// Show the inputs and the run's notes.
    Inputs,
    /// Copy the finding's id and its rule.
    Copy,
    /// Copy the command that replays the witness.
    CopyTrace,
    /// Switch the mouse on or off; off leaves it to the terminal.
    ToggleMouse,
    /// A typed character.
    Type(char),
    /// Delete the character before the cursor.
    Backspace,
    /// Delete the character under the cursor.
    Delete,
    /// Delete the word before the cursor.
    DeleteWord,
    /// Delete all that was typed.
    DeleteAll,
    /// The cursor one to the left.
    CursorLeft,
    /// The cursor one to the right.
    CursorRight,
    /// The cursor to the start.
    CursorStart,
    /// The cursor to the end.
    CursorEnd,
    /// Select a row of the list by its place among those shown; open it if it is selected already.
    PickRow(usize),
    /// Select a cell of the matrix by row and column; open it if it is selected already.
    PickCell(usize, usize),
    /// The wheel, up.
    WheelUp,
    /// The wheel, down.
    WheelDown,
}
