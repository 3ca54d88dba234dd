//! Correct rule sets in the many styles in which administrators write them.
//!
//! [`regroup`] rewrites the list of permits. A [`Style`] writes such a list as the files of one format, and chooses among the
//! notations of that format. To add a format, implement [`Style`] and add it to [`STYLES`].

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

/// All formats in which rule sets are written here.
pub const STYLES: &[&dyn Style] = &[&iptables::Iptables];

/// The contents that the files of a firewall must have.
pub struct Wanted<'a> {
    pub address_plan: &'a AddressPlan,
    pub wiring: &'a Wiring,
    /// The permits, by family.
    pub permits: Vec<(Family, Vec<Entry>)>,
    pub translations: Vec<Pair>,
    /// Whether replies are let through.
    pub replies: bool,
    /// Whether each address is translated by its own rule. A rule for a block would also translate addresses that are left out.
    pub one_by_one: bool,
}

/// An address and its public address.
#[derive(Debug, Clone)]
pub struct Pair {
    pub inner: IpAddr,
    pub outer: IpAddr,
    /// The external interfaces; empty for any interface.
    pub outside: Vec<InterfacePattern>,
    /// A protocol and two ports: connections to the first port of the public address arrive at the second port.
    pub moved_port: Option<(u8, u16, u16)>,
}

/// The files that were written.
pub struct Written {
    /// The firewall's files, in the order in which they are read.
    pub files: Vec<String>,
    /// For each family and each of its entries, in order, the lines of the entry: file from 0, line from 1.
    pub places: Vec<Vec<Vec<(usize, u32)>>>,
    /// How many choices differ from the plain style.
    pub rewrites: usize,
}

/// The result of loading files with a device's own loader.
pub enum Loaded {
    /// It accepted them, and printed these dumps.
    Saved(Vec<String>),
    /// It refused them, for this reason.
    Refused(String),
    /// This machine cannot load anything of the kind, for this reason.
    Impossible(String),
}

/// A style of one format, with its share of the work and the device's own loader, if this machine has it.
pub trait Style: Sync {
    /// The format of the files.
    fn format(&self) -> &'static dyn Format;

    /// How much of each test's work is done in this style.
    fn quota(&self) -> Quota;

    /// The first of its seeds.
    fn seed(&self) -> u64;

    /// Writes a rule set that permits exactly what is wanted; with `plain`, in the simplest notation.
    fn write(&self, wanted: &Wanted, random: &mut Random, plain: bool) -> Written;

    /// Where a misplaced rule can be written in this format.
    fn placements(&self) -> &'static [Placement];

    /// The conditions that a permit can have in this format.
    fn conditions(&self) -> &'static [Condition];

    /// The faults that cannot be written in this format.
    fn cannot_have(&self) -> &'static [Fault];

    /// The same files with additional chains that accept everything, before or after those that decide; and the same files with
    /// as many comment lines instead, so that line numbers are equal. None in a format where packets never pass two chains.
    fn among_neutral(&self, files: &[String], random: &mut Random) -> Option<(Vec<String>, Vec<String>)>;

    /// Loads files into a separate network namespace, with `folder` for temporary files, and prints what was loaded.
    fn load(&self, folder: &Path, files: &[String]) -> Loaded;
}
