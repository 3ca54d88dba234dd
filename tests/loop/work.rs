//! The work of a test, shared by threads: seed after seed of one style, until its quota is met.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use crate::restyle::Style;

/// How much of each test's work one style does in an ordinary run. `cargo test` as a whole stays under five minutes on two cores
/// with every style in the table, so a style that comes takes from its neighbours' share, not from the reader's time.
#[derive(Debug, Clone, Copy)]
pub struct Quota {
    /// Deployments whose rule sets are written in other ways (`styles.rs`).
    pub restyled: usize,
    /// Faults planted (`faults_found.rs`).
    pub faults: usize,
    /// Findings whose remediation is applied (`remediated.rs`).
    pub remediations: usize,
    /// Deployments whose rule sets go into the device's own loader (`kernel.rs`).
    pub loads: usize,
}

/// Takes one seed after the other, from the style's first, until `quota` is met. `work` says how much a seed came to, and what it
/// leaves. The environment may name another quota or another first seed, for every style.
pub fn share<T: Send>(
    style: &dyn Style,
    (variable, quota): (&str, usize),
    work: impl Fn(u64) -> (usize, T) + Sync,
) -> Vec<T> {
    let quota =
        crate::asked(variable).map_or(quota, |asked| usize::try_from(asked).expect("a number of pieces of work"));
    let next = AtomicU64::new(crate::asked("EDGEWARDEN_LOOP_SEED").unwrap_or(style.seed()));
    let done = AtomicUsize::new(0);
    let left = Mutex::new(Vec::new());
    let threads = std::thread::available_parallelism().map_or(2, |count| count.get().min(8));
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while done.load(Ordering::Relaxed) < quota {
                    let (count, leaves) = work(next.fetch_add(1, Ordering::Relaxed));
                    done.fetch_add(count, Ordering::Relaxed);
                    left.lock().expect("no thread panicked").push(leaves);
                }
            });
        }
    });
    left.into_inner().expect("no thread panicked")
}
