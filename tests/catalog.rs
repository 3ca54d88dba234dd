//! The catalogue's data against the facts of docs/domain.md and against an independent transcription of the same tables.

#![allow(clippy::unwrap_used)] // the lint spares test functions, not what they call

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use edgewarden::catalog::{
    Catalog, Direction, EdgeAddress, ExcessClass, ExcessProbe, ExcessProtocol, Feature, FeatureSet, Interface, Peer,
    PortSource, PortSpan, Requirement, contradiction, contradictions, documents, excess_class, excess_classes, need,
    needs, rows, rows_for,
};
use edgewarden::catalog::{Ports, Product, Topology, Zone};
use serde_json::Value;

const PRODUCTS: [Product; 3] = [Product::Lync2013, Product::Sfb2015, Product::Sfb2019];
const TOPOLOGIES: [Topology; 5] = [
    Topology::SingleNat,
    Topology::SinglePublic,
    Topology::ScaledDnslbNat,
    Topology::ScaledDnslbPublic,
    Topology::ScaledHlb,
];
const ZONES: [Zone; 4] = [Zone::Internet, Zone::EdgeExternal, Zone::EdgeInternal, Zone::Lan];

/// A deployment in which only these features are on.
fn only(features: &[Feature]) -> FeatureSet {
    features.iter().copied().collect()
}

#[test]
fn the_embedded_data_parses() {
    if let Err(error) = Catalog::embedded() {
        panic!("{error}");
    }
    assert_eq!(documents().len(), 5);
}

#[test]
fn the_tables_have_as_many_rows_as_the_domain_page_says() {
    let mut counts = BTreeMap::<&str, usize>::new();
    for row in rows() {
        *counts.entry(row.id.split_at(7).0).or_default() += 1;
    }
    let expected = [
        ("S000.T1", 3),
        ("S001.T1", 1),
        ("S001.T2", 6),
        ("S001.T3", 3),
        ("S002.T1", 16),
        ("S002.T2", 11),
        ("S002.T3", 1),
        ("S002.T4", 6),
        ("S002.T5", 3),
        ("S003.T1", 6),
        ("S004.T1", 14),
        ("S004.T2", 11),
        ("S004.T3", 9),
        ("S004.T4", 8),
        ("S004.T5", 8),
        ("S004.T6", 5),
    ];
    assert_eq!(counts, BTreeMap::from(expected));
    assert_eq!(rows().len(), 111);
}

#[test]
fn the_rows_of_a_table_are_numbered_from_one_without_gaps() {
    let mut next = HashMap::<(u8, u8), u8>::new();
    for row in rows() {
        let number = next.entry((row.document_number, row.table_number)).or_insert(1);
        assert_eq!(row.id, format!("S{:03}.T{}.R{:02}", row.document_number, row.table_number, number));
        *number += 1;
    }
}

#[test]
fn the_products_have_56_and_55_rows_and_all_but_xmpp_hold_for_2019() {
    let of = |product| rows().iter().filter(|row| row.product == product).count();
    assert_eq!(PRODUCTS.map(of), [56, 55, 0]);
    let (also_2019, not_2019): (Vec<_>, Vec<_>) =
        rows().iter().filter(|row| row.product == Product::Sfb2015).partition(|row| row.holds_for(Product::Sfb2019));
    assert_eq!((also_2019.len(), not_2019.len()), (50, 5));
    assert!(not_2019.iter().all(|row| row.role.name() == "xmpp"));
}

