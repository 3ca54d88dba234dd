//! Reads `edgewarden.toml`, section by section, into a [`Deployment`].
//!
//! The file is read from the parser's spanned values, so that an error can name line and key. Checks across sections follow in
//! `validate`. Start at [`parse`].

use sha2::{Digest, Sha256};
use toml::de::{DeTable, DeValue};

use super::error::DeploymentError;
use super::reader::{Reader, Section};
use super::{
    AvRuleStyle, Deployment, Family, Feature, Hosts, Peers, Product, Topology, addresses, allow, edge, evidence,
    firewalls, names, validate, wording,
};

/// The only schema version.
const SCHEMA: u16 = 1;

const ROOT: [&str; 9] = ["schema", "deployment", "features", "firewall", "edge", "hosts", "peers", "evidence", "allow"];
const DEPLOYMENT: [&str; 6] = ["product", "topology", "single_ip", "ip_families", "sip_domains", "av_rule_style"];
const HOSTS: [&str; 12] = [
    "front_end",
    "front_end_vip",
    "director",
    "director_vip",
    "cms",
    "xmpp_gateway",
    "sba",
    "admin_hosts",
    "internal_networks",
    "dns_resolvers",
    "crl_hosts",
    "reverse_proxy",
];
const PEERS: [&str; 5] = ["federation", "pic", "live_messenger", "xmpp", "remote_clients"];

/// Reads and validates a deployment file.
///
/// `file` is its name for messages, `text` its decoded text (a byte order mark is skipped), `bytes` its raw bytes, used for
/// [`Deployment::sha256`]. The caller limits the size; the time grows as n log n.
///
/// # Errors
///
/// The first problem found: invalid TOML, an unknown or missing key, a value of the wrong type or out of range, or values that
/// contradict each other (docs/domain.md, "Refused when the deployment file is loaded").
pub fn parse(file: &str, text: &str, bytes: &[u8]) -> Result<Deployment, DeploymentError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let reader = Reader::new(file, text);
    let document = DeTable::parse(text).map_err(|error| syntax(&reader, text, &error))?;
    let deployment = read(&reader, document.get_ref(), data_encoding::HEXLOWER.encode(&Sha256::digest(bytes)))?;
    validate::check(&reader, deployment)
}

/// The error for text that is not TOML.
fn syntax(reader: &Reader<'_>, text: &str, error: &toml::de::Error) -> DeploymentError {
    let span = error.span().unwrap_or_default();
    let offset = span.start.min(text.len());
    let mut problem = format!("not TOML: {}", error.message().trim());
    let advice = if error.message().contains("duplicate key") {
        let key = text.get(span).unwrap_or_default();
        problem = format!("{problem} {}", wording::quoted(key));
        "keep one of the two; a list of tables takes [[double brackets]]"
    } else {
        "correct the line; put texts in double quotes and lists in square brackets"
    };
    reader.refuse_at(reader.line_at(offset), "", &problem, advice)
}

fn read<'t>(reader: &Reader<'_>, document: &'t DeTable<'t>, sha256: String) -> Result<Deployment, DeploymentError> {
    let root = reader.open(document);
    schema(&root)?;
    root.only(&ROOT)?;

    let section = root.section("deployment", &DEPLOYMENT)?;
    let product = section.require("product", "product = \"sfb2015\", \"sfb2019\" or \"lync2013\"")?.word(
        "product",
        &Product::ALL,
        Product::name,
    )?;
    let topology = section
        .require("topology", &format!("topology, one of {}", Topology::ALL.map(Topology::name).join(", ")))?
        .word("topology", &Topology::ALL, Topology::name)?;
    let single_ip = section.switch("single_ip", false)?;
    let switches = switches(&root)?;
    let edge = edge::read(&root, topology, single_ip, switches.contains(&Feature::Webconf))?;
    let of_nodes = (edge.nodes.len() > 1).then_some(Feature::MultipleNodes);
    let features = switches.into_iter().chain(of_nodes).collect();
    let evidence = evidence::read(&root, &edge.nodes)?;
    let hosts = hosts(&root)?;
    let mut not_evaluated = Vec::new();
    if !hosts.reverse_proxy.is_empty() {
        not_evaluated.push("hosts.reverse_proxy".to_owned());
    }
    not_evaluated.extend(evidence);
    Ok(Deployment {
        sha256,
        product,
        topology,
        single_ip,
        families: families(&section)?,
        sip_domains: sip_domains(&section)?,
        av_rule_style: match section.get("av_rule_style") {
            Some(value) => value.word("style", &AvRuleStyle::ALL, AvRuleStyle::name)?,
            None => AvRuleStyle::Either,
        },
        features,
        firewalls: firewalls::read(&root)?,
        edge,
        hosts,
        peers: peers(&root)?,
        allows: allow::read(&root)?,
        not_evaluated,
        warnings: Vec::new(),
    })
}

