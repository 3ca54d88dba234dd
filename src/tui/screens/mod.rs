//! The screens: each file draws one of them from the state, into an area of any size, and says where things are.
//!
//! Start at [`draw`].

mod chrome;
mod detail;
mod evidence;
mod export;
mod help;
mod inputs;
mod list;
mod loading;
mod overview;
mod overview_cell;
mod page;
mod summary;
mod traffic_table;

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout as Split};

use super::state::{Layer, Layout, Phase, State};

/// Draws everything, and says where things are.
pub fn draw(frame: &mut Frame, state: &State) -> Layout {
    let area = frame.area();
    let mut layout = Layout { offset: state.session().map_or(0, |session| session.list.offset), ..Layout::default() };
    if area.is_empty() {
        return layout;
    }
    let footer = u16::from(area.height > 3);
    let [body, foot] = Split::vertical([Constraint::Fill(1), Constraint::Length(footer)]).areas(area);
    match &state.phase {
        Phase::Loading(step) => loading::render(frame, body, state, step),
        Phase::Failed(message) => loading::render_failure(frame, body, state, message),
        Phase::Ready(session) => {
            let screen = state
                .layers
                .iter()
                .rev()
                .find(|layer| matches!(layer, Layer::Overview | Layer::List | Layer::Filter | Layer::Detail));
            match screen {
                Some(Layer::Detail) => detail::render(frame, body, state, session, &mut layout),
                Some(Layer::List | Layer::Filter) => list::render(frame, body, state, session, &mut layout),
                _ => overview::render(frame, body, state, session, &mut layout),
            }
        }
    }
    match (state.layers.last(), &state.phase) {
        (Some(Layer::Help), _) => help::render(frame, body, state, &mut layout),
        (Some(Layer::Inputs), Phase::Ready(session)) => inputs::render(frame, body, state, session, &mut layout),
        (Some(Layer::Export), Phase::Ready(session)) => export::render(frame, body, state, session, &mut layout),
        _ => {}
    }
    chrome::footer(frame, foot, state, &mut layout);
    layout
}
