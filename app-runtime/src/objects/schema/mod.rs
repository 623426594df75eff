//! Classes of the app: their fields and permissions (`model`), the columns every class is born with (`defaults`),
//! class-level permissions (`permissions`), the cache of all classes (`cache`) and how writes extend them (`evolve`).
//! `plan` and `manage` change classes as their owner asks for; `wire` shows them; `definitions` applies those of the settings.

pub mod cache;
pub mod defaults;
pub mod definitions;
pub mod evolve;
pub mod manage;
pub mod model;
pub mod permissions;
pub mod plan;
pub mod wire;

pub use cache::SchemaCache;
pub use model::{ClassSchema, FieldOptions};
pub use permissions::{ClassPermissions, Grant, Operation};
