//! Runs the work of a test in several threads: one seed of a style after another, until the quota is reached.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use crate::restyle::Style;

/// How much of each test's work one style does in an ordinary run. The whole of `cargo test` must stay under five minutes on two
/// cores, so the quotas of existing styles are lowered when a style is added.
#[derive(Debug, Clone, Copy)]
pub struct Quota {
    /// Deployments whose rule sets are restyled (`styles.rs`).
    pub restyled: usize,
    /// Faults planted (`faults_found.rs`).
    pub faults: usize,
    /// Findings whose remediation is applied (`remediated.rs`).
    pub remediations: usize,
    /// Deployments whose rule sets are loaded with the device's own loader (`kernel.rs`).
    pub loads: usize,
}

/// Processes one seed after the other, from the style's first, until `quota` is reached. `work` returns how much work a seed was,
/// and its result. Environment variables may set another quota and another first seed, for all styles.
pub fn share<T: Send>(
    style: &dyn Style,
    (variable, quota): (&str, usize),
    work: impl Fn(u64) -> (usize, T) + Sync,
) -> Vec<T> {
    let quota =
        crate::asked(variable).map_or(quota, |asked| usize::try_from(asked).expect("a number of pieces of work"));
    let next = AtomicU64::new(crate::asked("EDGEWARDEN_LOOP_SEED").unwrap_or(style.seed()));
    let done = AtomicUsize::new(0);
    let results = Mutex::new(Vec::new());
    let threads = std::thread::available_parallelism().map_or(2, |count| count.get().min(8));
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while done.load(Ordering::Relaxed) < quota {
                    let (count, result) = work(next.fetch_add(1, Ordering::Relaxed));
                    done.fetch_add(count, Ordering::Relaxed);
                    results.lock().expect("no thread panicked").push(result);
                }
            });
        }
    });
    results.into_inner().expect("no thread panicked")
}
