//! What the answer to a save shows: where `protectedFieldsSaveResponseExempt` is off, no more than a read would.

use serde_json::{Map, Value};

use crate::app::AppState;
use crate::objects::caller::Caller;
use crate::objects::protected;
use crate::objects::schema::ClassSchema;

/// Takes out of `answer` the columns that are hidden from `caller`, where the app wants it. `id`: of the object that was
/// changed; `None` for a new one, which is nobody's yet.
pub fn conceal(
    app: &AppState,
    caller: &Caller,
    schema: &ClassSchema,
    id: Option<&str>,
    answer: &mut Map<String, Value>,
) {
    let settings = &app.settings;
    let is_own = schema.name == "_User" && id.is_some() && id == caller.user_id();
    if settings.protected_fields_save_response_exempt || (is_own && settings.protected_fields_owner_exempt) {
        return;
    }
    for field in protected::hidden_from(app, caller, schema).iter() {
        answer.shift_remove(field.as_str());
    }
}