#[test]
fn the_needs_are_the_28_of_the_json_schema_in_order() {
    let expected = "external.access.tcp-443.in external.access.tcp-5061.in external.access.tcp-5061.out \
        external.access.tcp-80.out external.access.tcp-53.out external.access.udp-53.out external.xmpp.tcp-5269.in \
        external.xmpp.tcp-5269.out external.webconf.tcp-443.in external.av.tcp-443.in external.av.tcp-443.out \
        external.av.udp-3478.in external.av.udp-3478.out external.av.tcp-50000-59999.in \
        external.av.tcp-50000-59999.out external.av.udp-50000-59999.in external.av.udp-50000-59999.out \
        internal.access.tcp-5061.in internal.access.tcp-5061.out internal.webconf.tcp-8057.in \
        internal.av.tcp-5062.in internal.av.udp-3478.in internal.av.tcp-443.in internal.xmpp.tcp-23456.in \
        internal.replication.tcp-4443.in internal.logging.tcp-50001.in internal.logging.tcp-50002.in \
        internal.logging.tcp-50003.in";
    let found: Vec<_> = needs().iter().map(|need| need.id.as_str()).collect();
    assert_eq!(found, expected.split_whitespace().collect::<Vec<_>>());
    let external = needs().iter().filter(|need| need.interface == Interface::External).count();
    assert_eq!((external, needs().len() - external), (17, 11));
    for need in needs() {
        let of_fields =
            format!("{}.{}.{}-{}.{}", need.interface, need.role, need.transport, need.ports, need.direction);
        assert_eq!(need.id, of_fields);
    }
}

#[test]
fn every_row_agrees_with_its_need_and_every_need_has_a_row() {
    let mut cited = BTreeSet::new();
    for row in rows() {
        let need = need(&row.need).unwrap_or_else(|| panic!("{}: no need {}", row.id, row.need));
        let of_row = (row.interface, row.role, row.transport, row.ports, row.direction);
        assert_eq!(of_row, (need.interface, need.role, need.transport, need.ports, need.direction), "{}", row.id);
        cited.insert(need.id.as_str());
    }
    assert_eq!(cited.len(), 28);
}

#[test]
fn ports_follow_the_deployment_inbound_and_the_peer_outbound() {
    let moved = Ports { access: 5061, federation: 5161, webconf: 444, av_tcp: 8443, av_udp: 3479 };
    for (id, expected) in [
        ("external.access.tcp-443.in", "5061"),
        ("external.access.tcp-5061.in", "5161"),
        ("external.webconf.tcp-443.in", "444"),
        ("external.av.tcp-443.in", "8443"),
        ("external.av.udp-3478.in", "3479"),
        ("external.av.tcp-50000-59999.out", "50000-50999"),
        ("external.access.tcp-5061.out", "5061"),
        ("external.av.tcp-443.out", "443"),
        ("internal.av.udp-3478.in", "3478"),
    ] {
        assert_eq!(need(id).unwrap().ports_in(&moved, (50000, 50999)).to_string(), expected, "{id}");
    }
    let usual = Ports { access: 443, federation: 5061, webconf: 443, av_tcp: 443, av_udp: 3478 };
    for need in needs() {
        assert_eq!(need.ports_in(&usual, (50000, 59999)), need.ports, "{}", need.id);
        let inbound = need.interface == Interface::External && need.direction == Direction::In;
        assert!(inbound || matches!(need.port, PortSource::Fixed(_) | PortSource::Media), "{}", need.id);
    }
}

/// Requirement and severity of a need for each product where only these features are on; `-` where it is not applicable.
fn check_call(id: &str, features: &[Feature], expected: [&str; 3]) {
    let need = need(id).unwrap();
    let found = PRODUCTS.map(|product| {
        let call = need.call(product, only(features));
        call.map_or("-".to_owned(), |call| format!("{} {}", call.requirement, call.severity.name()))
    });
    assert_eq!(found, expected, "{id} with {features:?}");
}

