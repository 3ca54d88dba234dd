//! The state of the screen. Pure: `update.rs` applies actions to it, and returns an [`Effect`] for everything outside.

use ratatui::layout::Rect;

use super::Options;
use super::action::Action;
use super::glyphs::{self, Glyphs};
use super::keymap::Context;
use super::progress::Step;
use super::session::Session;
use super::theme::Theme;

/// One layer: a screen or an overlay. Going back removes the topmost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // the names are the screens'
pub enum Layer {
    Overview,
    List,
    Filter,
    Detail,
    Help,
    Inputs,
    Export,
}

/// How far it is.
#[derive(Debug)]
pub enum Phase {
    /// The loader is at this.
    Loading(Step),
    /// The loader failed with this message.
    Failed(String),
    /// There is a run to show.
    Ready(Box<Session>),
}

/// What has to be done outside the state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Leave.
    Quit,
    /// Export to the path in the prompt.
    Export,
    /// Put this on the clipboard.
    Copy(String),
    /// Switch the mouse on or off.
    Mouse(bool),
}

/// One line for the user, shown until the next action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// The line.
    pub text: String,
    /// Whether something went wrong.
    pub is_error: bool,
}

/// The result of drawing: click areas, and how much of scrolled content fits.
#[derive(Debug, Clone, Default)]
pub struct Layout {
    /// The action of a click in each area; of overlapping areas the last one counts.
    pub hits: Vec<(Rect, Action)>,
    /// Rows on a page of what scrolls on the topmost layer.
    pub page: usize,
    /// The furthest it scrolls.
    pub furthest: usize,
    /// The first row of the list that is shown.
    pub offset: usize,
}

/// Everything the screen shows.
#[derive(Debug)]
pub struct State {
    /// How far it is.
    pub phase: Phase,
    /// The layers, the overview at the bottom.
    pub layers: Vec<Layer>,
    /// One line for the user.
    pub message: Option<Message>,
    /// Whether the mouse is listened to.
    pub mouse: bool,
    /// The first line shown of what lies over a screen.
    pub scroll: usize,
    /// The styles.
    pub theme: Theme,
    /// The glyphs.
    pub glyphs: Glyphs,
    layout: Layout,
}

impl State {
    /// The state before anything is loaded.
    #[must_use]
    pub fn new(options: &Options) -> Self {
        Self {
            phase: Phase::Loading(Step::default()),
            layers: vec![Layer::Overview],
            message: None,
            mouse: options.mouse,
            scroll: 0,
            theme: Theme::new(options.color),
            glyphs: if options.ascii { glyphs::ASCII } else { glyphs::UNICODE },
            layout: Layout::default(),
        }
    }

    /// Where keys go.
    #[must_use]
    pub fn context(&self) -> Context {
        match (self.layers.last(), &self.phase) {
            (Some(Layer::Help), _) => Context::Help,
            (_, Phase::Loading(_)) => Context::Loading,
            (_, Phase::Failed(_)) => Context::Failed,
            (Some(Layer::List), _) => Context::List,
            (Some(Layer::Filter), _) => Context::Filter,
            (Some(Layer::Detail), _) => Context::Detail,
            (Some(Layer::Inputs), _) => Context::Inputs,
            (Some(Layer::Export), _) => Context::Export,
            (Some(Layer::Overview) | None, _) => Context::Overview,
        }
    }

    /// The session, once there is one.
    #[must_use]
    pub fn session(&self) -> Option<&Session> {
        match &self.phase {
            Phase::Ready(session) => Some(session),
            _ => None,
        }
    }

    /// Stores the result of drawing.
    pub fn laid_out(&mut self, layout: Layout) {
        if let Phase::Ready(session) = &mut self.phase {
            session.list.offset = layout.offset;
        }
        self.layout = layout;
        self.clamp_scroll();
    }

    /// What a click at this place does.
    #[must_use]
    pub fn hit(&self, column: u16, row: u16) -> Option<Action> {
        let at = ratatui::layout::Position::new(column, row);
        self.layout.hits.iter().rev().find(|(area, _)| area.contains(at)).map(|(_, action)| *action)
    }

    /// Shows how an export went.
    pub fn exported(&mut self, result: Result<String, String>) {
        let is_error = result.is_err();
        if !is_error {
            self.layers.retain(|layer| *layer != Layer::Export);
        }
        let (Ok(text) | Err(text)) = result;
        self.message = Some(Message { text, is_error });
    }

    /// The result of the last drawing.
    pub(super) fn layout(&self) -> &Layout {
        &self.layout
    }

    /// What scrolls on the topmost layer.
    pub(super) fn scrolled(&mut self) -> &mut usize {
        match (&mut self.phase, self.layers.last()) {
            (Phase::Ready(session), Some(Layer::Detail)) => &mut session.scroll,
            _ => &mut self.scroll,
        }
    }

    /// Keeps what scrolls within what there is.
    fn clamp_scroll(&mut self) {
        let furthest = self.layout.furthest;
        if matches!(self.layers.last(), Some(Layer::Detail | Layer::Help | Layer::Inputs)) {
            let scroll = self.scrolled();
            *scroll = (*scroll).min(furthest);
        }
    }
}
