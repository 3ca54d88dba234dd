//! The event loop: draws, waits for keys, the mouse, signals or the loader, and performs the effects of the state.

use std::io::{self, IsTerminal};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, TryRecvError};
use std::thread;
use std::time::Duration;

use ratatui::crossterm::event::{self, Event, KeyEventKind, MouseButton, MouseEvent, MouseEventKind};

use super::action::Action;
use super::screens;
use super::session::Session;
use super::state::{Effect, Message, Phase, State};
use super::terminal::{self, Held, Signals};
use super::{Cancel, Exit, Exporter, Loader, Options, Progress, TuiError, keymap};

/// How often the loader's progress is checked.
const WHILE_LOADING: Duration = Duration::from_millis(50);
/// How often signals are checked.
const AFTERWARDS: Duration = Duration::from_millis(200);

/// Runs the interface until the user leaves: the first frame at once, the loader on a thread of its own.
///
/// # Errors
/// Standard output is no terminal, or the terminal fails. A loader that fails is no error: see [`Exit::Failed`].
pub fn run(loader: Loader, exporter: &Exporter, options: Options) -> Result<Exit, TuiError> {
    if !io::stdout().is_terminal() {
        return Err(TuiError::NotATerminal);
    }
    let signals = Signals::note()?;
    let (progress, cancel) = (Progress::default(), Cancel::default());
    let mut state = State::new(&options);
    let mut held = Held::take(options.mouse)?;
    let loading = load(loader, progress.clone(), cancel.clone(), options.report_path_suggestion)?;
    let mut loading = Some(loading);
    let exit = show(&mut held, &mut state, &mut loading, &progress, exporter, &signals);
    cancel.cancel();
    match (exit, signals.caught()) {
        // A terminal that has hung up is also an I/O error, but the signal is the cause.
        (Err(_), Some(signal)) => Ok(Exit::Signal(signal)),
        (exit, _) => exit,
    }
}

/// What the loader's thread sends.
type Loading = Receiver<Result<Box<Session>, String>>;

/// Draws and waits until the user leaves or a signal ends it.
fn show(
    held: &mut Held,
    state: &mut State,
    loading: &mut Option<Loading>,
    progress: &Progress,
    exporter: &Exporter,
    signals: &Signals,
) -> Result<Exit, TuiError> {
    loop {
        if let Some(receiver) = loading {
            state.phase = match receiver.try_recv() {
                Ok(Ok(session)) => Phase::Ready(session),
                Ok(Err(message)) => Phase::Failed(message),
                Err(TryRecvError::Empty) => Phase::Loading(progress.step()),
                Err(TryRecvError::Disconnected) => {
                    Phase::Failed("the audit's thread ended without a result".to_owned())
                }
            };
            if !matches!(state.phase, Phase::Loading(_)) {
                *loading = None;
            }
        }
        let mut layout = None;
        held.terminal.draw(|frame| layout = Some(screens::draw(frame, state)))?;
        state.laid_out(layout.unwrap_or_default());
        let wait = if loading.is_some() { WHILE_LOADING } else { AFTERWARDS };
        if let Some(exit) = events(state, exporter, signals, wait)? {
            return Ok(exit);
        }
    }
}

/// Starts the loader's thread. It also prepares the session, so that the screen never waits.
fn load(loader: Loader, progress: Progress, cancel: Cancel, report_path: PathBuf) -> io::Result<Loading> {
    let (sender, receiver) = mpsc::channel();
    let work = move || {
        let result = catch_unwind(AssertUnwindSafe(|| {
            let shown = loader(&progress, &cancel)?;
            Ok(Box::new(Session::new(shown, &report_path)))
        }));
        let result = result.unwrap_or_else(|_| {
            let message = terminal::panic_message().unwrap_or_default();
            Err(format!("A bug in edgewarden stopped the audit; please report it.\n{message}"))
        });
        // The receiver is gone when the user has left.
        let _ = sender.send(result);
    };
    thread::Builder::new().name("audit".to_owned()).spawn(work)?;
    Ok(receiver)
}

/// Waits for events, takes all there are, and gives the exit if one of them or a signal ends it. Returns when there is
/// something new to draw, or after `wait` while there may be.
fn events(state: &mut State, exporter: &Exporter, signals: &Signals, wait: Duration) -> Result<Option<Exit>, TuiError> {
    let loading = matches!(state.phase, Phase::Loading(_));
    loop {
        let mut some = event::poll(wait)?;
        if let Some(signal) = signals.caught() {
            return Ok(Some(Exit::Signal(signal)));
        }
        let came = some;
        while some {
            if let Some(action) = action(state, &event::read()?)
                && let Some(effect) = state.update(action)
                && let Some(exit) = perform(state, exporter, effect)
            {
                return Ok(Some(exit));
            }
            some = event::poll(Duration::ZERO)?;
        }
        if came || loading {
            return Ok(None);
        }
    }
}

fn action(state: &State, event: &Event) -> Option<Action> {
    match event {
        Event::Key(key) if key.kind != KeyEventKind::Release => keymap::action(state.context(), *key),
        Event::Mouse(mouse) if state.mouse => mouse_action(state, *mouse),
        _ => None,
    }
}

fn mouse_action(state: &State, mouse: MouseEvent) -> Option<Action> {
    match mouse.kind {
        MouseEventKind::ScrollUp => Some(Action::WheelUp),
        MouseEventKind::ScrollDown => Some(Action::WheelDown),
        MouseEventKind::Down(MouseButton::Left) => state.hit(mouse.column, mouse.row),
        _ => None,
    }
}

fn perform(state: &mut State, exporter: &Exporter, effect: Effect) -> Option<Exit> {
    let done = match effect {
        Effect::Quit => {
            return Some(match &state.phase {
                Phase::Loading(_) => Exit::Cancelled,
                Phase::Failed(message) => Exit::Failed(message.clone()),
                Phase::Ready(_) => Exit::Quit,
            });
        }
        Effect::Export => {
            if let Phase::Ready(session) = &state.phase {
                let result = exporter(&session.exported_run(), Path::new(session.export.text().trim()));
                state.exported(result);
            }
            Ok(())
        }
        Effect::Copy(text) => terminal::copy(&text),
        Effect::Mouse(on) => terminal::listen(on),
    };
    if let Err(error) = done {
        state.message = Some(Message { text: error.to_string(), is_error: true });
    }
    None
}
