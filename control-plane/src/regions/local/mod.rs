//! The region driver for one machine: one `slipway-runtime` process per app.
