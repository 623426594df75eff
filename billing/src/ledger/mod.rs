//! How usage reports become booked usage.
//!
//! A runtime reports the value each counter has reached since that process started, not what was added. The ledger
//! keeps the highest value seen for every (app, instance, counter) and books what a report adds to it. So a report that
//! is lost, repeated, late or out of order changes nothing in the end, and a restart begins a new series.
//! The functions here are the arithmetic; the control plane's `store::usage` keeps the rows.

mod counter;
mod level;

pub use counter::{Booking, increase};
pub use level::ByteSeconds;
