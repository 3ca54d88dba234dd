//! The packets that a set contains, as packet sets. Elements are looked up as the kernel does it, and each dimension is put on
//! the axis that its direction names (kernel `net/netfilter/ipset/ip_set_core.c`, `ip_set_test`).

use rustc_hash::FxHashMap;

use crate::packets::{Address, Interface, IntervalSet, PacketSet, coalesce};

use super::kind::Dimension;
use super::lookup::{Answer, Networks, Overlay, Ports, Region, regions};
use super::ports::PortAxis;
use super::prefix::Prefix;
use super::service::{Service, TCP_AND_UDP};
use super::set::{Element, IpSet};

/// The most boxes that a set may be split into.
pub const MOST_ROWS: usize = 262_144;

/// The most comparisons of port ranges with each other.
const MOST_COMPARISONS: usize = 16_000_000;

/// The end of a packet that a dimension is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum Direction {
    Source,
    Destination,
}

/// How a match uses a set.
#[derive(Debug, Clone, Copy)]
pub struct Look<'l> {
    /// The direction of each dimension.
    pub directions: &'l [Direction],
    /// Whether `nomatch` elements match instead of the others (`--return-nomatch`).
    pub holes_match: bool,
    /// The interfaces that are distinguished.
    pub axis: &'l PortAxis,
}

/// The packets that a set contains.
#[derive(Debug, Clone)]
pub struct Contents<A: Address> {
    /// The packets that match.
    pub inside: Vec<PacketSet<A>>,
    /// The packets for which it is undecided.
    pub open: Vec<PacketSet<A>>,
}

impl<A: Address> Contents<A> {
    /// No packet.
    pub fn nothing() -> Self {
        Self { inside: Vec::new(), open: Vec::new() }
    }
}

/// A region of the addresses, and the services that the set contains for it.
type Row = (Region, Vec<Service>);

/// The packets that a set contains. If the set has a family, it must be that of `A`. `None` if the set would be split into more
/// than [`MOST_ROWS`] boxes.
pub fn contents<A: Address>(set: &IpSet, look: Look<'_>) -> Option<Contents<A>> {
    let mut contents = Contents::nothing();
    // A set with more dimensions than directions never matches.
    if look.directions.len() < set.kind.dimensions.len() {
        return Some(contents);
    }
    let holes_match = look.holes_match && set.kind.has_holes();
    let points: Vec<IntervalSet<u128>> = set.interfaces.iter().map(|port| look.axis.points(port)).collect();
    let (networks, ports) = (Networks { holes_match }, Ports { holes_match, points: &points });
    let overlay: &dyn Overlay = if set.kind.has(Dimension::Interface) { &ports } else { &networks };
    for ((first, answer), services) in rows(set, overlay)? {
        for (protocol, source_port, destination_port) in transports(set, look.directions, services) {
            for (second, boxes) in [(&answer.inside, &mut contents.inside), (&answer.open, &mut contents.open)] {
                // If the type has no second dimension, the second axis is full where an element matches.
                if second.is_empty() {
                    continue;
                }
                let plain = PacketSet {
                    protocol: protocol.clone(),
                    source_port: source_port.clone(),
                    destination_port: destination_port.clone(),
                    ..PacketSet::full()
                };
                let product = placed(set, look.directions, plain, &first, second);
                if !product.is_empty() {
                    boxes.push(product);
                }
                if boxes.len() > MOST_ROWS {
                    return None;
                }
            }
        }
    }
    contents.inside = coalesce(contents.inside);
    contents.open = coalesce(contents.open);
    (contents.inside.len().max(contents.open.len()) <= MOST_ROWS).then_some(contents)
}

/// The regions of a set's addresses for each of its services, with equal ones combined.
fn rows(set: &IpSet, overlay: &dyn Overlay) -> Option<Vec<Row>> {
    if !set.kind.has(Dimension::Service) && !set.kind.has(Dimension::Port) {
        let all = regions(set.elements.iter().collect(), overlay).into_iter();
        return Some(all.map(|region| (region, vec![Service::ANY])).collect());
    }
    let by_service = by_service(set.elements.iter().collect(), overlay)?;
    // If the first dimension has single hosts, grouping hosts with the same services may give fewer rows than grouping services
    // with the same hosts.
    if by_service.len() <= 2 || set.kind.dimensions.first() != Some(&Dimension::Address) {
        return Some(by_service);
    }
    match by_host(set, overlay) {
        Some(by_host) if by_host.len() < by_service.len() => Some(by_host),
        _ => Some(by_service),
    }
}

