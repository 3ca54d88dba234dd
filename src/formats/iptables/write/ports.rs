//! Ports as options: one port or range, or lists for `-m multiport`, which accepts fifteen ports and counts a range as two
//! (iptables-extensions(8)). Also ICMP types with their codes.

use crate::packets::IntervalSet;

use super::addresses::not;

/// The most ports that one `-m multiport` accepts.
const MOST: usize = 15;

/// The modules for one axis of ports. The union of the alternatives is the set; there are none if the set is empty. `axis` is `s`
/// or `d`; `own` is the protocol's own module, if that has options for ports.
pub(super) fn alternatives(set: &IntervalSet<u16>, axis: char, own: Option<&str>) -> Vec<String> {
    if set.is_full() {
        return vec![String::new()];
    }
    let others = set.complement();
    let negated = set.intervals().len() > 1 && weight(&others) < weight(set) && weight(&others) <= MOST;
    let listed = if negated { &others } else { set };
    if let ([(low, high)], Some(own)) = (listed.intervals(), own) {
        return vec![format!("-m {own} {}--{axis}port {}", not(negated), span(*low, *high))];
    }
    chunks(listed).iter().map(|list| format!("-m multiport {}--{axis}ports {list}", not(negated))).collect()
}

/// Splits a set into lists of at most fifteen.
fn chunks(set: &IntervalSet<u16>) -> Vec<String> {
    let mut lists: Vec<String> = Vec::new();
    let mut room = 0;
    for (low, high) in set.intervals() {
        let count = if low == high { 1 } else { 2 };
        // Two consecutive ports are listed separately, as administrators do.
        let text = if low.checked_add(1) == Some(*high) { format!("{low},{high}") } else { span(*low, *high) };
        if let Some(list) = lists.last_mut().filter(|_| count <= room) {
            list.push(',');
            list.push_str(&text);
            room -= count;
        } else {
            lists.push(text);
            room = MOST - count;
        }
    }
    lists
}

/// How many of the fifteen ports of multiport a set needs.
fn weight(set: &IntervalSet<u16>) -> usize {
    set.intervals().iter().map(|(low, high)| if low == high { 1 } else { 2 }).sum()
}

fn span(low: u16, high: u16) -> String {
    if low == high { low.to_string() } else { format!("{low}:{high}") }
}

/// Types and codes of ICMP, one for each message. None if the syntax cannot express them: in IPv4 the type 255 means any type.
pub(super) fn messages(types: &IntervalSet<u16>, codes: &IntervalSet<u16>, ipv6: bool) -> Option<Vec<String>> {
    let bytes = IntervalSet::range(0, 255);
    let (types, codes) = (types.intersection(&bytes), codes.intersection(&bytes));
    let (module, option) = if ipv6 { ("icmp6", "--icmpv6-type") } else { ("icmp", "--icmp-type") };
    let all_codes = codes == bytes;
    if types == bytes && all_codes {
        return Some(vec![String::new()]);
    }
    let others = bytes.difference(&types);
    if let (Some(other), true) = (others.only(), all_codes)
        && (ipv6 || other != 255)
    {
        return Some(vec![format!("-m {module} ! {option} {other}")]);
    }
    if !ipv6 && types.contains(255) {
        return None;
    }
    let each =
        |set: &IntervalSet<u16>| set.intervals().iter().flat_map(|(low, high)| *low..=*high).collect::<Vec<u16>>();
    let of_type = |kind: u16| {
        if all_codes {
            return vec![format!("-m {module} {option} {kind}")];
        }
        each(&codes).iter().map(|code| format!("-m {module} {option} {kind}/{code}")).collect()
    };
    Some(each(&types).into_iter().flat_map(of_type).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(intervals: &[(u16, u16)]) -> IntervalSet<u16> {
        IntervalSet::from_intervals(intervals.to_vec())
    }

    #[test]
    fn one_port_or_range_is_the_protocol_s_own_option() {
        assert_eq!(alternatives(&set(&[(443, 443)]), 'd', Some("tcp")), ["-m tcp --dport 443"]);
        assert_eq!(alternatives(&set(&[(1024, u16::MAX)]), 's', Some("udp")), ["-m udp --sport 1024:65535"]);
        assert_eq!(alternatives(&set(&[(443, 443)]), 'd', None), ["-m multiport --dports 443"]);
        assert_eq!(alternatives(&set(&[(0, 79), (81, u16::MAX)]), 'd', Some("tcp")), ["-m tcp ! --dport 80"]);
    }

    #[test]
    fn more_are_lists_of_fifteen_and_a_range_counts_two() {
        let odd: Vec<(u16, u16)> = (0..16).map(|n| (1001 + 2 * n, 1001 + 2 * n)).collect();
        let lists = alternatives(&set(&odd), 'd', Some("tcp"));
        assert_eq!(lists.len(), 2);
        assert_eq!(lists[1], "-m multiport --dports 1031");
        let ranges: Vec<(u16, u16)> = (0..8).map(|n| (1000 + 10 * n, 1005 + 10 * n)).collect();
        assert_eq!(alternatives(&set(&ranges), 'd', Some("tcp")).len(), 2);
    }

    #[test]
    fn messages_are_types_with_codes() {
        let full = IntervalSet::full();
        assert_eq!(messages(&set(&[(8, 8)]), &full, false), Some(vec!["-m icmp --icmp-type 8".to_owned()]));
        assert_eq!(messages(&set(&[(3, 3)]), &set(&[(4, 4)]), false), Some(vec!["-m icmp --icmp-type 3/4".to_owned()]));
        assert_eq!(messages(&set(&[(255, 255)]), &full, false), None);
        assert_eq!(messages(&full, &full, true), Some(vec![String::new()]));
    }
}
