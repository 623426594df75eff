//! Counters that only grow while a process lives.

/// What one reported value changes in its series.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Booking {
    /// To add to the app's usage; zero for a report that tells nothing new.
    pub increase: u64,
    /// The highest value of the series from now on.
    pub highest: u64,
}

/// Books `reported` in a series of which `highest` is the highest value seen so far, 0 when it is new.
///
/// Write both results in the transaction that read and locked `highest`: two reports at the same time must not book the
/// same increase.
pub fn increase(highest: u64, reported: u64) -> Booking {
    Booking {
        increase: reported.saturating_sub(highest),
        highest: highest.max(reported),
    }
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*, sample::subsequence};

    use super::*;

    fn book_all(reports: &[u64]) -> (u64, u64) {
        reports.iter().fold((0, 0), |(total, highest), reported| {
            let booking = increase(highest, *reported);
            (total + booking.increase, booking.highest)
        })
    }

    /// Values as one process reports them: each at least the one before.
    fn series() -> impl Strategy<Value = Vec<u64>> {
        vec(0_u64..1_000_000, 1..40).prop_map(|steps| {
            steps
                .into_iter()
                .scan(0, |value, step| {
                    *value += step;
                    Some(*value)
                })
                .collect()
        })
    }

    /// The series as the network may deliver it: some lost, some twice, in any order.
    fn delivery() -> impl Strategy<Value = (Vec<u64>, Vec<u64>)> {
        series().prop_flat_map(|sent| {
            let length = sent.len();
            let kept = subsequence(sent.clone(), 1..=length);
            let again = subsequence(sent.clone(), 0..=length);
            let arrived = (kept, again)
                .prop_map(|(kept, again)| [kept, again].concat())
                .prop_shuffle();
            (Just(sent), arrived)
        })
    }

    proptest! {
        #[test]
        fn any_order_repetition_and_loss_books_the_maximum_that_arrived((_, arrived) in delivery()) {
            let maximum = arrived.iter().copied().max().unwrap_or_default();
            prop_assert_eq!(book_all(&arrived), (maximum, maximum));
        }

        #[test]
        fn one_later_report_makes_good_for_every_lost_one((sent, mut arrived) in delivery()) {
            let last = *sent.last().expect("at least one report");
            arrived.push(last);
            prop_assert_eq!(book_all(&arrived).0, last);
        }

        #[test]
        fn the_total_never_shrinks_and_is_the_sum_of_the_increases((_, arrived) in delivery()) {
            let (mut total, mut highest) = (0_u64, 0);
            for reported in arrived {
                let booking = increase(highest, reported);
                prop_assert!(booking.highest >= highest);
                total += booking.increase;
                highest = booking.highest;
                prop_assert_eq!(total, highest);
            }
        }

        #[test]
        fn a_restart_adds_to_what_the_process_before_it_counted(before in series(), after in series()) {
            let counted = before.last().expect("a report") + after.last().expect("a report");
            prop_assert_eq!(book_all(&before).0 + book_all(&after).0, counted);
        }
    }

    #[test]
    fn a_report_that_tells_nothing_new_books_nothing() {
        assert_eq!(
            increase(10, 10),
            Booking {
                increase: 0,
                highest: 10
            }
        );
        assert_eq!(
            increase(10, 3),
            Booking {
                increase: 0,
                highest: 10
            }
        );
        assert_eq!(
            increase(0, u64::MAX),
            Booking {
                increase: u64::MAX,
                highest: u64::MAX
            }
        );
    }
}
