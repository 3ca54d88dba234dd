//! Correct rule sets in the many ways in which people write them.
//!
//! [`regroup`] rewrites the list of permits; a [`Style`] writes such a list as the files of one format, choosing among that
//! format's own ways of saying it. A format joins by implementing [`Style`] and standing in [`STYLES`].

pub mod iptables;
pub mod regroup;

use std::net::IpAddr;
use std::path::Path;

use edgewarden::deployment::AddressPlan;
use edgewarden::formats::Format;
use edgewarden::model::{Family, InterfacePattern};

use crate::entries::{Condition, Entry, Placement, Wiring};
use crate::fault::Fault;
use crate::random::Random;
use crate::work::Quota;

/// Every format that rule sets are written in here.
pub const STYLES: &[&dyn Style] = &[&iptables::Iptables];

/// What the files of a firewall are to hold.
pub struct Wanted<'a> {
    pub address_plan: &'a AddressPlan,
    pub wiring: &'a Wiring,
    /// What gets through, by family.
    pub permits: Vec<(Family, Vec<Entry>)>,
    pub translations: Vec<Pair>,
    /// Whether replies to what was let through get back.
    pub replies: bool,
    /// Whether each address is translated by a rule of its own: a block would translate what is left out too.
    pub one_by_one: bool,
}

/// An address and what the outside knows it by.
#[derive(Debug, Clone)]
pub struct Pair {
    pub inner: IpAddr,
    pub outer: IpAddr,
    /// Interfaces of the outside; empty: any.
    pub outside: Vec<InterfacePattern>,
    /// Connections to this port of the outer address arrive at the other one.
    pub moved_port: Option<(u8, u16, u16)>,
}

/// Files that were written.
pub struct Written {
    /// The firewall's files, in the order in which they are read.
    pub files: Vec<String>,
    /// For each family and each of its entries, in their order, the lines it stands on: file from 0, line from 1.
    pub places: Vec<Vec<Vec<(usize, u32)>>>,
    /// How often a choice was made that another administrator would have made otherwise.
    pub rewrites: usize,
}

/// What a device's own loader makes of files.
pub enum Loaded {
    /// It took them, and prints these of what it holds.
    Saved(Vec<String>),
    /// It refused them, for this reason.
    Refused(String),
    /// This machine cannot load anything of the kind, for this reason.
    Impossible(String),
}

/// A way of writing rule sets in one format, its share of the work, and the device's own loader where there is one here.
pub trait Style: Sync {
    /// The format of what it writes.
    fn format(&self) -> &'static dyn Format;

    /// How much of each test's work is done in it.
    fn quota(&self) -> Quota;

    /// The first of its seeds.
    fn seed(&self) -> u64;

    /// Writes a rule set that permits exactly what is wanted. `plain` is the plainest way there is.
    fn write(&self, wanted: &Wanted, random: &mut Random, plain: bool) -> Written;

    /// Where a misplaced rule can stand in this format.
    fn placements(&self) -> &'static [Placement];

    /// What a permit can hang on in this format.
    fn conditions(&self) -> &'static [Condition];

    /// The faults that cannot be written in this format.
    fn cannot_have(&self) -> &'static [Fault];

    /// The same files with chains beside those that decide, before or behind them, that accept everything; and with as many remarks in
    /// their stead, so that lines have the same numbers. None in a format where no packet passes two chains.
    fn among_neutral(&self, files: &[String], random: &mut Random) -> Option<(Vec<String>, Vec<String>)>;

    /// Loads files into a network namespace of their own, with `folder` for scratch, and prints what was loaded.
    fn load(&self, folder: &Path, files: &[String]) -> Loaded;
}