#[test]
fn needs_of_every_deployment_are_mandatory_with_any_features() {
    for (id, call) in [
        ("external.access.tcp-443.in", "mandatory critical"),
        ("external.access.tcp-80.out", "mandatory medium"),
        ("external.access.tcp-53.out", "mandatory high"),
        ("external.access.udp-53.out", "mandatory high"),
        ("external.av.tcp-443.in", "mandatory critical"),
        ("external.av.udp-3478.in", "mandatory critical"),
        ("external.av.tcp-443.out", "mandatory high"),
        ("internal.access.tcp-5061.in", "mandatory critical"),
        ("internal.access.tcp-5061.out", "mandatory critical"),
        ("internal.av.tcp-5062.in", "mandatory critical"),
        ("internal.av.udp-3478.in", "mandatory critical"),
        ("internal.av.tcp-443.in", "mandatory critical"),
        ("internal.replication.tcp-4443.in", "mandatory high"),
    ] {
        check_call(id, &[], [call; 3]);
        check_call(id, &Feature::ALL, [call; 3]);
    }
}

#[test]
fn each_feature_calls_for_its_own_needs() {
    use Feature::{Cls, Federation, Hybrid, MultipleNodes, Ocs2007Partners, OtherEdgePools, Pic, PicAv, Push, Xmpp};
    let not_2019 = ["conditional high", "conditional high", "-"];
    let lync_only = ["conditional high", "-", "-"];
    for (ids, callers, expected) in [
        (
            "external.access.tcp-5061.in external.access.tcp-5061.out",
            &[Federation, Pic, Hybrid, Push][..],
            ["conditional high"; 3],
        ),
        ("external.xmpp.tcp-5269.in external.xmpp.tcp-5269.out internal.xmpp.tcp-23456.in", &[Xmpp], not_2019),
        ("external.webconf.tcp-443.in internal.webconf.tcp-8057.in", &[Feature::Webconf], ["mandatory high"; 3]),
        (
            "internal.logging.tcp-50001.in internal.logging.tcp-50002.in internal.logging.tcp-50003.in",
            &[Cls],
            ["optional info"; 3],
        ),
        ("external.av.tcp-50000-59999.in external.av.udp-50000-59999.in", &[Ocs2007Partners], lync_only),
    ] {
        for id in ids.split(' ') {
            check_call(id, &[], ["-"; 3]);
            for feature in Feature::ALL {
                let calls = callers.contains(&feature);
                check_call(id, &[feature], if calls { expected } else { ["-"; 3] });
            }
        }
    }
    for feature in Feature::ALL {
        let calls = [Federation, Hybrid, PicAv, OtherEdgePools, MultipleNodes].contains(&feature);
        let expected = if calls { "conditional high" } else { "recommended low" };
        check_call("external.av.udp-3478.out", &[feature], [expected; 3]);
    }
    check_call("external.av.udp-3478.out", &[], ["recommended low"; 3]);
    for (transport, caller) in [("tcp", Federation), ("udp", Ocs2007Partners)] {
        let id = format!("external.av.{transport}-50000-59999.out");
        for feature in Feature::ALL {
            let lync = if feature == caller { "conditional low" } else { "-" };
            check_call(&id, &[feature], [lync, "recommended low", "recommended low"]);
        }
    }
}

#[test]
fn every_peer_and_every_requirement_is_used_by_some_need() {
    let peers: BTreeSet<_> = needs().iter().map(|need| need.peer).collect();
    assert_eq!(peers, Peer::ALL.iter().copied().collect());
    let clauses = needs().iter().flat_map(|need| &need.called_for);
    let requirements: BTreeSet<_> = clauses.map(|clause| clause.requirement).collect();
    assert_eq!(requirements, Requirement::ALL.iter().copied().collect());
}

#[test]
fn the_contradictions_are_c01_to_c36_and_those_about_port_tables_name_rows() {
    let ids: Vec<_> = contradictions().iter().map(|contradiction| contradiction.id.clone()).collect();
    assert_eq!(ids, (1..=36).map(|number| format!("C{number:02}")).collect::<Vec<_>>());
    assert!(contradiction("C07").is_some_and(|c07| c07.resolution.contains("OCS 2007")));
    let touching: BTreeSet<_> = rows().iter().flat_map(|row| &row.contradictions).collect();
    let untouched: Vec<_> = ids.iter().filter(|id| !touching.contains(id)).collect();
    assert_eq!(untouched, ["C19", "C23", "C24", "C25", "C26", "C27", "C28", "C29", "C30", "C31"]);
}

