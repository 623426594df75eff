//! What an app uses, counted from its first request and told to the control plane.
//!
//! `Meter` holds counters that only grow while the process lives; the request middleware adds to them, the reporter
//! reads them. Cumulative values make a lost, repeated or reordered report harmless (decision 9 of the architecture).

mod meter;
mod report;
mod reporter;

pub use meter::{Counters, Meter};
pub use report::Gauges;
pub use reporter::{Destination, ReadGauges, ReporterHandle, spawn};
