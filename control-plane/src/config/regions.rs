//! Which regions are served, and by which driver.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::regions::Region;

/// Section `regions`: one entry per region served.
pub type RegionsConfig = BTreeMap<Region, RegionConfig>;

/// Section `regions.<id>`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegionConfig {
    pub driver: Driver,
}

/// What runs the apps of a region.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Driver {
    /// Processes on this machine.
    Local,
}
