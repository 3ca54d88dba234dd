//! Takes over the terminal for the interface and restores it on every exit, panics and signals included.

use std::io::{self, Stdout, Write, stdout};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, Once, PoisonError};
use std::thread::{self, ThreadId};
use std::time::Duration;

use data_encoding::BASE64;
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use ratatui::crossterm::cursor::Show;
use ratatui::crossterm::event::{DisableMouseCapture, EnableMouseCapture};
use ratatui::crossterm::execute;
use ratatui::crossterm::style::force_color_output;
use ratatui::crossterm::terminal::{EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode};

/// The thread that holds the terminal, while one does.
static HOLDER: Mutex<Option<ThreadId>> = Mutex::new(None);
/// The panic message of another thread.
static PANIC: Mutex<Option<String>> = Mutex::new(None);
static HOOK: Once = Once::new();

/// The terminal while the interface holds it. Dropping it gives it back.
pub struct Held {
    /// What to draw on.
    pub terminal: Terminal<CrosstermBackend<Stdout>>,
}

impl Held {
    /// Takes the terminal: raw mode, the alternate screen, and the mouse if wanted.
    pub fn take(mouse: bool) -> io::Result<Self> {
        // Under NO_COLOR crossterm would write `ESC[;m`, which erases the highlight; the theme leaves colours out instead.
        force_color_output(true);
        HOOK.call_once(hook);
        *HOLDER.lock().unwrap_or_else(PoisonError::into_inner) = Some(thread::current().id());
        let taken = enable_raw_mode()
            .and_then(|()| execute!(stdout(), EnterAlternateScreen))
            .and_then(|()| listen(mouse))
            .and_then(|()| Terminal::new(CrosstermBackend::new(stdout())));
        match taken {
            Ok(terminal) => Ok(Self { terminal }),
            Err(error) => {
                give_back();
                Err(error)
            }
        }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        give_back();
    }
}

/// Switches the mouse on or off; off leaves it to the terminal.
pub fn listen(mouse: bool) -> io::Result<()> {
    if mouse { execute!(stdout(), EnableMouseCapture) } else { execute!(stdout(), DisableMouseCapture) }
}

/// Puts a text on the clipboard of the terminal, over SSH too (OSC 52).
pub fn copy(text: &str) -> io::Result<()> {
    let mut out = stdout();
    write!(out, "\x1b]52;c;{}\x07", BASE64.encode(text.as_bytes()))?;
    out.flush()
}

/// The last panic message of another thread.
pub fn panic_message() -> Option<String> {
    PANIC.lock().unwrap_or_else(PoisonError::into_inner).take()
}

/// Restores the terminal, once; every step is tried, even where another fails.
fn give_back() {
    if HOLDER.lock().unwrap_or_else(PoisonError::into_inner).take().is_some() {
        let _ = execute!(stdout(), DisableMouseCapture);
        let _ = execute!(stdout(), LeaveAlternateScreen, Show);
        let _ = disable_raw_mode();
    }
}

/// A panic of the thread that holds the terminal restores the terminal before it is printed. A panic of another thread is
/// stored for the screen to show, since printing it would overwrite the screen.
fn hook() {
    let previous = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let holder = *HOLDER.lock().unwrap_or_else(PoisonError::into_inner);
        match holder {
            Some(holder) if holder != thread::current().id() => {
                *PANIC.lock().unwrap_or_else(PoisonError::into_inner) = Some(panic.to_string());
            }
            _ => {
                give_back();
                previous(panic);
            }
        }
    }));
}

/// The signals that end a program, noted instead while the interface runs. Once it is over, they end it again.
pub struct Signals {
    caught: Arc<AtomicUsize>,
    over: Arc<AtomicBool>,
}

impl Signals {
    /// Notes the signals from now on.
    pub fn note() -> io::Result<Self> {
        use signal_hook::consts::{SIGINT, SIGTERM};
        use signal_hook::flag::{register_conditional_default, register_usize};
        #[cfg(unix)]
        let signals = [SIGINT, SIGTERM, signal_hook::consts::SIGHUP, signal_hook::consts::SIGQUIT];
        #[cfg(not(unix))]
        let signals = [SIGINT, SIGTERM];
        let noted = Self { caught: Arc::default(), over: Arc::default() };
        for signal in signals {
            register_conditional_default(signal, Arc::clone(&noted.over))?;
            register_usize(signal, Arc::clone(&noted.caught), usize::try_from(signal).unwrap_or(1))?;
        }
        noted.watch()?;
        Ok(noted)
    }

    /// Ends the program from a thread of its own where a signal came and the interface does not end by itself:
    /// crossterm reads a terminal that has hung up for ever, and never returns to check the signal.
    fn watch(&self) -> io::Result<()> {
        let (caught, over) = (Arc::clone(&self.caught), Arc::clone(&self.over));
        let watch = move || {
            let over = || over.load(Ordering::Relaxed);
            while !over() {
                thread::sleep(Duration::from_millis(200));
                let Some(signal) = signal(&caught) else { continue };
                thread::sleep(Duration::from_secs(1));
                if !over() {
                    give_back();
                    std::process::exit(128 + signal);
                }
            }
        };
        thread::Builder::new().name("signals".to_owned()).spawn(watch).map(drop)
    }

    /// The signal that came, if one did.
    pub fn caught(&self) -> Option<i32> {
        signal(&self.caught)
    }
}

fn signal(caught: &AtomicUsize) -> Option<i32> {
    i32::try_from(caught.load(Ordering::Relaxed)).ok().filter(|signal| *signal != 0)
}

impl Drop for Signals {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
    }
}
