//! Shared between the loader's thread and the screen: progress, and cancelling.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// The loader's progress. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Progress(Arc<Mutex<Step>>);

/// What the loader is at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Step {
    /// One line, such as `Reading fw-ext.rules`.
    pub stage: String,
    /// How much of it is done.
    pub done: u64,
    /// How much there is, in the same unit; 0 where unknown.
    pub total: u64,
}

impl Progress {
    /// Begins a stage of `total` units; 0 where unknown.
    pub fn stage(&self, stage: impl Into<String>, total: u64) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Step { stage: stage.into(), done: 0, total };
    }

    /// Sets how much of the stage is done.
    pub fn done(&self, done: u64) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).done = done;
    }

    /// What the loader is at.
    #[must_use]
    pub fn step(&self) -> Step {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Whether the user has cancelled. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    /// Asks the loader to stop.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether the loader has been asked to stop.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// The flag itself, for code that takes one.
    #[must_use]
    pub fn flag(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.0)
    }
}
