//! Dumps of ipset beside dumps of iptables: what `-m set` comes to, and how the program takes companions.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // helpers of tests are tests

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use edgewarden::formats::{FormatError, Options, Reading, detect, named, read};
use edgewarden::source::{Limits, LineState, Source};
use proptest::prelude::*;
use serde_json::Value;
use tempfile::TempDir;

/// A folder with a dump, its companion, and more as tests need it.
struct Folder(TempDir);

impl Folder {
    fn with(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        Self(folder)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// What the program prints, and its exit code.
    fn run(&self, arguments: &[&str]) -> (String, Option<i32>) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_edgewarden"));
        let output = command.args(arguments).current_dir(self.0.path()).output().unwrap();
        let said = String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
        (said, output.status.code())
    }
}

/// A dump of the forward chain with one rule for each match.
fn dump(matches: &[&str]) -> String {
    let mut text = String::from("*filter\n:FORWARD DROP [0:0]\n");
    for one in matches {
        let _ = writeln!(text, "-A FORWARD {one} -j ACCEPT");
    }
    text + "COMMIT\n"
}

/// What matches come to, as `edgewarden rules` writes it.
fn meanings(sets: &str, matches: &[&str]) -> Vec<String> {
    let folder = Folder::with(&[("fw.rules", &dump(matches)), ("sets.ipset", sets)]);
    let (said, _) = folder.run(&["rules", "fw.rules", "sets.ipset"]);
    let of_line = |line: &str| Some(line.split_once("  for ")?.1.rsplit_once("  (fw:")?.0.to_owned());
    said.lines().filter_map(of_line).collect()
}

fn meaning(sets: &str, one: &str) -> String {
    let found = meanings(sets, &[one]);
    assert_eq!(found.len(), 1, "{found:?}");
    found.into_iter().next().unwrap()
}

fn source(id: &str, text: &str) -> Source {
    Source::read(id, id, &mut text.as_bytes(), &Limits::default()).unwrap()
}

fn reading(sets: &str, matches: &[&str]) -> Reading {
    let sources = [source("fw", &dump(matches)), source("sets", sets)];
    edgewarden::formats::iptables::read(&[&sources[0], &sources[1]])
}

/// Why the rule of a dump's only match is not recognised.
fn remark(sets: &str, one: &str) -> String {
    let reading = reading(sets, &[one]);
    assert_eq!(reading.ledgers[0].state(3), Some(LineState::Unrecognised));
    reading.ledgers[0].reason(3).to_owned()
}

#[test]
fn hosts_are_addresses_with_ranges_networks_and_masks() {
    let sets = "create a hash:ip family inet\nadd a 10.0.0.1\nadd a 10.0.0.4-10.0.0.9\nadd a 10.1.0.0/30\n\
        create m hash:ip netmask 24\nadd m 10.0.9.0\ncreate b bitmap:ip range 10.0.0.0-10.0.255.255\nadd b 10.0.0.7\n";
    let found = meanings(sets, &["-m set --match-set a src", "-m set --match-set m dst", "-m set --match-set b src"]);
    assert_eq!(found, ["from 10.0.0.1,10.0.0.4-10.0.0.9,10.1.0.0/30", "to 10.0.9.0/24", "from 10.0.0.7"]);
}

#[test]
fn the_longest_prefix_decides_and_a_hole_is_one_too() {
    let sets = "create n hash:net\nadd n 10.0.0.0/8\nadd n 10.1.0.0/16 nomatch\nadd n 10.1.2.0/24\n";
    let found = meanings(
        sets,
        &[
            "-m set --match-set n src",
            "-m set ! --match-set n src",
            "-m set --match-set n src --return-nomatch",
            "-m set --set n dst",
        ],
    );
    assert_eq!(found[0], "from 10.0.0.0/16,10.1.2.0/24,10.2.0.0-10.255.255.255");
    assert_eq!(found[1], "from 0.0.0.0-9.255.255.255,10.1.0.0/23,10.1.3.0-10.1.255.255,11.0.0.0-255.255.255.255");
    assert_eq!(found[2], "from 10.1.0.0/23,10.1.3.0-10.1.255.255");
    assert_eq!(found[3], found[0].replace("from", "to"));
}

