//! `slipway-runtime dump` and `restore` over a real MongoDB: what was dumped is what comes back, or an error says why.

#![allow(clippy::unwrap_used)]

mod bucket;
mod contents;
mod damage;
mod files;
mod folders;
mod killed;
mod repeated;
mod support;
