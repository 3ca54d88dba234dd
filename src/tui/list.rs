//! The list of findings or needs: filter, order and selection. Pure; the screen sets how many rows are visible.

use std::cmp::Ordering;

use super::Loaded;
use super::filter::Filter;
use super::prompt::Prompt;
use super::rows::{self, Item, Row};
use crate::findings::{NeedStatus, Run};
use crate::layout;

/// A column of the list, in the order shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // the names are the columns' titles
pub enum Column {
    Severity,
    State,
    Title,
    Interface,
    Direction,
    Role,
    Node,
    Family,
    Firewall,
}

impl Column {
    /// All columns.
    pub const ALL: [Self; 9] = [
        Self::Severity,
        Self::State,
        Self::Title,
        Self::Interface,
        Self::Direction,
        Self::Role,
        Self::Node,
        Self::Family,
        Self::Firewall,
    ];

    /// Its title.
    #[must_use]
    pub fn title(self, needs: bool) -> &'static str {
        match self {
            Self::Severity => "Severity",
            Self::State if needs => "Status",
            Self::State => "Kind",
            Self::Title if needs => "Need",
            Self::Title => "Finding",
            Self::Interface => "Interface",
            Self::Direction => "Dir",
            Self::Role => "Role",
            Self::Node => "Node",
            Self::Family => "IP",
            Self::Firewall => "Firewall",
        }
    }

    /// A row's text in this column; the severity's is its word.
    #[must_use]
    pub fn text(self, row: &Row) -> &str {
        match self {
            Self::Severity => row.severity.map_or("", crate::findings::Severity::name),
            Self::State => &row.state,
            Self::Title => &row.title,
            Self::Interface => &row.interface,
            Self::Direction => &row.direction,
            Self::Role => &row.role,
            Self::Node => &row.node,
            Self::Family => &row.family,
            Self::Firewall => &row.firewall,
        }
    }

    fn compare(self, one: &Row, other: &Row) -> Ordering {
        // Where there is no severity, it comes after `info`.
        let severity = |row: &Row| row.severity.map_or((1, None), |severity| (0, Some(severity)));
        let status = |row: &Row| NeedStatus::ALL.iter().position(|status| Some(*status) == row.status);
        match self {
            Self::Severity => severity(one).cmp(&severity(other)).then_with(|| status(one).cmp(&status(other))),
            Self::State => status(one).cmp(&status(other)).then_with(|| one.state.cmp(&other.state)),
            _ => self.text(one).cmp(self.text(other)),
        }
    }
}

/// The list. Its selection stays on the same item while the filter and the order change.
#[derive(Debug)]
pub struct List {
    findings: Vec<Row>,
    needs: Vec<Row>,
    show_needs: bool,
    /// The filter line as it is typed.
    pub line: Prompt,
    filter: Filter,
    sort: Column,
    reversed: bool,
    /// All rows of the mode, in the order of the sort.
    sorted: Vec<usize>,
    /// Those of them that pass the filter.
    shown: Vec<usize>,
    /// The place of the selection among `shown`.
    selected: usize,
    /// The row the user last chose, which may be filtered out for now.
    anchor: Option<usize>,
    /// The first row on screen when it was last drawn.
    pub offset: usize,
    /// How many columns are scrolled out to the left.
    pub first_column: usize,
    /// The widest text of each column, of the findings and of the needs.
    widths: [[usize; Column::ALL.len()]; 2],
}

impl List {
    /// The list of what was loaded: all findings, most severe first.
    #[must_use]
    pub fn new(loaded: &Loaded) -> Self {
        let (findings, needs) = (rows::of_findings(&loaded.run), rows::of_needs(loaded));
        let mut list = Self {
            widths: [widest(&findings), widest(&needs)],
            findings,
            needs,
            show_needs: false,
            line: Prompt::default(),
            filter: Filter::default(),
            sort: Column::Severity,
            reversed: false,
            sorted: Vec::new(),
            shown: Vec::new(),
            selected: 0,
            anchor: None,
            offset: 0,
            first_column: 0,
        };
        list.order(&loaded.run);
        list
    }

    /// The rows of all findings and of all needs, in either mode.
    #[must_use]
    pub fn all_rows(&self) -> (&[Row], &[Row]) {
        (&self.findings, &self.needs)
    }

    /// The columns that the widest text in this column takes, whether it is shown or not.
    #[must_use]
    pub fn widest(&self, column: Column) -> usize {
        let at = Column::ALL.iter().position(|other| *other == column).unwrap_or(0);
        self.widths[usize::from(self.show_needs)][at]
    }

