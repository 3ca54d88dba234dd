//! The families that are made to hurt, each as a whole: what is dead, and of one hard set alone.

use edgewarden::packets::{Ordered, PacketSet};

use crate::families::{block_list, crossing, diagonal, groups, tiling};
use crate::{milliseconds, timed};

pub fn all() {
    println!("\nfamilies made to hurt");
    whole("diagonal of 100,000", &diagonal::<u32>(100_000));
    whole("crossing of 50,000", &crossing::<u32>(50_000));
    whole("tiling of 100,000", &tiling::<u32>(100_000, false, 1));
    whole("tiling with a hole", &tiling::<u32>(100_000, true, 1));
    whole("1,000,000 blocked hosts", &block_list::<u32>(1_000_000, 200, 1));
    whole("120 rules on groups", &groups::<u32>(120, 5000, 200, 500, 1));
    whole("600 rules on groups", &groups::<u32>(600, 5000, 200, 500, 1));
    whole("diagonal, IPv6", &diagonal::<u128>(100_000));
    whole("tiling, IPv6", &tiling::<u128>(100_000, false, 1));
}

fn whole<A: edgewarden::packets::Address + Send + Sync>(name: &str, sets: &[PacketSet<A>]) {
    let (ordered, build) = timed(|| Ordered::new((0u32..).zip(sets)));
    let (shadows, time) = timed(|| ordered.shadowed(Ordered::<A>::LOOKS));
    let longest = shadows.dead.iter().map(|shadowed| shadowed.by.len()).max().unwrap_or(0);
    println!(
        "  {name:<26} build {:>8.1} ms, shadowed {:>8.1} ms: {} dead, longest cover {longest}, {} undecided",
        milliseconds(build),
        milliseconds(time),
        shadows.dead.len(),
        shadows.undecided.len()
    );
}