#[test]
fn services_are_grouped_and_icmp_is_looked_up_by_type_and_code() {
    let sets = "create s hash:ip,port\nadd s 10.0.0.1,tcp:80\nadd s 10.0.0.2,80\nadd s 10.0.0.1,udp:80\nadd s 10.0.0.2,udp:80\n\
        add s 10.0.0.3,icmp:echo-request\nadd s 10.0.0.3,ospf:0\nadd s 10.0.0.3,sctp:90-99\n";
    assert_eq!(
        meaning(sets, "-m set --match-set s dst,dst"),
        "to 10.0.0.3 icmp sport 8 dport 0 | to 10.0.0.3 89 | to 10.0.0.3 sctp dport 90-99 | to 10.0.0.1-10.0.0.2 tcp,udp dport 80"
    );
    let sets =
        "create s hash:net,port\nadd s 10.0.0.0/8,tcp:80\nadd s 10.1.0.0/16,tcp:80 nomatch\nadd s 10.1.0.0/16,tcp:81\n";
    assert_eq!(
        meaning(sets, "-m set --match-set s src,dst"),
        "from 10.0.0.0/16,10.2.0.0-10.255.255.255 tcp dport 80 | from 10.1.0.0/16 tcp dport 81"
    );
}

#[test]
fn what_is_outside_services_is_disjoint_and_complete() {
    let sets = "create s hash:ip,port\nadd s 10.0.0.1,tcp:80\nadd s 10.0.0.2,tcp:443\n";
    assert_eq!(
        meaning(sets, "-m set ! --match-set s dst,dst"),
        "0-5,7-255 | tcp dport 0-79,81-442,444-65535 | to 0.0.0.0-10.0.0.1,10.0.0.3-255.255.255.255 tcp dport 443 | \
         to 0.0.0.0-10.0.0.0,10.0.0.2-255.255.255.255 tcp dport 80"
    );
}

#[test]
fn three_dimensions_have_three_directions() {
    let sets = "create x hash:ip,port,ip\nadd x 10.0.0.1,tcp:80,10.9.0.1\ncreate y hash:ip,port,net\n\
        add y 10.0.0.1,udp:53,10.9.0.0/24\nadd y 10.0.0.1,udp:53,10.9.0.0/28 nomatch\ncreate z hash:net,port,net\n\
        add z 10.0.0.0/24,80,10.9.0.0/24\ncreate w hash:net,net\nadd w 10.0.0.0/8,10.9.0.0/16\nadd w 10.1.0.0/16,10.9.1.0/24 nomatch\n";
    let matches = ["x src,dst,dst", "y dst,src,src", "z src,dst,dst", "w src,dst", "x src,dst,src", "x src,dst"]
        .map(|words| format!("-m set --match-set {words}"));
    let found = meanings(sets, &matches.each_ref().map(String::as_str));
    assert_eq!(found[0], "from 10.0.0.1 to 10.9.0.1 tcp dport 80");
    assert_eq!(found[1], "from 10.9.0.16-10.9.0.255 to 10.0.0.1 udp sport 53");
    assert_eq!(found[2], "from 10.0.0.0/24 to 10.9.0.0/24 tcp dport 80");
    assert_eq!(
        found[3],
        "from 10.0.0.0/16,10.2.0.0-10.255.255.255 to 10.9.0.0/16 | from 10.1.0.0/16 to 10.9.0.0/24,10.9.2.0-10.9.255.255"
    );
    assert_eq!(found[4..], ["never", "never"], "two addresses at one end, and a direction too few");
}

