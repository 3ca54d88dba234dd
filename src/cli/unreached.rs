//! For `edgewarden rules --unreached`: whether any packet reaches each rule, and why not.

use crate::judge::{Budget, FamilyAddress, Interfaces, Judge, Reachability, Reached, Unreached};
use crate::model::{Family, RuleId, RuleSet};
use crate::source::sanitise;

/// Work budget for a rule, beyond the analysis of its own chain.
const FOR_A_RULE: Budget = Budget { comparisons: 50_000, regions: 2_000, pieces: 2_000, intervals: 200_000 };

/// The most rules that are listed as taking the packets of another; more are counted.
const MOST_NAMED: usize = 3;

/// The reason for each rule by chain and position; `None` for a rule that is reached.
pub(super) fn words(rules: &RuleSet) -> Vec<Vec<Option<String>>> {
    let interfaces = Interfaces::new(rules, &[]);
    let (v4, v6) = (Judge::<u32>::new(rules, &interfaces), Judge::<u128>::new(rules, &interfaces));
    let (mut of_v4, mut of_v6) = (Reached::new(&v4), Reached::new(&v6));
    let mut all = Vec::with_capacity(rules.chains.len());
    for (chain, of_chain) in rules.chains.iter().enumerate() {
        let sees = |family: Family| of_chain.families.contains(&family);
        let of_rule = |place: usize| {
            let rule = RuleId { chain, place };
            let v4 = sees(Family::Ipv4).then(|| of_family(rules, &of_v4.of(rule, FOR_A_RULE), Family::Ipv4));
            // A rule of both families is reached if packets of one reach it.
            if let Some(None) = v4 {
                return None;
            }
            let v6 = sees(Family::Ipv6).then(|| of_family(rules, &of_v6.of(rule, FOR_A_RULE), Family::Ipv6));
            if let Some(None) = v6 {
                return None;
            }
            v4.flatten().or(v6.flatten())
        };
        all.push((0..of_chain.rules.len()).map(of_rule).collect());
    }
    all
}

fn of_family<A: FamilyAddress>(rules: &RuleSet, reach: &Reachability<A>, family: Family) -> Option<String> {
    match reach {
        Reachability::By(..) => None,
        Reachability::Undecided => Some("undecided: finding out takes more steps than the budget allows".to_owned()),
        Reachability::Never(Unreached::MatchesNothing) => Some("never: it matches no packet".to_owned()),
        Reachability::Never(Unreached::NotCalled) => Some("never: nothing leads to its chain".to_owned()),
        Reachability::Never(Unreached::Shadowed(by)) if by.is_empty() => {
            Some("never: no jump carries such packets here".to_owned())
        }
        Reachability::Never(Unreached::Shadowed(by)) => {
            let name = |rule: &RuleId| sanitise(&rules.rule_name(*rule, 0, family, |_| String::new())).into_owned();
            let named: Vec<String> = by.iter().take(MOST_NAMED).map(name).collect();
            let more = by.len().saturating_sub(MOST_NAMED);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            Some(format!("never: taken by {}{more}", named.join(", ")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::words;
    use crate::formats::iptables;
    use crate::source::{Limits, Source};

    #[test]
    fn rules_that_nothing_reaches_are_told_with_the_reason() {
        let text = "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n:idle - [0:0]\n:dmz - [0:0]\n\
            -A FORWARD -d 10.1.0.0/16 -j dmz\n\
            -A FORWARD -s 10.0.0.0/9 -j DROP\n-A FORWARD -s 10.128.0.0/9 -j DROP\n\
            -A FORWARD -s 10.0.0.0/8 -p tcp -j ACCEPT\n-A FORWARD -p tcp -j ACCEPT\n\
            -A dmz -d 10.2.0.0/16 -j ACCEPT\n-A dmz -p udp -m udp --dport 53 -j ACCEPT\n-A idle -j DROP\nCOMMIT\n";
        let source = Source::read("fw", "fw", &mut text.as_bytes(), &Limits::default()).unwrap();
        let rules = iptables::read(&[&source]).rule_set;
        let words = words(&rules);
        let of = |chain: &str| {
            let index = rules.chains.iter().position(|known| known.name == chain).unwrap();
            words[index].clone()
        };
        let taken = "never: taken by ip filter FORWARD 2, ip filter FORWARD 3".to_owned();
        assert_eq!(of("FORWARD"), [None, None, None, Some(taken), None]);
        assert_eq!(of("dmz"), [Some("never: no jump carries such packets here".to_owned()), None]);
        assert_eq!(of("idle"), [Some("never: nothing leads to its chain".to_owned())]);
    }
}
