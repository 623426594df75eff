//! What an app's owner set, on its way to the app.

use std::fmt;

use serde_json::{Map, Value};

/// Options by Parse Server's names, secrets open. `Debug` shows the names only.
#[derive(Clone, Default, PartialEq)]
pub struct OwnerSettings(pub Map<String, Value>);

impl fmt::Debug for OwnerSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}
