//! Levels that rise and fall, such as stored bytes: booked as the level times how long it held.

use std::{
    iter::Sum,
    ops::{Add, AddAssign},
};

/// Bytes multiplied by the seconds they were stored. It adds up over any split of time, which an average does not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ByteSeconds(pub u128);

impl ByteSeconds {
    /// `bytes` stored during `seconds`.
    pub fn held(bytes: u64, seconds: u64) -> Self {
        Self(u128::from(bytes) * u128::from(seconds))
    }
}

impl Add for ByteSeconds {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl AddAssign for ByteSeconds {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sum for ByteSeconds {
    fn sum<I: Iterator<Item = Self>>(parts: I) -> Self {
        parts.fold(Self::default(), Add::add)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_level_for_the_longest_time_fits() {
        let month = 31 * 86_400;
        assert_eq!(
            ByteSeconds::held(u64::MAX, month).0,
            u128::from(u64::MAX) * u128::from(month)
        );
    }

    #[test]
    fn a_level_is_the_same_in_one_piece_or_in_many() {
        let pieces: ByteSeconds = [10, 50, 40]
            .map(|seconds| ByteSeconds::held(3, seconds))
            .into_iter()
            .sum();
        assert_eq!(pieces, ByteSeconds::held(3, 100));
    }
}