#[test]
fn interfaces_are_those_of_the_longest_prefix_alone() {
    let sets = "create i hash:net,iface\nadd i 10.0.0.0/8,eth0\nadd i 10.0.0.0/8,ppp wildcard\nadd i 10.1.0.0/16,eth1\n\
        create p hash:net,iface\nadd p 10.0.0.0/8,physdev:eth0\n";
    let found = meanings(
        sets,
        &["-m set --match-set i src,src", "-m set --match-set i src,dst", "-m set --match-set p src,src"],
    );
    let outer = "from 10.0.0.0/16,10.2.0.0-10.255.255.255";
    assert_eq!(found[0], format!("{outer} in ppp+ | {outer} in eth0 | from 10.1.0.0/16 in eth1"));
    assert_eq!(found[1], found[0].replace(" in ", " out "));
    assert_eq!(found[2], "from 10.0.0.0/8 if [-m set --match-set p src,src]", "which bridge port, nobody can tell");
}

#[test]
fn a_bitmap_of_ports_is_of_tcp_and_udp_in_both_families() {
    let sets = "create b bitmap:port range 0-65535\nadd b 80-82\nadd b http-90\nadd b tcp:5\n";
    assert_eq!(meaning(sets, "-m set --match-set b dst"), "tcp,udp dport 5,80-90");
    assert_eq!(meaning(sets, "-m set ! --match-set b src"), "0-5,7-16,18-255 | tcp,udp sport 0-4,6-79,91-65535");
    assert_eq!(meaning(sets, "-s 2001:db8::/32 -m set --match-set b dst"), "from 2001:db8::/32 tcp,udp dport 5,80-90");
}

#[test]
fn marks_macs_and_counters_stay_conditions_within_the_sets_addresses() {
    let sets = "create k hash:ip,mark markmask 0xff\nadd k 10.0.0.1,0x10\ncreate m hash:mac\nadd m 00:11:22:33:44:aa\n\
        create e hash:mac\ncreate im hash:ip,mac\nadd im 10.0.0.2,00:11:22:33:44:aa\ncreate bm bitmap:ip,mac range 10.0.0.0/24\n\
        add bm 10.0.0.3\ncreate c hash:ip counters\nadd c 10.0.0.4 packets 7 bytes 9\ncreate d hash:ip\nadd d 10.0.0.5\n";
    let found = meanings(
        sets,
        &[
            "-m set --match-set k src,src",
            "-m set --match-set m src",
            "-m set --match-set e src",
            "-m set ! --match-set im src,src",
            "-m set --match-set bm src,src",
            "-m set --match-set c src --packets-eq 7",
            "-m set --match-set d src --packets-eq 7",
            "-m set --match-set c src ! --update-counters",
        ],
    );
    assert_eq!(found[0], "from 10.0.0.1 if [-m set --match-set k src,src]");
    assert_eq!(found[1], "if [-m set --match-set m src]");
    assert_eq!(found[2], "never");
    let outside = "from 0.0.0.0-10.0.0.1,10.0.0.3-255.255.255.255";
    assert_eq!(found[3], format!("{outside} | from 10.0.0.2 if [not -m set --match-set im src,src]"));
    assert_eq!(found[4], "from 10.0.0.3 if [-m set --match-set bm src,src]");
    assert_eq!(found[5], "from 10.0.0.4 if [-m set --match-set c src --packets-eq 7]");
    assert_eq!(found[6], "from 10.0.0.5", "a set that does not count passes over counters");
    assert_eq!(found[7], "from 10.0.0.4");
    let conditions = reading(sets, &["-m set --match-set k src,src", "-m set --match-set m src"]).rule_set.conditions;
    assert_eq!(conditions.iter().map(|condition| condition.volatile).collect::<Vec<_>>(), [true, false]);
}

#[test]
fn an_element_with_a_timeout_may_have_expired() {
    let sets = "create t hash:net timeout 3600\nadd t 10.0.0.0/8 timeout 0\nadd t 10.1.0.0/16 timeout 9\nadd t 11.0.0.0/8 timeout 9\n\
        add t 12.0.0.0/8\nadd t 10.2.0.0/16 timeout 9 nomatch\n";
    let perhaps = "from 10.2.0.0/16,11.0.0.0-12.255.255.255 if [";
    let found = meanings(sets, &["-m set --match-set t src", "-m set ! --match-set t src"]);
    assert_eq!(
        found[0],
        format!("from 10.0.0.0/15,10.3.0.0-10.255.255.255 | {perhaps}-m set --match-set t src]"),
        "10.1.0.0/16 is inside either way"
    );
    assert_eq!(
        found[1],
        format!("from 0.0.0.0-9.255.255.255,13.0.0.0-255.255.255.255 | {perhaps}not -m set --match-set t src]")
    );
    let conditions = reading(sets, &["-m set --match-set t src", "-m set ! --match-set t src"]).rule_set.conditions;
    assert_eq!((conditions.len(), conditions[0].volatile), (1, false), "one condition, the same for one packet");
}