    /// The rows of the mode, in no particular order.
    #[must_use]
    pub fn rows(&self) -> &[Row] {
        if self.show_needs { &self.needs } else { &self.findings }
    }

    /// The row at a place among those shown.
    #[must_use]
    pub fn row(&self, place: usize) -> Option<&Row> {
        self.rows().get(*self.shown.get(place)?)
    }

    /// The selected row.
    #[must_use]
    pub fn selected_row(&self) -> Option<&Row> {
        self.row(self.selected)
    }

    /// The place of the selection among the rows shown.
    #[must_use]
    pub fn selected(&self) -> usize {
        self.selected
    }

    /// How many rows are shown.
    #[must_use]
    pub fn len(&self) -> usize {
        self.shown.len()
    }

    /// Whether no row is shown.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.shown.is_empty()
    }

    /// Whether all needs are listed, and not the findings.
    #[must_use]
    pub fn shows_needs(&self) -> bool {
        self.show_needs
    }

    /// The column it is sorted by, and whether the order is reversed.
    #[must_use]
    pub fn sort(&self) -> (Column, bool) {
        (self.sort, self.reversed)
    }

    /// Whether there is a filter.
    #[must_use]
    pub fn is_filtered(&self) -> bool {
        !self.filter.is_empty()
    }

    /// The indices of the findings shown, in the run's order.
    #[must_use]
    pub fn findings_shown(&self) -> Vec<usize> {
        let mut shown: Vec<_> = self.shown.iter().filter_map(|index| self.rows().get(*index)?.finding).collect();
        shown.sort_unstable();
        shown.dedup();
        shown
    }

    /// Lists all needs, or the findings, with the selection on the same finding where there is one.
    pub fn show_needs(&mut self, needs: bool, run: &Run) {
        if self.show_needs == needs {
            return;
        }
        let finding = self.selected_row().and_then(|row| row.finding);
        self.show_needs = needs;
        self.anchor = finding.and_then(|finding| self.rows().iter().position(|row| row.finding == Some(finding)));
        self.order(run);
    }

    /// Sets the filter line.
    pub fn set_filter(&mut self, line: &str, run: &Run) {
        self.line = Prompt::new(line);
        self.refilter(run);
    }

    /// Filters again, after the line was edited.
    pub fn refilter(&mut self, run: &Run) {
        self.filter = Filter::parse(self.line.text());
        let rows = if self.show_needs { &self.needs } else { &self.findings };
        let passes = |index: &&usize| rows.get(**index).is_some_and(|row| self.filter.matches(row, run));
        self.shown = self.sorted.iter().filter(passes).copied().collect();
        let anchored = self.anchor.and_then(|anchor| self.shown.iter().position(|index| *index == anchor));
        self.selected = anchored.unwrap_or(self.selected).min(self.shown.len().saturating_sub(1));
    }

    /// Sorts by the next column.
    pub fn next_sort(&mut self, run: &Run) {
        let at = Column::ALL.iter().position(|column| *column == self.sort).unwrap_or(0);
        self.sort = Column::ALL[(at + 1) % Column::ALL.len()];
        self.reversed = false;
        self.order(run);
    }

    /// Reverses the order.
    pub fn reverse(&mut self, run: &Run) {
        self.reversed = !self.reversed;
        self.order(run);
    }

    /// Selects the row at this place, or the last one.
    pub fn select(&mut self, place: usize) {
        self.selected = place.min(self.shown.len().saturating_sub(1));
        self.anchor = self.shown.get(self.selected).copied();
    }

    /// Moves the selection down by this many rows; up, if negative.
    pub fn move_by(&mut self, rows: isize) {
        self.select(self.selected.saturating_add_signed(rows));
    }

    /// The finding or need of the selected row.
    #[must_use]
    pub fn selected_item(&self) -> Option<Item> {
        self.selected_row().map(|row| row.item)
    }

    fn order(&mut self, run: &Run) {
        let rows = if self.show_needs { &self.needs } else { &self.findings };
        let mut sorted: Vec<_> = (0..rows.len()).collect();
        sorted.sort_by(|one, other| {
            let order = self.sort.compare(&rows[*one], &rows[*other]);
            if self.reversed { order.reverse() } else { order }
        });
        self.sorted = sorted;
        self.refilter(run);
    }
}

fn widest(rows: &[Row]) -> [usize; Column::ALL.len()] {
    Column::ALL.map(|column| rows.iter().map(|row| layout::width(column.text(row))).max().unwrap_or(0))
}
