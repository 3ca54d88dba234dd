//! The closed loop: what is written for a deployment, read again and audited, has every need satisfied and nothing in excess.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // helpers of tests are tests

mod closed;