#[test]
fn a_list_is_all_its_sets_of_both_families() {
    let sets = "create four hash:net\nadd four 10.0.0.0/8\ncreate six hash:net family inet6\nadd six 2001:db8::/32\n\
        create both list:set\nadd both four\nadd both six\ncreate lent list:set timeout 5\nadd lent four timeout 3\n";
    let found = meanings(
        sets,
        &["-m set --match-set both src", "-m set ! --match-set both src", "-m set --match-set lent src"],
    );
    assert_eq!(found[0], "from 10.0.0.0/8,2001:db8::/32");
    assert!(found[1].starts_with("from 0.0.0.0-9.255.255.255,11.0.0.0-255.255.255.255,::-2001:db7:"), "{found:?}");
    assert_eq!(found[2], "from 10.0.0.0/8 if [-m set --match-set lent src]");
}

#[test]
fn lists_in_circles_end() {
    let sets = "create a list:set\ncreate b list:set\nadd a b\nadd b a\nadd a a\n";
    assert_eq!(meaning(sets, "-m set --match-set a src"), "if [-m set --match-set a src]");
    assert_eq!(remark(sets, "-m set --match-set a src"), "list a holds list b");
}

#[test]
fn a_set_speaks_of_its_family_and_no_rule_of_the_other_loads() {
    let sets = "create six hash:net family inet6\nadd six 2001:db8::/32\n";
    let reading = reading(sets, &["-m set --match-set six src"]);
    assert_eq!(reading.rule_set.families, [edgewarden::model::Family::Ipv6]);
    let headed = format!("# Generated by iptables-save v1.8.9\n{}", dump(&["-m set ! --match-set six src"]));
    let folder = Folder::with(&[("fw.rules", &headed), ("sets.ipset", sets)]);
    let (said, code) = folder.run(&["rules", "fw.rules", "sets.ipset"]);
    assert!(said.contains("if [not -m set --match-set six src]") && code == Some(3), "{said}");
}

#[test]
fn what_is_missing_edited_or_unread_stays_a_condition_and_says_why() {
    let plain = "-m set --match-set a src";
    let condition = "if [-m set --match-set a src]";
    assert_eq!(meaning("create b hash:ip\n", plain), condition);
    assert_eq!(remark("create b hash:ip\n", plain), "set a is not in the companions: give the output of ipset save");
    let unread = "create a hash:ip\nadd a 10.0.0.1\nadd a host.example\n";
    assert_eq!(meaning(unread, plain), condition);
    assert_eq!(remark(unread, plain), "set a: line 3 of sets could not be read");
    let member = "create l list:set\nadd l a\n";
    assert!(remark(member, "-m set --match-set l src").starts_with("set a is not in the companions"));
    let edited = "create a hash:ip\nadd a 10.0.0.1\n";
    let reading = reading(edited, &[plain, "-p tcp -j SET --add-set a src -m comment --comment x"]);
    assert_eq!(reading.ledgers[0].state(3), Some(LineState::Understood));
    assert!(reading.rule_set.conditions.iter().any(|one| one.volatile && one.text == "-m set --match-set a src"));
}

#[test]
fn without_a_companion_a_set_is_the_condition_it_was() {
    let text = dump(&["-m set --match-set a src"]);
    let reading = edgewarden::formats::iptables::read(&[&source("fw", &text)]);
    assert_eq!(reading.ledgers[0].counts().unrecognised, 0);
    assert_eq!(reading.rule_set.conditions[0].text, "-m set --match-set a src");
}

