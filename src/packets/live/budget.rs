//! The limit on the work of a proof: a number of pieces and a number of looks, so that the same question always ends at the same
//! point.

use crate::packets::tree::Exhausted;

/// How many looks each piece adds to the budget.
const LOOKS_PER_PIECE: u64 = 16_384;

/// The budget that is left.
#[derive(Debug, Clone, Copy)]
pub(in crate::packets) struct Budget {
    /// Packets and pieces of the set that may still be asked about.
    pub(in crate::packets) pieces: usize,
    /// Earlier sets, and nodes of their tree, that may still be looked at: some nanoseconds each.
    pub(in crate::packets) looks: u64,
}

impl Budget {
    /// A budget of so many pieces, with a fixed number of looks for each.
    pub(in crate::packets) fn of_pieces(pieces: usize) -> Self {
        Self { pieces, looks: (pieces as u64).saturating_mul(LOOKS_PER_PIECE) }
    }

    /// Counts one piece.
    pub(in crate::packets) fn piece(&mut self) -> Result<(), Exhausted> {
        self.pieces = self.pieces.checked_sub(1).ok_or(Exhausted)?;
        Ok(())
    }

    /// Counts some looks.
    pub(in crate::packets) fn look(&mut self, looks: u64) -> Result<(), Exhausted> {
        self.looks = self.looks.checked_sub(looks).ok_or(Exhausted)?;
        Ok(())
    }
}
