//! Which Apps are to be looked at: watches ring, the controller listens. Nothing is kept while nobody does.

use std::sync::{Mutex, MutexGuard, PoisonError};

use kube::runtime::reflector::ObjectRef;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::app_object::AppObject;

/// Shared by all watches of one process.
#[derive(Debug, Default)]
pub struct Bell(Mutex<Option<UnboundedSender<ObjectRef<AppObject>>>>);

impl Bell {
    /// Has an App looked at, if anybody looks.
    pub fn ring(&self, app: ObjectRef<AppObject>) {
        if let Some(listener) = self.lock().as_ref() {
            // An error only says that the listener has gone.
            let _ = listener.send(app);
        }
    }

    /// All rings from now on; one listener at a time.
    pub fn listen(&self) -> UnboundedReceiver<ObjectRef<AppObject>> {
        let (sender, receiver) = unbounded_channel();
        *self.lock() = Some(sender);
        receiver
    }

    fn lock(&self) -> MutexGuard<'_, Option<UnboundedSender<ObjectRef<AppObject>>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
