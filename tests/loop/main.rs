//! The loop that proves the judgement: random deployments, the rule sets they need in every style that administrators write,
//! and faults planted in those.
//!
//! A correct rule set audits clean however it is written, and a planted fault is found as exactly that fault. Start at
//! `deployments.rs`; `closed.rs` audits what the program itself writes, `styles.rs` what people write, `planted.rs` what they
//! get wrong.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // helpers of tests are tests

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
mod oracle;
mod random;
mod remediated;
mod restyle;
mod rules;
mod score;
mod styles;

use std::collections::BTreeSet;

/// A number from the environment.
fn asked(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{name} is not a number")))
}

/// How many threads share the work.
fn threads() -> usize {
    std::thread::available_parallelism().map_or(2, |count| count.get().min(8))
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
