//! The filter line's terms.

use super::sample::Screen;

/// The ids of the findings, or of the needs, that match a filter line.
fn left(keys: &[&str], line: &str) -> Vec<String> {
    let mut screen = Screen::new(120, 40);
    screen.press(keys);
    screen.press(&["/"]);
    screen.write(line);
    let session = screen.session();
    let rows = (0..session.list.len()).filter_map(|place| session.list.row(place));
    rows.map(|row| match row.item {
        edgewarden::tui::rows::Item::Finding(index) => session.loaded.run.findings[index].id.clone(),
        edgewarden::tui::rows::Item::Need(index) => session.loaded.run.needs[index].id.clone(),
    })
    .collect()
}

#[test]
fn fields_words_and_negation() {
    let check = |line: &str, ids: &[&str]| assert_eq!(left(&["a"], line), ids, "{line}");
    check("sev:high", &["QK5RB3XE4V", "R2D2CMSREP"]);
    check("sev:high,low", &["QK5RB3XE4V", "R2D2CMSREP", "U7CZ4LD2RS"]);
    check("sev:high sev:low role:av", &["U7CZ4LD2RS"]);
    check("kind:excess -is:waived", &["XW2N6HJT3B"]);
    check("status:missing if:internal", &["R2D2CMSREP"]);
    check("role:av dir:in", &["M4D2PWQ7ZC"]);
    check("port:3395", &["XW2N6HJT3B"]);
    check("src:10/8", &["7K3QX9M2TA", "M4D2PWQ7ZC", "XW2N6HJT3B", "QK5RB3XE4V"]);
    check("src:10.45.16.10 -src:1.1.1.1", &["QK5RB3XE4V"]);
    check("dst:10.45.16.30", &["M4D2PWQ7ZC", "QK5RB3XE4V"]);
    check("remote desktop", &["XW2N6HJT3B"]);
    check("防火墙", &["7K3QX9M2TA", "XW2N6HJT3B"]);
    check("cell:none", &["OBJECT22AA"]);
    check("fw:none", &["OBJECT22AA"]);
    check("id:r2d2", &["R2D2CMSREP"]);
    check("!sev:critical !sev:high !sev:medium !sev:low", &["C3PO4MEDIA"]);
    check("unknown:field", &[]);
    check("-p !udp kind:missing,media-range", &["7K3QX9M2TA"]);
}

#[test]
fn a_term_without_a_value_matches_everything() {
    assert_eq!(left(&["a"], "sev: !").len(), 9);
}

#[test]
fn needs_are_filtered_by_status_and_by_the_ports_of_their_ids() {
    assert_eq!(left(&["v"], "status:misdirected"), ["external.av.udp-3478.in"]);
    assert_eq!(left(&["v"], "status:n/a").len(), 5);
    assert_eq!(left(&["v"], "port:8057"), ["internal.webconf.tcp-8057.in"]);
    assert_eq!(left(&["v"], "port:50002 status:not_evaluated"), ["internal.logging.tcp-50002.in"]);
}
