//! Classes of the app: their fields and permissions (`model`), the columns every class is born with (`defaults`),
//! class-level permissions (`permissions`), the cache of all classes (`cache`) and how writes extend them (`evolve`).

pub mod cache;
pub mod defaults;
pub mod evolve;
pub mod model;
pub mod permissions;

pub use cache::SchemaCache;
pub use model::{ClassSchema, FieldOptions};
pub use permissions::{ClassPermissions, Operation};
