//! The matrix of the overview: role × interface and direction, with counts of needs by status and of excess.

use super::rows::{Item, Row};
use crate::findings::{Disposition, Kind, NeedCounts, NeedStatus, Run};

/// The roles, from top to bottom.
pub const ROLES: [&str; 6] = ["access", "webconf", "av", "xmpp", "replication", "logging"];

/// The columns, from left to right: interface and direction.
pub const COLUMNS: [(&str, &str); 4] =
    [("external", "in"), ("external", "out"), ("internal", "in"), ("internal", "out")];

/// What one cell counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cell {
    /// Needs by status.
    pub needs: NeedCounts,
    /// Excess findings that are not waived.
    pub excess: usize,
    /// Findings of other kinds that are not counted by a need's status and not waived.
    pub other: usize,
    /// Findings about no need, of any kind, that are waived.
    pub waived: usize,
    /// Findings of any kind.
    pub findings: usize,
}

impl Cell {
    /// How many needs have this status.
    #[must_use]
    pub fn count(&self, status: NeedStatus) -> usize {
        match status {
            NeedStatus::Satisfied => self.needs.satisfied,
            NeedStatus::Partial => self.needs.partial,
            NeedStatus::Missing => self.needs.missing,
            NeedStatus::Misdirected => self.needs.misdirected,
            NeedStatus::Undecided => self.needs.undecided,
            NeedStatus::NotApplicable => self.needs.not_applicable,
            NeedStatus::NotEvaluated => self.needs.not_evaluated,
        }
    }

    /// Whether there is nothing in it at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.findings == 0 && NeedStatus::ALL.iter().all(|status| self.count(*status) == 0)
    }
}

/// One line of the matrix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Its label.
    pub label: &'static str,
    /// The filter that shows it in the list.
    pub filter: &'static str,
    /// Its cells, one for each of [`COLUMNS`]; the line of findings without a column has one cell.
    pub cells: Vec<Cell>,
}

/// The matrix and the cell selected in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matrix {
    /// The six roles; then, where there are such findings, those of no role, and those of no interface or direction.
    pub lines: Vec<Line>,
    row: usize,
    column: usize,
}

impl Matrix {
    /// The matrix of these rows. A selection is at the first cell.
    #[must_use]
    pub fn new(needs: &[Row], findings: &[Row], run: &Run) -> Self {
        let line = |label, filter, cells| Line { label, filter, cells: vec![Cell::default(); cells] };
        let filters = ["role:access", "role:webconf", "role:av", "role:xmpp", "role:replication", "role:logging"];
        let mut lines: Vec<_> =
            ROLES.into_iter().zip(filters).map(|(role, filter)| line(role, filter, COLUMNS.len())).collect();
        lines.push(line("no role", "role:none", COLUMNS.len()));
        lines.push(line("elsewhere", "cell:none", 1));
        for row in needs.iter().chain(findings) {
            let at = COLUMNS
                .iter()
                .position(|(interface, direction)| *interface == row.interface && *direction == row.direction);
            let role = ROLES.iter().position(|role| *role == row.role).unwrap_or(ROLES.len());
            let (place, at) = at.map_or((ROLES.len() + 1, 0), |at| (role, at));
            let Some(cell) = lines.get_mut(place).and_then(|line| line.cells.get_mut(at)) else { continue };
            count(cell, row, run);
        }
        lines.retain(|line| ROLES.contains(&line.label) || line.cells.iter().any(|cell| !cell.is_empty()));
        Self { lines, row: 0, column: 0 }
    }

    /// The selected row and column.
    #[must_use]
    pub fn selected(&self) -> (usize, usize) {
        let cells = self.lines.get(self.row).map_or(1, |line| line.cells.len());
        (self.row, self.column.min(cells - 1))
    }

    /// The selected line and its cell.
    #[must_use]
    pub fn selected_cell(&self) -> Option<(&Line, &Cell)> {
        let (row, column) = self.selected();
        let line = self.lines.get(row)?;
        Some((line, line.cells.get(column)?))
    }

    /// Selects a cell, or the one nearest to it.
    pub fn select(&mut self, row: usize, column: usize) {
        self.row = row.min(self.lines.len().saturating_sub(1));
        self.column = column.min(COLUMNS.len() - 1);
    }

    /// Moves the selection.
    pub fn move_by(&mut self, rows: isize, columns: isize) {
        let column = if columns == 0 { self.column } else { self.selected().1.saturating_add_signed(columns) };
        self.select(self.row.saturating_add_signed(rows), column);
    }

    /// The filter line that shows the selected cell.
    #[must_use]
    pub fn filter(&self) -> String {
        let Some((line, _)) = self.selected_cell() else { return String::new() };
        match COLUMNS.get(self.selected().1) {
            Some((interface, direction)) if line.cells.len() > 1 => {
                format!("{} if:{interface} dir:{direction}", line.filter)
            }
            _ => line.filter.to_owned(),
        }
    }

    /// The selected cell in words: `access, external in`.
    #[must_use]
    pub fn title(&self) -> String {
        let Some((line, _)) = self.selected_cell() else { return String::new() };
        match COLUMNS.get(self.selected().1) {
            Some((interface, direction)) if line.cells.len() > 1 => format!("{}, {interface} {direction}", line.label),
            _ => "no interface or direction".to_owned(),
        }
    }
}

fn count(cell: &mut Cell, row: &Row, run: &Run) {
    let finding = match row.item {
        Item::Need(_) => {
            if let Some(status) = row.status {
                cell.needs.add(status);
            }
            return;
        }
        Item::Finding(index) => run.findings.get(index),
    };
    cell.findings += 1;
    if let Some(finding) = finding {
        if finding.kind != Kind::Excess && finding.need.is_some() {
            // Counted by the need's status.
        } else if finding.disposition == Disposition::Waived {
            cell.waived += 1;
        } else if finding.kind == Kind::Excess {
            cell.excess += 1;
        } else {
            cell.other += 1;
        }
    }
}
