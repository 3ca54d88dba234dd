//! End-to-end tests of the judgement: random deployments, the rule sets they need in many styles of administrators, and faults
//! planted in these.
//!
//! ```text
//!  deployments ──▶ the draft the program makes ──▶ its own writer ──▶ audited: clean (closed), forwarded by the kernel (forwarded)
//!       │                    │
//!       │                    ▼
//!       │            permits as a list ◀── regroup: other rules for the same packets (restyle/regroup)
//!       │             │             │
//!       │             ▼             ▼
//!       │     a style writes    a fault is put into the list (fault_case, mutate)
//!       │     the files            │                          │
//!       │     (restyle)            ▼                          ▼
//!       │        │          the style writes the files   the oracle computes the expected result with
//!       │        │                 │                     sets, without the audit (oracle, expected)
//!       ▼        ▼                 ▼                          │
//!      audited: clean,         audited (audited) ──▶ scored: found, missed, false alarm, wrong kind (score, faults_found)
//!      as the plain file           │
//!      (styles); loaded by         ▼
//!      the device (kernel)     each remediation applied and audited again (remediated)
//! ```
//!
//! Each entry of `restyle::STYLES` passes all of these tests, with its own seeds, quota and score (`work`).

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // these are helpers of tests

#[path = "../remediation/applied.rs"]
mod applied;
mod audited;
mod closed;
mod deployments;
mod entries;
mod expected;
mod fault;
mod fault_case;
mod faults_found;
mod forwarded;
mod kernel;
mod mutate;
#[path = "../neutral/tables.rs"]
mod neutral;
mod oracle;
mod random;
mod remediated;
mod restyle;
mod rules;
mod score;
mod styles;
mod together;
mod work;

use std::collections::BTreeSet;

/// A number from the environment.
fn asked(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{name} is not a number")))
}

#[test]
fn every_seed_gives_a_valid_deployment_and_all_shapes_occur() {
    let mut shapes = BTreeSet::new();
    for seed in 0..4000 {
        let deployment = deployments::deployment(seed);
        shapes.insert(format!("{:?}", deployment.topology));
        shapes.insert(format!("{:?}", deployment.product));
        shapes.insert(format!("{:?}", deployment.families));
        shapes.insert(format!("{} firewalls", deployment.firewalls.len()));
        shapes.insert(format!("{} nodes", deployment.edge.nodes.len()));
        shapes.insert(format!("{:?}", deployment.av_rule_style));
        shapes.insert(format!("single address {}", deployment.single_ip));
    }
    // 5 topologies, 3 products, 4 lists of families, 1 or 2 firewalls, 1 to 4 nodes, 3 styles, one address or three.
    assert_eq!(shapes.len(), 5 + 3 + 4 + 2 + 4 + 3 + 2, "{shapes:?}");
}