#[test]
fn a_listing_says_the_same_as_a_dump_and_must_be_whole() {
    let listing = |count: usize| {
        format!(
            "root@fw:~# ipset list\nName: n\nType: hash:net\nRevision: 7\nHeader: family inet hashsize 1024 maxelem 65536 bucketsize 12 \
             initval 0x1\nSize in memory: 504\nReferences: 2\nNumber of entries: {count}\nMembers:\n10.0.0.0/8\n10.1.0.0/16 nomatch\n\n\
             Name: m\nType: hash:ip\nHeader: family inet\nMembers:\n10.0.0.1 comment \"Members: nomatch\"\nroot@fw:~# exit\n"
        )
    };
    let found = meanings(&listing(2), &["-m set --match-set n src", "-m set --match-set m src"]);
    assert_eq!(found, ["from 10.0.0.0/16,10.2.0.0-10.255.255.255", "from 10.0.0.1"]);
    assert_eq!(reading(&listing(2), &[]).ledgers[1].counts().unrecognised, 0);
    assert!(remark(&listing(3), "-m set --match-set n src").contains("lacks elements"));
    let terse = "Name: n\nType: hash:net\nHeader: family inet\nNumber of entries: 0\n";
    assert!(remark(terse, "-m set --match-set n src").contains("lacks elements"));
}

#[test]
fn dumps_are_read_as_they_are_found() {
    let sets = "# by hand\r\nroot@fw:~# ipset save\r\nadd a 10.0.0.1 -exist\r\n-exist create a hash:ip family inet comment\r\n\
        ipset -! add a 10.0.0.2 comment \"ipset save, nomatch\"\r\nadd -! a 10.0.0.3 skbmark 0x1/0xff skbprio 1:2 skbqueue 3\r\n\
        create a hash:ip -exist\r\n\r\nCOMMIT\r\nadd a 10.0.0.4\r\ncreate a\r\n";
    let reading = reading(sets, &["-m set --match-set a src"]);
    let ledger = &reading.ledgers[1];
    let unread: Vec<_> = ledger.unrecognised().map(|(line, _)| line).collect();
    assert_eq!(unread, [11]);
    let whole = sets.replace("create a\r\n", "");
    assert_eq!(meaning(&whole, "-m set --match-set a src"), "from 10.0.0.1-10.0.0.4");
    assert_eq!(
        meaning(sets, "-m set --match-set a src"),
        "if [-m set --match-set a src]",
        "a line names it and is not read"
    );
}

#[test]
fn what_restore_scripts_do_to_sets_is_done() {
    let sets = "create a hash:ip\nadd a 10.0.0.1\ncreate new hash:ip\nadd new 10.0.0.2\nswap new a\ndestroy new\n\
        create b hash:ip\nadd b 10.0.0.3\nflush b\nadd b 10.0.0.4\nrename b c\n";
    let found = meanings(sets, &["-m set --match-set a src", "-m set --match-set c src", "-m set --match-set b src"]);
    assert_eq!(found, ["from 10.0.0.2", "from 10.0.0.4", "if [-m set --match-set b src]"]);
}

#[test]
fn a_set_given_twice_must_say_the_same() {
    let once = "create a hash:ip\nadd a 10.0.0.1\nadd a 10.0.0.2\n";
    let again = "create a hash:ip\nadd a 10.0.0.2\nadd a 10.0.0.1\n";
    assert_eq!(meaning(&format!("{once}{again}"), "-m set --match-set a src"), "from 10.0.0.1-10.0.0.2");
    let other = "create a hash:ip\nadd a 10.0.0.2\n";
    assert!(remark(&format!("{once}{other}"), "-m set --match-set a src").contains("given twice"));
}