/// The ids of the rows that a need cites, separated by spaces.
fn check_citation(need: &str, product: Product, topology: Topology, vip: bool, expected: &str) {
    let cited: Vec<_> = rows_for(need, product, topology, vip).iter().map(|row| row.id.as_str()).collect();
    assert_eq!(cited.join(" "), expected, "{need} {product:?} {topology:?} vip {vip}");
}

#[test]
fn a_need_cites_the_rows_of_its_product_and_topology() {
    use Product::{Lync2013, Sfb2015, Sfb2019};
    use Topology::{ScaledDnslbPublic, ScaledHlb, SingleNat};
    let sign_in = "external.access.tcp-443.in";
    check_citation(sign_in, Sfb2015, SingleNat, false, "S004.T1.R05");
    check_citation(sign_in, Sfb2019, ScaledDnslbPublic, false, "S004.T1.R05");
    check_citation(sign_in, Sfb2019, ScaledHlb, true, "S004.T5.R03");
    check_citation(sign_in, Sfb2019, ScaledHlb, false, "S004.T5.R03");
    check_citation(sign_in, Lync2013, SingleNat, false, "S002.T1.R05 S002.T4.R03 S001.T2.R03 S003.T1.R03");
    check_citation("external.av.udp-3478.in", Sfb2015, ScaledHlb, false, "S004.T3.R07");
    check_citation("external.av.udp-3478.in", Sfb2015, ScaledHlb, true, "S004.T5.R07");
    check_citation("internal.replication.tcp-4443.in", Sfb2015, ScaledHlb, true, "S004.T4.R02");
    check_citation("internal.access.tcp-5061.in", Sfb2015, ScaledHlb, false, "S004.T6.R01");
    check_citation("external.xmpp.tcp-5269.out", Sfb2015, SingleNat, false, "S004.T5.R02");
    check_citation("external.xmpp.tcp-5269.out", Lync2013, SingleNat, false, "S002.T5.R02 S000.T1.R02 S001.T3.R02");
}

#[test]
fn every_applicable_need_cites_a_row() {
    for product in PRODUCTS {
        for need in needs() {
            let called_for = need.call(product, only(&Feature::ALL)).is_some();
            for topology in TOPOLOGIES {
                for vip in [false, true] {
                    let cited = rows_for(&need.id, product, topology, vip);
                    assert!(!called_for || !cited.is_empty(), "{} {product:?} {topology:?}", need.id);
                    assert!(cited.iter().all(|row| (row.document_number == 4) == (product != Product::Lync2013)));
                }
            }
        }
    }
}

#[test]
fn a_row_serialises_to_what_edgewarden_requirements_prints() {
    let row = rows().iter().find(|row| row.id == "S002.T1.R11").unwrap();
    let json = serde_json::to_string(row).unwrap();
    let expected = r#"{"id":"S002.T1.R11","need":"external.av.tcp-50000-59999.in","product":"lync2013","topology":"single-consolidated-nat","interface":"external","role":"av","transport":"tcp","ports":"50000-59999","direction":"in","requirement":"conditional:federation_ocs2007","source":"Any","destination":"Edge Server A/V Edge service","#;
    assert!(json.starts_with(expected), "{json}");
}

#[test]
fn port_spans_are_written_as_they_are_read_and_never_backwards() {
    for text in ["0", "443", "50000-59999", "65535"] {
        assert_eq!(text.parse::<PortSpan>().unwrap().to_string(), text);
    }
    for text in ["", "-", "https", "65536", "59999-50000", "50,000-59,999", "+443"] {
        assert!(text.parse::<PortSpan>().is_err(), "{text}");
    }
}

