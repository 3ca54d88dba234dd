//! The effects of keys and the mouse.

use edgewarden::tui::action::Action;
use edgewarden::tui::list::Column;
use edgewarden::tui::rows::Item;
use edgewarden::tui::state::{Effect, Layer, Phase};

use super::sample::{Screen, options};

#[test]
fn the_filter_keeps_the_selection_on_the_same_item() {
    let mut screen = Screen::new(80, 24);
    screen.press(&["a", "j", "j", "j"]);
    let chosen = screen.session().list.selected_item();
    screen.press(&["/"]);
    screen.write("sev:high");
    assert_eq!(screen.session().list.selected_item(), chosen);
    assert!(screen.text().contains("2 of 9 shown"), "{}", screen.text());
    // Filtered out for a moment, it is selected again.
    screen.write(" zzz");
    assert_eq!(screen.session().list.selected_item(), None);
    screen.press(&["Backspace", "Backspace", "Backspace", "Enter"]);
    assert_eq!(screen.session().list.selected_item(), chosen);
    screen.press(&["0"]);
    assert_eq!(screen.session().list.selected_item(), chosen);
    assert_eq!(screen.session().list.len(), 9);
}

#[test]
fn escape_while_filtering_restores_the_previous_filter() {
    let mut screen = Screen::new(80, 24);
    screen.press(&["a", "1", "/"]);
    screen.write("xx");
    assert!(screen.session().list.is_empty());
    screen.press(&["Esc"]);
    assert_eq!(screen.session().list.line.text(), "sev:critical");
    assert_eq!(screen.session().list.len(), 3);
}

#[test]
fn q_and_escape_go_back_one_layer_and_q_on_the_overview_quits() {
    let mut screen = Screen::new(80, 24);
    screen.press(&["a", "Enter", "?"]);
    assert_eq!(screen.state.layers, [Layer::Overview, Layer::List, Layer::Detail, Layer::Help]);
    assert_eq!(screen.press(&["Esc"]), None);
    assert_eq!(screen.press(&["q"]), None);
    assert_eq!(screen.press(&["Esc"]), None);
    assert_eq!(screen.state.layers, [Layer::Overview]);
    assert_eq!(screen.press(&["Esc"]), None);
    assert_eq!(screen.press(&["q"]), Some(Effect::Quit));
    assert_eq!(screen.press(&["a", "/", "Ctrl-c"]), Some(Effect::Quit));
}

#[test]
fn a_cell_opens_its_findings_or_its_needs() {
    let mut screen = Screen::new(120, 40);
    screen.press(&["Enter"]);
    assert_eq!(screen.session().list.line.text(), "role:access if:external dir:in");
    assert_eq!(screen.session().list.len(), 2);
    screen.press(&["Tab"]);
    assert!(screen.session().list.shows_needs());
    assert_eq!(screen.session().list.len(), 2);
    // Web conferencing has no finding outside: its needs are shown at once.
    screen.press(&["q", "j", "Enter"]);
    assert!(screen.session().list.shows_needs());
    assert_eq!(screen.session().list.len(), 1);
    // Replication has nothing outside: nothing opens.
    screen.press(&["q", "j", "j", "j", "Enter"]);
    assert_eq!(screen.state.layers, [Layer::Overview]);
    assert!(screen.state.message.is_some());
}

#[test]
fn every_finding_is_counted_in_some_cell() {
    let screen = Screen::new(120, 40);
    let counted: usize =
        screen.session().matrix.lines.iter().flat_map(|line| &line.cells).map(|cell| cell.findings).sum();
    assert_eq!(counted, screen.session().loaded.run.findings.len());
}

#[test]
fn sorting_shows_its_column_and_keeps_the_selection() {
    let mut screen = Screen::new(120, 40);
    screen.press(&["a", "j"]);
    let chosen = screen.session().list.selected_item();
    assert!(screen.text().contains("Severity ▴"));
    screen.press(&["s", "s"]);
    assert_eq!(screen.session().list.sort(), (Column::Title, false));
    assert!(screen.text().contains("Finding ▴"));
    screen.press(&["S"]);
    assert!(screen.text().contains("Finding ▾"));
    assert_eq!(screen.session().list.selected_item(), chosen);
    let titles: Vec<_> = (0..9).filter_map(|place| Some(screen.session().list.row(place)?.title.clone())).collect();
    assert!(titles.is_sorted_by(|one, other| one >= other), "{titles:#?}");
}

#[test]
fn resizing_keeps_the_selection_in_sight() {
    let mut screen = Screen::new(120, 40);
    screen.press(&["v", "G", "k"]);
    let chosen = screen.session().list.selected_item();
    let need = screen.session().need().unwrap().id.clone();
    for size in [(80, 6), (60, 24), (120, 5), (200, 60)] {
        screen.resize(size.0, size.1);
        assert_eq!(screen.session().list.selected_item(), chosen);
        assert!(screen.text().contains(&need[..20]), "{size:?}\n{}", screen.text());
    }
}

#[test]
fn needs_and_findings_keep_the_selection_on_the_same_finding() {
    let mut screen = Screen::new(80, 24);
    screen.press(&["a", "j", "Tab"]);
    assert_eq!(screen.session().need().unwrap().id, "external.av.udp-3478.in");
    screen.press(&["Tab"]);
    assert_eq!(screen.session().list.selected_item(), Some(Item::Finding(1)));
}