#[test]
fn pairs_of_address_and_port_are_exact_however_many() {
    let mut sets = String::from("create s hash:ip,port\ncreate n hash:net,port\n");
    for place in 0..2_000_u32 {
        let _ = writeln!(sets, "add s 10.0.{}.{},tcp:{}", place / 200, place % 200, 1000 + place);
        let _ = writeln!(sets, "add n 10.{}.{}.0/24,udp:{}", place / 200, place % 200, 1000 + place);
    }
    let reading = reading(&sets, &["-m set --match-set s dst,dst", "-m set --match-set n src,src"]);
    assert_eq!(reading.ledgers[0].counts().unrecognised, 0);
    for rule in &reading.rule_set.chains[0].rules {
        assert_eq!(rule.matches.len(), 2_000);
        assert!(rule.matches.iter().all(|product| product.conditions.is_empty()));
    }
}

#[test]
fn a_hundred_thousand_networks_are_one_alternative_and_many_rules_stay_cheap() {
    let mut sets = String::from("create big hash:net maxelem 1000000\n");
    for place in 0..100_000_u32 {
        let _ = writeln!(sets, "add big {}/31", std::net::Ipv4Addr::from(0x0a00_0000 + place * 4));
    }
    let rules: Vec<String> =
        (0..1000).map(|port| format!("-m set --match-set big src -p tcp --dport {port}")).collect();
    let matches: Vec<&str> = rules.iter().map(String::as_str).collect();
    let started = std::time::Instant::now();
    let reading = reading(&sets, &matches);
    assert!(started.elapsed().as_secs() < 20, "{:?}", started.elapsed());
    let rules = &reading.rule_set.chains[0].rules;
    assert_eq!((rules[0].matches.len(), rules[0].matches[0].source.ipv4.intervals().len()), (1, 100_000));
    // All of them name the one list, which is kept once.
    assert!(rules.iter().all(|rule| rule.matches.len() == 1 && rule.matches[0].conditions.is_empty()));
    let first = &rules[0].matches[0].source.ipv4;
    assert!(rules.iter().all(|rule| rule.matches[0].source.ipv4.shares_storage(first)));
}

#[test]
fn a_companion_is_told_by_its_content_and_refused_alone() {
    let looks = |text| detect(text).map(edgewarden::formats::Format::name);
    assert_eq!(looks("create a hash:ip family inet\nadd a 10.0.0.1\n"), Some("ipset"));
    assert_eq!(looks("Name: a\nType: bitmap:port\nMembers:\n"), Some("ipset"));
    assert_eq!(looks("create table inet x\n"), None);
    let sets = source("sets", "create a hash:ip\n");
    assert!(matches!(read(named("iptables"), &[&sets], &Options::default()), Err(FormatError::Companion { .. })));
    assert!(matches!(read(None, &[&sets], &Options::default()), Err(FormatError::Companion { .. })));
    let folder = Folder::with(&[("sets.ipset", "create a hash:ip\n")]);
    let (said, code) = folder.run(&["rules", "sets.ipset"]);
    assert!(said.contains("sets.ipset is an ipset dump: give the iptables export") && code == Some(2), "{said}");
}

#[test]
fn trace_judges_by_what_the_companion_says_in_either_order() {
    let rules =
        dump(&["-m set --match-set blocked src -m comment --comment no", "-p tcp"]).replacen("ACCEPT", "DROP", 1);
    let sets = "create blocked hash:net\nadd blocked 198.51.100.0/24\nadd blocked 198.51.100.7 nomatch\n";
    let folder = Folder::with(&[("fw.rules", &rules), ("sets.ipset", sets)]);
    let asked = |files: [&str; 2], from: &str| {
        let (said, code) = folder.run(&["trace", files[0], files[1], "--src", from, "--dst", "10.0.0.1", "--json"]);
        assert_eq!(code, Some(0), "{said}");
        let answer: Value = serde_json::from_str(&said).unwrap();
        format!("{} {}", answer["verdict"].as_str().unwrap(), answer["rule"].as_str().unwrap())
    };
    for files in [["fw.rules", "sets.ipset"], ["sets.ipset", "fw.rules"]] {
        assert_eq!(asked(files, "198.51.100.9"), "drop ip filter FORWARD 1");
        assert_eq!(asked(files, "198.51.100.7"), "accept ip filter FORWARD 2");
        assert_eq!(asked(files, "198.51.101.9"), "accept ip filter FORWARD 2");
    }
    let (said, _) = folder.run(&["rules", "fw.rules", "sets.ipset", "--format", "json"]);
    let listing: Value = serde_json::from_str(&said).unwrap();
    let formats: Vec<&str> =
        listing["inputs"].as_array().unwrap().iter().map(|i| i["format"].as_str().unwrap()).collect();
    assert_eq!(formats, ["iptables", "ipset"]);
    assert_eq!(listing["inputs"][1]["lines"]["understood"], 3);
}

