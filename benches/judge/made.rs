//! Rule sets made for measuring, as iptables-save writes them: the same for the same size.

use std::fmt::Write as _;
use std::net::Ipv4Addr;

/// The first of the Edge's addresses, 131.107.155.10; rules speak of it and its neighbours more than of others.
pub const EDGE: u32 = 0x836b_9b0a;

/// A generator of numbers that are the same each time (Marsaglia, "Xorshift RNGs", 2003).
pub struct Random(pub u64);

impl Random {
    /// A number from 0 to one less than `limit`.
    pub fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % limit
    }
}

const HEAD: &str = "*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n";

/// A network of some length: among a few thousand sites, or the Edge's.
fn network(random: &mut Random) -> String {
    let length = [32, 32, 32, 28, 24, 24, 20, 16][random.below(8) as usize];
    let base = if random.below(200) == 0 {
        EDGE + random.below(8) as u32
    } else {
        0x0a00_0000 + (random.below(1 << 22) as u32) * 4
    };
    let mask = u32::MAX << (32 - length);
    format!("{}/{length}", Ipv4Addr::from(base & mask))
}

/// What follows the chain's name in a rule: mostly one source, one destination, one service.
fn body(random: &mut Random) -> String {
    let mut words = String::new();
    // One in ten is from anywhere, one in ten to anywhere; none is both.
    let open = random.below(10);
    if open != 0 {
        let _ = write!(words, " -s {}", network(random));
    }
    if open != 1 {
        let _ = write!(words, " -d {}", network(random));
    }
    let protocol = ["tcp", "tcp", "tcp", "udp"][random.below(4) as usize];
    let _ = write!(words, " -p {protocol} -m {protocol}");
    let port = [443, 80, 22, 53, 25, 5061, 3478, 1433, 3389, 8080][random.below(10) as usize];
    match random.below(8) {
        0 => {}
        1 => {
            let low = 1024 + random.below(40_000);
            let _ = write!(words, " --dport {low}:{}", low + random.below(2000));
        }
        _ => {
            let _ = write!(words, " --dport {port}");
        }
    }
    words
}

/// The wide network that a call of a chain is about.
fn guard(random: &mut Random) -> String {
    let length = 9 + random.below(3) as u32;
    let base = 0x0a00_0000 | (random.below(1 << 24) as u32);
    let end = ["-s", "-d"][random.below(2) as usize];
    format!(" {end} {}/{length}", Ipv4Addr::from(base & (u32::MAX << (32 - length))))
}

/// One chain.
pub fn flat(rules: u32) -> String {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let mut text = HEAD.to_owned();
    for _ in 0..rules {
        let target = if random.below(5) == 0 { "DROP" } else { "ACCEPT" };
        let _ = writeln!(text, "-A FORWARD{} -j {target}", body(&mut random));
    }
    text + "COMMIT\n"
}

/// A hundred chains in six layers, each calling some of the next layer behind a guard, with returns among their rules.
pub fn in_chains(rules: u32) -> String {
    let mut random = Random(0x2545_f491_4f6c_dd1d);
    let mut text = HEAD.to_owned();
    let layers: Vec<Vec<String>> =
        (0..6).map(|layer| (0..17).map(|chain| format!("L{layer}_{chain}")).collect()).collect();
    for chain in layers.iter().flatten() {
        let _ = writeln!(text, ":{chain} - [0:0]");
    }
    for chain in &layers[0] {
        let _ = writeln!(text, "-A FORWARD{} -j {chain}", guard(&mut random));
    }
    for (layer, chains) in layers.iter().enumerate() {
        for chain in chains {
            for _ in 0..rules / 102 {
                let _ = match random.below(100) {
                    0..5 if layer < 5 => {
                        let callee = &layers[layer + 1][random.below(17) as usize];
                        writeln!(text, "-A {chain}{} -j {callee}", guard(&mut random))
                    }
                    5..13 => writeln!(text, "-A {chain}{} -j RETURN", body(&mut random)),
                    13..30 => writeln!(text, "-A {chain}{} -j DROP", body(&mut random)),
                    _ => writeln!(text, "-A {chain}{} -j ACCEPT", body(&mut random)),
                };
            }
        }
    }
    text + "COMMIT\n"
}

/// Single addresses that are dropped, one rule each, and a few rules behind them.
pub fn block_list(rules: u32) -> String {
    let mut random = Random(0x1234_5678_9abc_def1);
    let mut text = HEAD.to_owned();
    for _ in 0..rules - 20 {
        let _ = writeln!(text, "-A FORWARD -s {}/32 -j DROP", Ipv4Addr::from(random.below(0xe000_0000) as u32));
    }
    for number in 0..20 {
        let address = Ipv4Addr::from(EDGE + number % 5);
        let _ = writeln!(text, "-A FORWARD -d {address}/32 -p tcp -m tcp --dport {} -j ACCEPT", 443 + number);
    }
    text + "COMMIT\n"
}