/// One row for each region of each service. Services with the same region share a row.
fn by_service(elements: Vec<&Element>, overlay: &dyn Overlay) -> Option<Vec<Row>> {
    let mut places: FxHashMap<Region, usize> = FxHashMap::default();
    let mut rows: Vec<Row> = Vec::new();
    for (service, elements) in pieces(elements)? {
        for region in regions(elements, overlay) {
            let place = *places.entry(region).or_insert_with_key(|region| {
                rows.push((region.clone(), Vec::new()));
                rows.len() - 1
            });
            rows[place].1.push(service);
        }
    }
    Some(rows)
}

/// The elements of one host: answers of the second dimension, each with its services.
type Services = Vec<(Answer, Vec<Service>)>;

/// The rows of each host. Hosts with the same services share their rows.
fn by_host(set: &IpSet, overlay: &dyn Overlay) -> Option<Vec<Row>> {
    let mut elements: Vec<&Element> = set.elements.iter().collect();
    elements.sort_by_key(|element| element.first);
    let size = |element: &Element| element.first.1 - element.first.0;
    if elements.windows(2).any(|pair| size(pair[0]) != size(pair[1])) {
        return None;
    }
    let mut hosts: FxHashMap<Services, Vec<Prefix>> = FxHashMap::default();
    for host in elements.chunk_by(|a, b| a.first == b.first) {
        let rows = by_service(host.to_vec(), overlay)?;
        let host_services = rows.into_iter().map(|((_, answer), services)| (answer, services)).collect();
        hosts.entry(host_services).or_default().extend(host.first().map(|element| element.first));
    }
    let mut rows: Vec<Row> = Vec::new();
    for (host_services, intervals) in hosts {
        let first = IntervalSet::from_intervals(intervals);
        rows.extend(host_services.into_iter().map(|(answer, services)| ((first.clone(), answer), services)));
    }
    // The result must not depend on the order of a hash map.
    rows.sort_unstable_by(|((one, _), one_services), ((other, _), other_services)| {
        (one, one_services).cmp(&(other, other_services))
    });
    Some(rows)
}

/// Elements by service. Overlapping port ranges are split at each other's ends. The elements of one service keep their order.
fn pieces(elements: Vec<&Element>) -> Option<Vec<(Service, Vec<&Element>)>> {
    let mut sorted: Vec<(usize, &Element)> = elements.into_iter().enumerate().collect();
    sorted.sort_by_key(|(_, element)| element.service);
    let mut pieces = Vec::new();
    for group in sorted.chunk_by(|(_, a), (_, b)| a.service.protocol == b.service.protocol) {
        let services = || group.iter().map(|(_, element)| element.service);
        let single = services().all(|service| service.low == service.high);
        if !single && group.len().saturating_mul(group.len()) > MOST_COMPARISONS {
            return None;
        }
        if single {
            let of_service = group.chunk_by(|(_, a), (_, b)| a.service == b.service);
            for these in of_service {
                let service = these.first()?.1.service;
                pieces.push((service, these.iter().map(|(_, element)| *element).collect()));
            }
            continue;
        }
        let mut begins: Vec<u32> =
            services().flat_map(|service| [u32::from(service.low), u32::from(service.high) + 1]).collect();
        begins.sort_unstable();
        begins.dedup();
        for ends in begins.windows(2) {
            let (Ok(low), Ok(high)) = (u16::try_from(ends[0]), u16::try_from(ends[1] - 1)) else { continue };
            let covers = |(_, element): &&(usize, &Element)| element.service.low <= low && high <= element.service.high;
            let mut here: Vec<(usize, &Element)> = group.iter().filter(covers).copied().collect();
            here.sort_unstable_by_key(|(place, _)| *place);
            if let Some((_, first)) = here.first() {
                let protocol = first.service.protocol;
                pieces.push((Service { protocol, low, high }, here.iter().map(|(_, element)| *element).collect()));
            }
        }
    }
    Some(pieces)
}

