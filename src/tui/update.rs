//! Applies actions to the state, depending on the topmost layer.

use super::action::Action;
use super::filter;
use super::keymap::Context;
use super::prompt::Prompt;
use super::state::{Effect, Layer, Message, Phase, State};
use crate::findings::{NeedStatus, Severity};

impl State {
    /// Applies an action.
    pub fn update(&mut self, action: Action) -> Option<Effect> {
        self.message = None;
        match action {
            Action::Quit => return Some(Effect::Quit),
            Action::Back => return self.back(),
            Action::Help => return self.toggle(Layer::Help),
            Action::ToggleMouse => {
                self.mouse = !self.mouse;
                self.say(if self.mouse { "Mouse on" } else { "Mouse off: the terminal selects text" });
                return Some(Effect::Mouse(self.mouse));
            }
            _ => {}
        }
        if self.layers.last() == Some(&Layer::Help) {
            self.scroll_by(action);
            return None;
        }
        match self.context() {
            Context::Overview => self.overview(action),
            Context::List => self.list(action),
            Context::Filter => self.filter(action),
            Context::Detail => self.detail(action),
            Context::Export => self.export(action),
            Context::Inputs if action == Action::Inputs => self.toggle(Layer::Inputs),
            Context::Inputs | Context::Help => self.scroll_by(action),
            Context::Loading | Context::Failed => None,
        }
    }

    fn overview(&mut self, action: Action) -> Option<Effect> {
        let page = isize::try_from(super::matrix::ROLES.len()).unwrap_or(0);
        let Phase::Ready(session) = &mut self.phase else { return None };
        let session = session.as_mut();
        let matrix = &mut session.matrix;
        match action {
            Action::Up | Action::WheelUp => matrix.move_by(-1, 0),
            Action::Down | Action::WheelDown => matrix.move_by(1, 0),
            Action::Left => matrix.move_by(0, -1),
            Action::Right => matrix.move_by(0, 1),
            Action::First | Action::PageUp | Action::HalfPageUp => matrix.move_by(-page - 1, 0),
            Action::Last | Action::PageDown | Action::HalfPageDown => matrix.move_by(page + 1, 0),
            Action::PickCell(row, column) if matrix.selected() != (row, column) => matrix.select(row, column),
            Action::Open | Action::PickCell(..) => {
                let cell = matrix.selected_cell().map(|(_, cell)| *cell).unwrap_or_default();
                if cell.is_empty() {
                    self.say("No need applies here, and there are no findings");
                } else {
                    let filter = matrix.filter();
                    self.open_list(cell.findings == 0, &filter);
                }
            }
            Action::ShowAll => self.open_list(false, ""),
            Action::ToggleNeeds => self.open_list(true, ""),
            Action::EditFilter => {
                self.open_list(false, "");
                return self.list(Action::EditFilter);
            }
            other => return self.anywhere(other),
        }
        None
    }

    fn open_list(&mut self, needs: bool, filter: &str) {
        let Phase::Ready(session) = &mut self.phase else { return };
        let run = &session.loaded.run;
        session.list.show_needs(needs, run);
        session.list.set_filter(filter, run);
        session.list.select(0);
        self.layers.push(Layer::List);
    }

    fn list(&mut self, action: Action) -> Option<Effect> {
        let (page, furthest) = (self.page(), self.layout().furthest);
        let Phase::Ready(session) = &mut self.phase else { return None };
        let session = session.as_mut();
        let (list, run) = (&mut session.list, &session.loaded.run);
        match action {
            Action::Up => list.move_by(-1),
            Action::Down => list.move_by(1),
            Action::WheelUp => list.move_by(-3),
            Action::WheelDown => list.move_by(3),
            Action::PageUp => list.move_by(-page),
            Action::PageDown => list.move_by(page),
            Action::HalfPageUp => list.move_by(-(page / 2).max(1)),
            Action::HalfPageDown => list.move_by((page / 2).max(1)),
            Action::First => list.select(0),
            Action::Last => list.select(usize::MAX),
            Action::Left => list.first_column = list.first_column.saturating_sub(1),
            Action::Right => list.first_column = (list.first_column + 1).min(furthest),
            Action::NextSort => list.next_sort(run),
            Action::ReverseSort => list.reverse(run),
            Action::ToggleNeeds => list.show_needs(!list.shows_needs(), run),
            Action::ClearFilter => list.set_filter("", run),
            Action::QuickFilter(number) => {
                if let Some(term) = quick_term(number, list.shows_needs()) {
                    let line = filter::toggled(list.line.text(), &term);
                    list.set_filter(&line, run);
                }
            }
            Action::EditFilter => {
                session.line_before = list.line.text().to_owned();
                list.line.end();
                self.layers.push(Layer::Filter);
            }
            Action::PickRow(place) if place != list.selected() => list.select(place),
            Action::Open | Action::PickRow(_) => {
                if !list.is_empty() {
                    // The selection stays on the chosen row.
                    list.select(list.selected());
                    session.scroll = 0;
                    self.layers.push(Layer::Detail);
                }
            }
            other => return self.anywhere(other),
        }
        None
    }