/// Checks the schema before anything else, since a later schema may have other keys.
fn schema(root: &Section<'_, '_>) -> Result<(), DeploymentError> {
    let value = root.require("schema", "schema = 1 at the top of the file")?;
    let digits = match value.raw() {
        DeValue::Integer(digits) => digits.to_string(),
        _ => return Err(value.expected("a whole number", "write schema = 1")),
    };
    match value.number(SCHEMA, SCHEMA) {
        Ok(_) => Ok(()),
        Err(_) => Err(value.refuse(
            &format!("schema {} is not supported by this version", wording::quoted(&digits)),
            "write schema = 1, or use a later edgewarden",
        )),
    }
}

fn families(section: &Section<'_, '_>) -> Result<Vec<Family>, DeploymentError> {
    let Some(value) = section.get("ip_families") else { return Ok(vec![Family::Ipv4]) };
    let mut families = Vec::new();
    for item in value.list("families")? {
        let family = item.word("family", &Family::ALL, Family::name)?;
        if families.contains(&family) {
            return Err(item.refuse(&format!("{} is listed twice", family.name()), "list each family once"));
        }
        families.push(family);
    }
    if families.is_empty() {
        return Err(value.refuse("empty", "write [\"ipv4\"], [\"ipv6\"] or [\"ipv4\", \"ipv6\"]"));
    }
    Ok(families)
}

fn sip_domains(section: &Section<'_, '_>) -> Result<Vec<String>, DeploymentError> {
    let Some(value) = section.get("sip_domains") else { return Ok(Vec::new()) };
    value.list("domain names")?.iter().map(names::domain_name).collect()
}

/// The switches of `[features]` that are on. Web Conferencing and centralized logging are on unless the file says otherwise.
fn switches(root: &Section<'_, '_>) -> Result<Vec<Feature>, DeploymentError> {
    let section = root.section("features", &Feature::switches().map(Feature::name).collect::<Vec<_>>())?;
    let mut on = Vec::new();
    for feature in Feature::switches() {
        if section.switch(feature.name(), matches!(feature, Feature::Webconf | Feature::Cls))? {
            on.push(feature);
        }
    }
    Ok(on)
}

fn hosts(root: &Section<'_, '_>) -> Result<Hosts, DeploymentError> {
    let section = root.section("hosts", &HOSTS)?;
    let list = |name: &str| -> Result<_, DeploymentError> {
        let networks = addresses::networks(&section, name)?;
        match networks.iter().position(|network| network.prefix_len() == 0) {
            Some(index) => Err(section.reader.refuse(
                &format!("{}[{}]", section.path(name), index + 1),
                "covers the whole Internet",
                "list your own hosts or networks",
            )),
            None => Ok(networks),
        }
    };
    let required = |name: &str, add: &str| -> Result<_, DeploymentError> {
        let value = section.require(name, add)?;
        let networks = list(name)?;
        if networks.is_empty() {
            return Err(value.refuse("empty", &format!("write {add}")));
        }
        Ok(networks)
    };
    let front_end = required("front_end", "front_end = [\"ADDRESS\", …], each Front End Server")?;
    let or_front_end = |name: &str| -> Result<_, DeploymentError> {
        let networks = list(name)?;
        Ok(if networks.is_empty() { front_end.clone() } else { networks })
    };
    Ok(Hosts {
        front_end_vip: list("front_end_vip")?,
        director: list("director")?,
        director_vip: list("director_vip")?,
        cms: or_front_end("cms")?,
        xmpp_gateway: or_front_end("xmpp_gateway")?,
        sba: list("sba")?,
        admin_hosts: list("admin_hosts")?,
        internal_networks: required("internal_networks", "internal_networks = [\"NETWORK\", …], clients included")?,
        dns_resolvers: list("dns_resolvers")?,
        crl_hosts: list("crl_hosts")?,
        reverse_proxy: list("reverse_proxy")?,
        front_end,
    })
}

fn peers(root: &Section<'_, '_>) -> Result<Peers, DeploymentError> {
    let section = root.section("peers", &PEERS)?;
    let list = |name| addresses::networks(&section, name);
    Ok(Peers {
        federation: list("federation")?,
        pic: list("pic")?,
        live_messenger: list("live_messenger")?,
        xmpp: list("xmpp")?,
        remote_clients: list("remote_clients")?,
    })
}
