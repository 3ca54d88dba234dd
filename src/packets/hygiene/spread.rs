//! Asks the same question about many items, in two threads. The result does not depend on how the threads share the work.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// How many items are processed together, and from how many items on a second thread is started.
const RUN: usize = 512;
const WORTH_A_THREAD: usize = 4 * RUN;

/// The answers, in the order of the items, without those that are `None`.
pub(super) fn spread<I: Sync, T: Send>(items: &[I], ask: impl Fn(&I) -> Option<T> + Sync) -> Vec<T> {
    let ask_run = |run: &[I]| run.iter().filter_map(&ask).collect::<Vec<T>>();
    let runs: Vec<&[I]> = items.chunks(RUN).collect();
    let next = AtomicUsize::new(0);
    let work = || {
        let mut done = Vec::new();
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some(run) = runs.get(number) else { return done };
            done.push((number, ask_run(run)));
        }
    };
    let done = thread::scope(|scope| {
        let builder = (items.len() >= WORTH_A_THREAD).then(thread::Builder::new);
        let second = builder.and_then(|builder| builder.spawn_scoped(scope, work).ok());
        let mut done = work();
        done.extend(second.and_then(|second| second.join().ok()).unwrap_or_default());
        done
    });
    let mut answers: Vec<Option<Vec<T>>> = runs.iter().map(|_| None).collect();
    for (number, answer) in done {
        answers[number] = Some(answer);
    }
    // A run that a thread did not finish is done here.
    answers.into_iter().zip(runs).flat_map(|(answer, run)| answer.unwrap_or_else(|| ask_run(run))).collect()
}
