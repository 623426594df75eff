//! What one app used in one period, as the ledger has it.

use std::collections::BTreeMap;

use crate::{EngineTier, Meter, ledger::ByteSeconds};

/// Usage of one app. All of it adds up: the usage of two adjacent periods together is the sum of both.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    pub requests: u64,
    /// Bytes sent to clients.
    pub data_transfer: u64,
    pub file_storage: ByteSeconds,
    pub database_storage: ByteSeconds,
    /// Seconds of each engine, times the replicas that ran.
    pub engines: BTreeMap<EngineTier, u64>,
}

impl Usage {
    /// The quantity of `meter` times the length of a month of `month_seconds`, which is a whole number for counts and
    /// for levels alike. None for what is not rated by quota.
    pub(super) fn over_a_month(&self, meter: Meter, month_seconds: u32) -> Option<u128> {
        let counted = |count: u64| u128::from(count) * u128::from(month_seconds);
        match meter {
            Meter::Requests => Some(counted(self.requests)),
            Meter::DataTransfer => Some(counted(self.data_transfer)),
            Meter::FileStorage => Some(self.file_storage.0),
            Meter::DatabaseStorage => Some(self.database_storage.0),
            Meter::Jobs | Meter::EngineTime => None,
        }
    }
}