    fn filter(&mut self, action: Action) -> Option<Effect> {
        let Phase::Ready(session) = &mut self.phase else { return None };
        let session = session.as_mut();
        match action {
            Action::Up | Action::WheelUp => session.list.move_by(-1),
            Action::Down | Action::WheelDown => session.list.move_by(1),
            Action::Confirm => {
                self.layers.pop();
            }
            Action::PickRow(place) => session.list.select(place),
            other => {
                if edit(&mut session.list.line, other) {
                    session.list.refilter(&session.loaded.run);
                }
            }
        }
        None
    }

    fn detail(&mut self, action: Action) -> Option<Effect> {
        let Phase::Ready(session) = &mut self.phase else { return None };
        let before = session.list.selected();
        match action {
            Action::Left => session.list.move_by(-1),
            Action::Right => session.list.move_by(1),
            Action::Export | Action::Copy | Action::CopyTrace | Action::Inputs => return self.anywhere(action),
            other => return self.scroll_by(other),
        }
        if session.list.selected() != before {
            session.scroll = 0;
        }
        None
    }

    fn export(&mut self, action: Action) -> Option<Effect> {
        let Phase::Ready(session) = &mut self.phase else { return None };
        match action {
            Action::Confirm if session.export.text().trim().is_empty() => self.warn("Name a file"),
            Action::Confirm => return Some(Effect::Export),
            Action::ToggleScope => {
                session.export_filtered = !session.export_filtered && session.list.is_filtered();
            }
            other => {
                edit(&mut session.export, other);
            }
        }
        None
    }

    fn anywhere(&mut self, action: Action) -> Option<Effect> {
        let Phase::Ready(session) = &mut self.phase else { return None };
        match action {
            Action::Export => {
                let in_list = self.layers.contains(&Layer::List);
                session.export_filtered = in_list && session.export_filtered && session.list.is_filtered();
                return self.toggle(Layer::Export);
            }
            Action::Inputs => return self.toggle(Layer::Inputs),
            Action::Copy | Action::CopyTrace => {
                let open = self.layers.contains(&Layer::List);
                let copied = if action == Action::Copy { session.copied() } else { session.trace() };
                let Some(copied) = copied.filter(|_| open) else {
                    self.warn("Nothing to copy here");
                    return None;
                };
                self.say(&format!("Copied {copied}"));
                return Some(Effect::Copy(copied));
            }
            _ => {}
        }
        None
    }

    /// Goes back one layer. Leaving a filter being edited restores the filter.
    fn back(&mut self) -> Option<Effect> {
        if self.layers.len() < 2 {
            return (!matches!(self.phase, Phase::Ready(_))).then_some(Effect::Quit);
        }
        if let (Some(Layer::Filter), Phase::Ready(session)) = (self.layers.pop(), &mut self.phase) {
            let line = std::mem::take(&mut session.line_before);
            session.list.set_filter(&line, &session.loaded.run);
        }
        None
    }

    /// Opens or closes an overlay.
    fn toggle(&mut self, layer: Layer) -> Option<Effect> {
        self.scroll = 0;
        if self.layers.last() == Some(&layer) {
            self.layers.pop();
        } else {
            self.layers.push(layer);
        }
        None
    }

    fn scroll_by(&mut self, action: Action) -> Option<Effect> {
        let page = self.page();
        let rows = match action {
            Action::Up => -1,
            Action::Down => 1,
            Action::WheelUp => -3,
            Action::WheelDown => 3,
            Action::PageUp => -page,
            Action::PageDown => page,
            Action::HalfPageUp => -(page / 2).max(1),
            Action::HalfPageDown => (page / 2).max(1),
            Action::First => isize::MIN,
            Action::Last => isize::MAX,
            _ => return None,
        };
        // The maximum is only known after drawing; keys may arrive earlier.
        let scroll = self.scrolled();
        *scroll = scroll.saturating_add_signed(rows);
        None
    }

    fn page(&self) -> isize {
        isize::try_from(self.layout().page).unwrap_or(isize::MAX).max(1)
    }

    fn say(&mut self, text: &str) {
        self.message = Some(Message { text: text.to_owned(), is_error: false });
    }

    fn warn(&mut self, text: &str) {
        self.message = Some(Message { text: text.to_owned(), is_error: true });
    }
}

/// The filter's term of a number key.
fn quick_term(number: u8, needs: bool) -> Option<String> {
    let at = usize::from(number).checked_sub(1)?;
    Some(if needs {
        format!("status:{}", NeedStatus::ALL.get(at)?.name())
    } else {
        format!("sev:{}", Severity::ALL.get(at)?.name())
    })
}

/// Edits a line; false where the action edits nothing.
fn edit(line: &mut Prompt, action: Action) -> bool {
    match action {
        Action::Type(character) => line.insert(character),
        Action::Backspace => line.backspace(),
        Action::Delete => line.delete(),
        Action::DeleteWord => line.delete_word(),
        Action::DeleteAll => line.clear(),
        Action::CursorLeft => line.left(),
        Action::CursorRight => line.right(),
        Action::CursorStart => line.start(),
        Action::CursorEnd => line.end(),
        _ => return false,
    }
    true
}