/// Severity and name of the rank of a packet such as `internet>edge_external tcp 443 access`, altered by `change`.
fn rank(packet: &str, change: impl FnOnce(&mut ExcessProbe<'_>)) -> String {
    let words: Vec<_> = packet.split(' ').collect();
    let zone = |name: &str| -> Zone { serde_json::from_value(name.into()).unwrap() };
    let (from, to) = words[0].split_once('>').unwrap();
    let role: EdgeAddress = serde_json::from_value((*words.last().unwrap()).into()).unwrap();
    let mut probe = ExcessProbe {
        from: zone(from),
        to: zone(to),
        protocol: ExcessProtocol::ALL.iter().copied().find(|protocol| protocol.name() == words[1]),
        port: words[2].parse().ok(),
        roles: &[role],
        features: only(&[]),
        whole: false,
        every_peer: false,
        admin_hosts: false,
    };
    change(&mut probe);
    let class = excess_class(&probe);
    format!("{} {}", class.severity.name(), class.name)
}

#[test]
fn excess_is_ranked_as_the_domain_page_ranks_it() {
    for (packet, expected) in [
        ("edge_external>lan tcp 445 access", "critical outside-to-the-lan"),
        ("internet>edge_internal tcp 443 internal", "critical outside-to-the-internal-address"),
        ("edge_external>edge_internal tcp 80 internal", "critical outside-to-the-internal-address"),
        ("internet>edge_external tcp 3389 access", "critical administration-from-the-internet"),
        ("internet>edge_internal tcp 22 internal", "critical administration-from-the-internet"),
        ("internet>edge_internal tcp 4443 internal", "critical internal-service-from-outside"),
        ("internet>edge_internal tcp 23456 internal", "critical internal-service-from-outside"),
        ("edge_external>edge_internal tcp 5062 internal", "critical internal-service-from-outside"),
        ("internet>edge_internal tcp 50002 internal", "critical internal-service-from-outside"),
        ("internet>edge_internal udp 55000 internal", "critical media-range-to-the-internal-address"),
        ("edge_internal>lan tcp 445 internal", "high domain-services-from-the-edge"),
        ("edge_internal>lan udp 123 internal", "high from-the-edge-into-the-lan"),
        ("edge_internal>internet tcp 443 internal", "high internal-address-to-outside"),
        ("internet>edge_external tcp 55000 av", "medium media-range-in"),
        ("internet>edge_external udp 55000 access", "high media-range-in-on-another-address"),
        ("internet>edge_external tcp 60000 av", "medium inbound"),
        ("internet>edge_external tcp 5061 av", "medium federation-in-on-another-address"),
        ("internet>edge_external tcp 5061 access", "medium federation-off-in"),
        ("internet>edge_external tcp 80 access", "medium http-in"),
        ("internet>edge_external udp 5060 access", "medium sip-in"),
        ("internet>edge_external tcp 443 webconf", "medium https-in"),
        ("internet>edge_external esp - av", "medium inbound"),
        ("edge_external>internet tcp 25 access", "medium mail-out"),
        ("edge_external>internet tcp 8080 access", "medium outbound"),
        ("edge_external>internet udp 53 access", "low dns-beyond-the-resolvers"),
        ("edge_external>internet tcp 80 av", "low http-out-beyond-the-crl-hosts"),
        ("edge_external>internet udp 3478 access", "low media-out"),
        ("lan>edge_internal tcp 3389 internal", "medium administration-from-the-lan"),
        ("lan>edge_internal tcp 8080 internal", "medium inbound-from-the-lan"),
        ("lan>edge_external tcp 443 access", "medium inbound-from-the-lan"),
        ("lan>edge_internal tcp 4443 internal", "low server-port-from-more-of-the-lan"),
        ("lan>edge_internal tcp 50002 internal", "low logging-from-the-lan"),
        ("lan>edge_internal tcp 3478 internal", "low media-from-the-lan"),
        ("lan>edge_internal udp 5061 internal", "low wrong-transport-from-the-lan"),
        ("lan>edge_internal tcp 23456 internal", "low xmpp-gateway-off"),
        ("internet>edge_external tcp 5269 access", "low xmpp-off-in"),
        ("edge_external>internet tcp 5269 access", "low xmpp-off-out"),
        ("internet>edge_external tcp 3478 av", "low wrong-transport-tcp-in"),
        ("internet>edge_external udp 443 av", "low wrong-transport-udp-in"),
        ("internet>edge_external udp 3478 access", "low media-negotiation-on-another-address"),
        ("internet>edge_external icmp - access", "low icmp"),
        ("edge_internal>lan icmp - internal", "low icmp"),
    ] {
        assert_eq!(rank(packet, |_| ()), expected, "{packet}");
    }
}

#[test]
fn excess_is_ranked_by_width_peers_and_features() {
    let whole = |probe: &mut ExcessProbe<'_>| probe.whole = true;
    assert_eq!(rank("internet>edge_external tcp 443 access", whole), "critical everything-into-the-edge");
    assert_eq!(rank("lan>edge_internal icmp - internal", whole), "critical everything-into-the-edge");
    assert_eq!(rank("edge_external>internet tcp 8080 av", whole), "medium outbound");
    let everyone = |probe: &mut ExcessProbe<'_>| probe.every_peer = true;
    assert_eq!(rank("lan>edge_internal tcp 4443 internal", everyone), "high server-port-from-all-of-the-lan");
    assert_eq!(rank("lan>edge_internal tcp 5061 internal", everyone), "high server-port-from-all-of-the-lan");
    assert_eq!(rank("lan>edge_internal tcp 8057 internal", everyone), "low server-port-from-more-of-the-lan");
    assert_eq!(rank("edge_internal>lan tcp 5061 internal", everyone), "high sip-to-all-of-the-lan");
    assert_eq!(rank("edge_internal>lan tcp 5061 internal", |_| ()), "low sip-to-more-of-the-lan");
    let admin = |probe: &mut ExcessProbe<'_>| probe.admin_hosts = true;
    assert_eq!(rank("lan>edge_internal tcp 3389 internal", admin), "info administration-by-admin-hosts");
    let on = |probe: &mut ExcessProbe<'_>| probe.features = only(&[Feature::Push, Feature::Xmpp]);
    assert_eq!(rank("internet>edge_external tcp 5061 access", on), "low federation-in");
    assert_eq!(rank("internet>edge_external tcp 5269 access", on), "low xmpp-in");
    let single_ip = |probe: &mut ExcessProbe<'_>| probe.roles = &[EdgeAddress::Access, EdgeAddress::Av];
    assert_eq!(rank("internet>edge_external udp 55000 access", single_ip), "medium media-range-in");
}

#[test]
fn the_ranking_of_excess_covers_everything_and_every_entry_can_apply() {
    assert!(excess_classes().last().is_some_and(ExcessClass::is_unconditional));
    assert!(excess_classes().iter().all(|class| (1..=12).contains(&class.rank)));
    let ports: BTreeSet<_> = excess_classes().iter().flat_map(|class| &class.ports).map(|span| span.first()).collect();
    let mut hit = BTreeSet::new();
    for (from, to) in ZONES.iter().flat_map(|from| ZONES.iter().map(move |to| (*from, *to))) {
        for (role, protocol) in
            EdgeAddress::ALL.iter().flat_map(|role| ExcessProtocol::ALL.iter().map(move |p| (role, *p)))
        {
            for (port, bits) in ports.iter().chain([&1]).flat_map(|port| (0..16_u8).map(move |bits| (*port, bits))) {
                let class = excess_class(&ExcessProbe {
                    from,
                    to,
                    protocol: Some(protocol),
                    port: (protocol != ExcessProtocol::Icmp).then_some(port),
                    roles: &[*role],
                    features: only(if bits & 1 == 0 { &[] } else { &Feature::ALL }),
                    whole: bits & 2 != 0,
                    every_peer: bits & 4 != 0,
                    admin_hosts: bits & 8 != 0,
                });
                hit.insert(class.name.as_str());
            }
        }
    }
    let dead: Vec<_> =
        excess_classes().iter().map(|class| class.name.as_str()).filter(|name| !hit.contains(name)).collect();
    assert!(dead.is_empty(), "never hit: {dead:?}");
}

#[test]
fn data_that_contradicts_itself_is_refused() {
    let entry = "[[excess]]\nname = \"x\"\nrank = 9\nseverity = \"low\"\ntitle = \"\"\nwhy = \"\"\n";
    let row = "[[row]]\nid = \"S009.T1.R01\"\nneed = \"no.such\"\nalso_products = []\ninterface = \"external\"\n\
        role = \"av\"\nprotocol = \"\"\ntransport = \"tcp\"\nports = \"1\"\ndirection = \"in\"\nfeature = \"\"\n\
        requirement = \"\"\nsource = \"\"\ndestination = \"\"\nnote = \"\"\ncontradictions = []\n";
    for (rows, excess, expected) in [
        ("row = []", entry.to_owned(), ""),
        ("row = []", "excess = []".to_owned(), "the last entry must have no conditions"),
        ("row = []", format!("{entry}{entry}"), "x is defined twice"),
        ("row = []\nrows = 1", entry.to_owned(), "unknown field `rows`"),
        (row, entry.to_owned(), "S009.T1.R01 refers to no.such"),
    ] {
        let rows = format!("document = []\ntable = []\n{rows}");
        let refused = Catalog::parse(&rows, "need = []", "contradiction = []", &excess, "check = []").err();
        let message = refused.map(|error| error.to_string()).unwrap_or_default();
        assert!(message.contains(expected) && message.is_empty() == expected.is_empty(), "{expected}: {message}");
    }
}

#[test]
fn the_rows_agree_with_an_independent_transcription() {
    let shared = std::env::var_os("EDGEWARDEN_SHARED").map(PathBuf::from);
    let shared = shared.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"));
    let path = shared.join("catalog/edge-tables.json");
    let Ok(text) = std::fs::read_to_string(&path) else {
        eprintln!("skipped: no transcription at {} to compare with", path.display());
        return;
    };
    let transcription: Vec<Value> = serde_json::from_str(&text).unwrap();
    let theirs: HashMap<_, _> = transcription.iter().map(|row| (row["id"].as_str().unwrap(), row)).collect();
    assert_eq!((transcription.len(), theirs.len()), (rows().len(), rows().len()));
    let mut agreeing = 0;
    for row in rows() {
        let theirs = theirs.get(row.id.as_str()).unwrap_or_else(|| panic!("{} is not in the transcription", row.id));
        for (key, ours) in [
            ("port_lo", Value::from(row.ports.first())),
            ("port_hi", row.ports.last().into()),
            ("transport", row.transport.name().into()),
            ("direction", format!("{}bound", row.direction).into()),
            ("source", row.source.as_str().into()),
            ("destination", row.destination.as_str().into()),
            ("interface", format!("{}{}", row.interface, if row.vip { "-vip" } else { "" }).into()),
            ("product", serde_json::to_value(row.product).unwrap()),
            ("also_products", serde_json::to_value(&row.also_products).unwrap()),
            ("topology", row.topology.name().into()),
            ("app_protocol", row.protocol.as_str().into()),
            ("feature", row.feature.as_str().into()),
            ("requirement", row.requirement.as_str().into()),
            ("table_number", row.table_number.into()),
            ("table_title", row.table.as_str().into()),
            ("row_number", row.number.into()),
        ] {
            assert_eq!(ours, theirs[key], "{}: {key}", row.id);
        }
        let role = theirs["role"].as_str().unwrap();
        assert!(role == "internal" || role == row.role.name(), "{}: role {role}", row.id);
        agreeing += 1;
    }
    println!("{agreeing} of {} rows agree", rows().len());
    assert_eq!(agreeing, 111);
}
