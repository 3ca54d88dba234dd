//! The terminal interface as a user sees it: snapshots of every screen at four sizes, and what keys do.

#[path = "tui/sample.rs"]
mod sample;
#[path = "tui/screens.rs"]
mod screens;
#[path = "tui/behaviour.rs"]
mod behaviour;
#[path = "tui/keymap.rs"]
mod keymap;
#[path = "tui/filter.rs"]
mod filter;
#[path = "tui/picture.rs"]
mod picture;
