//! The app's HTTP API on a real MongoDB, called as SDKs call it.
#![allow(clippy::unwrap_used, reason = "a panic is a test's report")]

mod accounts;
mod advisories;
mod answer_size;
mod bounds;
mod envelope;
mod geo;
mod guards;
mod hostile;
mod includes;
mod installations;
mod mail;
mod maintenance;
mod named;
mod objects;
mod options;
mod owner;
mod permissions;
mod private;
mod queries;
mod replicas;
mod schemas;
mod second_factor;
mod sessions;
mod sign_in;
mod silence;
mod smtp;
mod storage_layout;
mod support;
mod together;
mod transactions;
mod two_apps;
mod users;
