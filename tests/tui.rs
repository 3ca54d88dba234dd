//! The terminal interface as a user sees it: snapshots of every screen at four sizes, and what keys do.

#![allow(clippy::unwrap_used, clippy::too_many_lines)] // helpers of tests are tests

#[path = "tui/behaviour.rs"]
mod behaviour;
#[path = "tui/filter.rs"]
mod filter;
#[path = "tui/keymap.rs"]
mod keymap;
#[path = "tui/picture.rs"]
mod picture;
#[path = "tui/sample.rs"]
mod sample;
#[path = "tui/screens.rs"]
mod screens;
#[path = "picture/mod.rs"]
mod svg;