#[test]
fn an_audit_takes_companions_from_the_command_line_and_from_the_deployment() {
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("sample-exports/contoso-clean");
    let text = |name: &str| std::fs::read_to_string(sample.join(name)).unwrap();
    let sets = "create clients hash:net\nadd clients 0.0.0.0/1\nadd clients 128.0.0.0/1\n";
    let deployment = text("edgewarden.toml");
    let named = deployment.replace("\"fw-ext.rules\"", "[\"fw-ext.rules\", \"sets.ipset\"]");
    assert_ne!(deployment, named);
    let folder = Folder::with(&[
        ("edgewarden.toml", &deployment),
        ("named.toml", &named),
        ("fw-ext.rules", &text("fw-ext.rules")),
        ("fw-int.rules", &text("fw-int.rules")),
        ("sets.ipset", sets),
    ]);
    let inputs = |arguments: &[&str]| {
        let (said, _) = folder.run(&[arguments, &["--as-of", "2026-11-20", "--report", "json=-"]].concat());
        let run: Value = serde_json::from_str(&said).unwrap_or_else(|error| panic!("{error}: {said}"));
        run["inputs"].as_array().unwrap().iter().map(|i| format!("{} {}", i["id"], i["format"])).collect::<Vec<_>>()
    };
    let wanted = ["\"fw-ext\" \"iptables\"", "\"fw-ext.2\" \"ipset\"", "\"fw-int\" \"iptables\""];
    assert_eq!(inputs(&["audit", ".", "fw-ext=fw-ext.rules", "fw-ext=sets.ipset"]), wanted);
    assert_eq!(inputs(&["audit", "named.toml"]), wanted);
    assert!(folder.path("sets.ipset").exists());
}

/// Words that lines of ipset are made of.
const WORDS: &[&str] = &[
    "create",
    "add",
    "a",
    "b",
    "hash:ip",
    "hash:net,port",
    "hash:net,iface",
    "list:set",
    "bitmap:port",
    "family",
    "inet6",
    "timeout",
    "5",
    "10.0.0.1",
    "10.0.0.0/8,tcp:80-90",
    "0.0.0.0/0,eth0",
    "::/0",
    "0.0.0.1-255.255.255.254",
    "nomatch",
    "wildcard",
    "comment",
    "\"x",
    "\"a b\"",
    "-exist",
    "Name:",
    "Type:",
    "Header:",
    "Members:",
    "Number of entries: 9",
    "flush",
    "swap",
    "destroy",
    "netmask",
    "33",
    "range",
    "0-65535",
    "root@fw:~#",
    "ipset",
    ",",
    "-",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn every_line_of_a_companion_is_accounted_for(
        lines in prop::collection::vec(prop::collection::vec(prop::sample::select(WORDS.to_vec()), 0..7), 0..25),
    ) {
        let mut text = String::from("create a hash:net,iface\ncreate b hash:net,port\n");
        for words in lines {
            let _ = writeln!(text, "{}", words.join(" "));
        }
        let matches = ["-m set --match-set a src,dst", "-m set ! --match-set b src,src --return-nomatch", "-m set ! --match-set a src,src"];
        let reading = reading(&text, &matches);
        prop_assert_eq!(reading.ledgers[1].counts().total, text.lines().count());
        prop_assert!(reading.ledgers[1].lines().all(|(line, ..)| reading.ledgers[1].is_marked(line)));
        prop_assert_eq!(reading.rule_set.rule_count(), 3);
    }
}