/// A set of protocols, of source ports and of destination ports.
type Transport = (IntervalSet<u8>, IntervalSet<u16>, IntervalSet<u16>);

/// Services on the packet's axes. The ICMP type is on the axis of source ports, its code on that of destination ports. For a
/// protocol without ports, both axes are full.
fn transports(set: &IpSet, directions: &[Direction], services: Vec<Service>) -> Vec<Transport> {
    let place = set.kind.dimensions.iter().position(|d| matches!(d, Dimension::Service | Dimension::Port));
    let Some(place) = place else {
        return vec![(IntervalSet::full(), IntervalSet::full(), IntervalSet::full())];
    };
    let from_source = directions.get(place) == Some(&Direction::Source);
    let any = IntervalSet::full;
    let mut ports: FxHashMap<u8, Vec<(u16, u16)>> = FxHashMap::default();
    let mut transports: Vec<Transport> = Vec::new();
    for service in services {
        match service.protocol {
            1 | 58 => {
                let [kind, code] = service.low.to_be_bytes().map(u16::from);
                let (protocol, kind) = (IntervalSet::single(service.protocol), IntervalSet::single(kind));
                transports.push((protocol, kind, IntervalSet::single(code)));
            }
            TCP_AND_UDP | 6 | 17 | 132 | 136 => {
                ports.entry(service.protocol).or_default().push((service.low, service.high));
            }
            other => transports.push((IntervalSet::single(other), any(), any())),
        }
    }
    let mut by_ports: FxHashMap<IntervalSet<u16>, Vec<(u8, u8)>> = FxHashMap::default();
    for (protocol, intervals) in ports {
        let protocols: &[(u8, u8)] =
            if protocol == TCP_AND_UDP { &[(6, 6), (17, 17)] } else { &[(protocol, protocol)] };
        by_ports.entry(IntervalSet::from_intervals(intervals)).or_default().extend(protocols);
    }
    for (ports, protocols) in by_ports {
        let protocols = IntervalSet::from_intervals(protocols);
        transports.push(if from_source { (protocols, ports, any()) } else { (protocols, any(), ports) });
    }
    transports.sort_unstable();
    transports
}

/// Puts the first and the second dimension on the axes that their directions name. If both name the same axis, both must match.
fn placed<A: Address>(
    set: &IpSet,
    directions: &[Direction],
    mut product: PacketSet<A>,
    first: &IntervalSet<u128>,
    second: &IntervalSet<u128>,
) -> PacketSet<A> {
    let mut parts = [first, second].into_iter();
    for (dimension, direction) in set.kind.dimensions.iter().zip(directions) {
        let source = *direction == Direction::Source;
        match dimension {
            Dimension::Address | Dimension::Network => {
                let addresses: IntervalSet<A> = parts.next().map_or_else(IntervalSet::full, addresses);
                let axis = if source { &mut product.source } else { &mut product.destination };
                *axis = axis.intersection(&addresses);
            }
            Dimension::Interface => {
                let points = parts.next().map_or_else(IntervalSet::full, interfaces);
                if source { product.ingress = points } else { product.egress = points }
            }
            _ => {}
        }
    }
    product
}

/// Numbers as addresses.
fn addresses<A: Address>(numbers: &IntervalSet<u128>) -> IntervalSet<A> {
    if numbers.is_full() {
        return IntervalSet::full();
    }
    let top = A::HIGHEST.to_u128();
    let fits = numbers.intervals().iter().filter(|(low, _)| *low <= top);
    IntervalSet::from_intervals(fits.map(|(low, high)| (A::from_u128(*low), A::from_u128((*high).min(top)))).collect())
}

/// Numbers as points of the interface axis.
fn interfaces(numbers: &IntervalSet<u128>) -> IntervalSet<Interface> {
    let point = |number: u128| Interface::try_from(number).unwrap_or(Interface::MAX);
    let intervals = numbers.intervals().iter().map(|(low, high)| (point(*low), point(*high)));
    IntervalSet::from_intervals(intervals.collect())
}