#[test]
fn the_export_prompt_writes_refuses_and_cancels() {
    let mut screen = Screen::new(80, 24);
    screen.press(&["e", "Ctrl-u"]);
    assert_eq!(screen.press(&["Enter"]), None);
    screen.write("out.json");
    assert_eq!(screen.press(&["Enter"]), Some(Effect::Export));
    screen.state.exported(Err("out.json exists; it is not overwritten".into()));
    screen.draw();
    assert!(screen.text().contains("out.json exists"));
    assert_eq!(screen.state.layers.last(), Some(&Layer::Export));
    screen.state.exported(Ok("Wrote out.json".into()));
    screen.draw();
    assert!(screen.text().contains("Wrote out.json"));
    assert_eq!(screen.state.layers, [Layer::Overview]);
    screen.press(&["e", "Esc"]);
    assert_eq!(screen.state.layers, [Layer::Overview]);
}

#[test]
fn filtered_findings_can_be_exported_with_a_note() {
    let mut screen = Screen::new(80, 24);
    screen.press(&["a", "2", "e"]);
    assert_eq!(screen.session().exported_run().findings.len(), 9);
    screen.press(&["Tab"]);
    let run = screen.session().exported_run();
    assert_eq!(run.findings.len(), 2);
    assert!(run.notes[0].contains("2 of the run's 9 findings") && run.notes[0].contains("sev:high"));
    assert_eq!(run.needs.len(), 28);
}

#[test]
fn y_copies_the_rule_and_shift_y_the_command_that_replays() {
    let mut screen = Screen::new(80, 24);
    assert_eq!(screen.press(&["y"]), None);
    let Some(Effect::Copy(copied)) = screen.press(&["a", "y"]) else { panic!("nothing copied") };
    assert!(copied.starts_with("7K3QX9M2TA fw-ext.rules:14 -A FROM_INTERNET"), "{copied}");
    let Some(Effect::Copy(command)) = screen.press(&["Enter", "Y"]) else { panic!("nothing copied") };
    assert_eq!(
        command,
        "edgewarden trace fw-ext.rules --hook forward --in eth0 --out eth1 --src 198.51.100.7 --dst 10.45.16.10 \
         --proto tcp --sport 1024 --dport 443 --tcp-flags SYN --state new"
    );
}

#[test]
fn a_click_selects_and_a_second_one_opens() {
    let mut screen = Screen::new(80, 24);
    screen.press(&["a"]);
    let pick = screen.state.hit(10, 6).unwrap();
    assert_eq!(pick, Action::PickRow(2));
    screen.state.update(pick);
    screen.draw();
    assert_eq!(screen.session().list.selected(), 2);
    screen.state.update(pick);
    assert_eq!(screen.state.layers.last(), Some(&Layer::Detail));
    screen.press(&["q", "q"]);
    assert!(matches!(screen.state.hit(40, 12), Some(Action::PickCell(..))));
    // The hints at the bottom can be clicked, too.
    assert_eq!(screen.state.hit(1, 23), Some(Action::Help));
}

#[test]
fn the_detail_scrolls_to_its_end_and_walks_through_the_list() {
    let mut screen = Screen::new(80, 24);
    screen.press(&["a", "Enter", "G"]);
    assert!(screen.text().contains("Undo"), "{}", screen.text());
    screen.press(&["G", "PgDn", "Ctrl-d"]);
    assert!(screen.text().contains("Undo"));
    screen.press(&["l"]);
    assert!(screen.text().contains("M4D2PWQ7ZC") && screen.text().contains("2 of 9"));
    screen.press(&["g", "h", "h"]);
    assert!(screen.text().contains("7K3QX9M2TA"));
}

#[test]
fn keys_that_come_before_a_frame_is_drawn_are_not_lost() {
    let mut screen = Screen::new(80, 24);
    screen.press(&["a"]);
    for action in [Action::Open, Action::Last] {
        screen.state.update(action);
    }
    screen.draw();
    assert!(screen.text().contains("Undo"), "{}", screen.text());
    screen.press(&["k"]);
    assert!(screen.text().contains("Also opens"), "{}", screen.text());
}

#[test]
fn loading_can_be_cancelled_and_a_failure_left() {
    let mut screen = Screen::empty(80, 24, &options());
    assert_eq!(screen.press(&["j", "Enter", "e"]), None);
    assert_eq!(screen.press(&["Esc"]), Some(Effect::Quit));
    screen.state.phase = Phase::Failed("no such file".into());
    assert_eq!(screen.press(&["q"]), Some(Effect::Quit));
}

#[test]
fn the_mouse_can_be_left_to_the_terminal() {
    let mut screen = Screen::new(80, 24);
    assert_eq!(screen.press(&["m"]), Some(Effect::Mouse(false)));
    assert_eq!(screen.press(&["m"]), Some(Effect::Mouse(true)));
}

#[test]
fn a_hundred_thousand_findings_scroll_without_lag() {
    let mut screen = Screen::new(120, 40);
    let mut loaded = super::sample::loaded();
    let finding = loaded.run.findings[0].clone();
    loaded.run.findings = vec![finding; 100_000];
    screen.state.phase = Phase::Ready(Box::new(edgewarden::tui::session::Session::new(loaded, "report.md".as_ref())));
    screen.press(&["a", "G"]);
    // The fastest of many: a busy machine slows down some of them, not all.
    let frame = |screen: &mut Screen| {
        let start = std::time::Instant::now();
        screen.press(&["k"]);
        start.elapsed()
    };
    let quickest = (0..100).map(|_| frame(&mut screen)).min().unwrap();
    assert!(quickest.as_millis() < 20, "a frame takes {quickest:?}");
}
