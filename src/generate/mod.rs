//! The rule set that a deployment needs on one of its firewalls: everything its needs call for, and nothing else.
//!
//! It turns needs into permits. It knows neither a device's syntax nor how findings are judged. Start at [`draft`]; a format
//! writes the result ([`crate::model::Dialect`]).

mod ends;
mod groups;
mod permits;
mod title;
mod translations;

use crate::deployment::needs::{Demand, Need, resolve};
use crate::deployment::{AddressPlan, Deployment, Firewall};
use crate::model::Draft;

/// Everything a firewall has to permit: all needs of its side, merged where possible. Exceptions (`[[allow]]`) are tolerated but
/// not needed, so they are left out.
#[must_use]
pub fn draft(deployment: &Deployment, firewall: &Firewall) -> Draft {
    of_needs(deployment, firewall, true, |_| true)
}

/// The same for selected needs, each with its own permits.
#[must_use]
pub fn draft_of(deployment: &Deployment, firewall: &Firewall, wanted: impl Fn(&Need) -> bool) -> Draft {
    of_needs(deployment, firewall, false, wanted)
}

fn of_needs(deployment: &Deployment, firewall: &Firewall, joins_ports: bool, wanted: impl Fn(&Need) -> bool) -> Draft {
    let needs = resolve(deployment, &AddressPlan::of(deployment));
    let of_firewall: Vec<&Need> = needs.iter().filter(|need| need.is_of(firewall)).collect();
    let mut groups = groups::Groups::new(deployment, firewall, joins_ports);
    for (need, demand) in of_firewall.iter().filter(|need| wanted(need)).filter_map(|need| called_for(need)) {
        groups.add(need, demand);
    }
    Draft {
        title: title::of(deployment, firewall, &of_firewall),
        families: deployment.families.clone(),
        translations: translations::of(deployment, firewall),
        groups: groups.into_groups(),
    }
}

fn called_for(need: &Need) -> Option<(&Need, &Demand)> {
    need.demand.as_ref().ok().map(|demand| (need, demand))
}
