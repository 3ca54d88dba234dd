//! Edgewarden audits firewalls around Microsoft Lync and Skype for Business Edge Servers, exactly.
//!
//! The folders are the pipeline, in this order:
//!
//! ```text
//! bytes ─ source ─ formats ─▶ model ─▶ judge ──┐
//!                                     packets  ├─▶ audit ─▶ findings ─▶ report
//!         catalog + deployment ─▶ needs ───────┘                  └───▶ tui
//! ```
//!
//! `docs/ARCHITECTURE.md` is the map: what each folder holds, what it must not know, and where to start reading.

pub mod audit;
pub mod catalog;
pub mod cli;
pub mod deployment;
pub mod findings;
pub mod formats;
pub mod generate;
pub mod judge;
pub mod layout;
pub mod model;
pub mod packets;
pub mod report;
pub mod source;
pub mod tui;
