//! The server under test, and the people and regions around it.

mod driver;
mod person;
mod server;

pub use driver::NotingDriver;
pub use person::{Answer, PASSWORD, Person};
pub use server::Server;
