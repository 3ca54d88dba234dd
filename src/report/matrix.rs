//! Needs counted by role, side and direction: the overview of an Edge.

use crate::catalog::{self, Direction, Interface, Role};
use crate::findings::{NeedCounts, NeedStatus, Run};

/// The columns, in order.
pub const COLUMNS: [(Interface, Direction); 4] = [
    (Interface::External, Direction::In),
    (Interface::External, Direction::Out),
    (Interface::Internal, Direction::In),
    (Interface::Internal, Direction::Out),
];

/// Statuses in the order of a cell, worst first. Not evaluated comes before satisfied, because it is not a pass.
const WORST_FIRST: [NeedStatus; 7] = [
    NeedStatus::Missing,
    NeedStatus::Misdirected,
    NeedStatus::Partial,
    NeedStatus::Undecided,
    NeedStatus::NotEvaluated,
    NeedStatus::Satisfied,
    NeedStatus::NotApplicable,
];

/// One row of the matrix.
#[derive(Debug, Clone)]
pub struct RoleRow {
    /// The role.
    pub role: Role,
    /// Its cells, in the order of [`COLUMNS`].
    pub cells: [Cell; 4],
}

/// The needs of one role on one side in one direction, over nodes, families and firewalls.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cell(pub NeedCounts);

impl Cell {
    /// The number of needs with a status.
    #[must_use]
    pub fn count(&self, status: NeedStatus) -> usize {
        match status {
            NeedStatus::Satisfied => self.0.satisfied,
            NeedStatus::Partial => self.0.partial,
            NeedStatus::Missing => self.0.missing,
            NeedStatus::Misdirected => self.0.misdirected,
            NeedStatus::Undecided => self.0.undecided,
            NeedStatus::NotApplicable => self.0.not_applicable,
            NeedStatus::NotEvaluated => self.0.not_evaluated,
        }
    }

    /// The statuses that occur, worst first, with their counts. Empty where the tables have no such need.
    #[must_use]
    pub fn statuses(&self) -> Vec<(NeedStatus, usize)> {
        let all = WORST_FIRST.into_iter().map(|status| (status, self.count(status)));
        all.filter(|(_, count)| *count > 0).collect()
    }

    /// The number of needs that apply.
    #[must_use]
    pub fn applicable(&self) -> usize {
        self.statuses().iter().filter(|(status, _)| *status != NeedStatus::NotApplicable).map(|(_, count)| count).sum()
    }
}

/// The matrix of a run, a row for each role in the catalogue's order.
#[must_use]
pub fn matrix(run: &Run) -> Vec<RoleRow> {
    let mut rows: Vec<RoleRow> = Role::ALL.iter().map(|&role| RoleRow { role, cells: [Cell::default(); 4] }).collect();
    for need in &run.needs {
        let Some(definition) = catalog::need(&need.id) else { continue };
        let column = COLUMNS.iter().position(|&column| column == (definition.interface, definition.direction));
        let row = rows.iter_mut().find(|row| row.role == definition.role);
        if let Some((row, column)) = row.zip(column) {
            row.cells[column].0.add(need.status);
        }
    }
    rows
}
