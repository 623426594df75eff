//! Rules for the fields of a user, shared by sign-up and update, and changing and deleting users.

use serde_json::{Map, Value};

use crate::app::AppState;
use crate::objects::caller::Caller;
use crate::objects::draft::{self, Draft};
use crate::objects::schema::Operation;
use crate::objects::{access, delete, update};
use crate::protocol::acl::Acl;
use crate::protocol::envelope::Fields;
use crate::protocol::error::{ParseError, ParseResult, code};
use crate::protocol::ops::Op;
use crate::protocol::types;
use crate::query::Filter;
use crate::storage::{MailToken, UserKey};
use crate::users::sessions::CreatedWith;
use crate::users::{identity, mfa, password_policy, passwords, sessions, verification};

const CLASS: &str = "_User";

/// Changes a user; only they themselves and the master key may.
pub async fn change(
    app: &AppState,
    caller: &Caller,
    id: &str,
    mut body: Fields,
) -> ParseResult<Map<String, Value>> {
    access::check_fixed_rules(caller, CLASS, Operation::Update)?;
    let own = caller.user_id() == Some(id);
    if !own && !caller.writes_all() {
        return Err(ParseError::denied(
            code::SESSION_MISSING,
            format!("Cannot modify user {id}."),
        ));
    }
    draft::drop_server_fields(CLASS, &mut body, false)?;
    let auth_data = body.shift_remove("authData");
    let internal = take_internal(caller, &mut body)?;
    let mut draft = Draft::decode(app, body)?;
    draft.internal = internal;
    restrict(caller, &draft)?;
    check_names(app, &mut draft, Some(id)).await?;
    let mut second_factor = None;
    let mut changes_identity = false;
    if let Some(auth_data) = &auth_data {
        changes_identity = link(app, id, auth_data, &mut draft).await?;
        if let Some(entry) = auth_data.get(mfa::PROVIDER) {
            changes_identity = true;
            second_factor = mfa::change(app, caller, id, entry, &mut draft.internal).await?;
        }
    }
    let pending = match verification::begin(app, &mut draft, vouched_for(auth_data.as_ref())) {
        Some(pending) => Some(pending.to_known(app, id).await?),
        None => None,
    };
    if draft.value("email").is_some() {
        forget_reset_token(&mut draft);
    }
    if let (Some(acl), false) = (&mut draft.acl, caller.writes_all()) {
        acl.grant(id, true, true);
    }
    let changes_password = hash_password(app, &mut draft, Some(id)).await?;
    let mut answer = update::apply(app, caller, CLASS, &Filter::equals("objectId", id), id, draft).await?;
    if let Some(pending) = pending {
        pending.send(app);
    }
    if changes_identity {
        answer.insert("authDataResponse".into(), mfa::auth_data_response(second_factor));
    }
    if changes_password && app.settings.revoke_session_on_password_reset {
        sessions::end_all(app, id).await?;
    }
    if changes_password && own {
        let with = CreatedWith {
            action: "login",
            provider: Some("password"),
        };
        let token = sessions::start(app, id, with, caller.installation_id.as_deref()).await?;
        answer.insert("sessionToken".into(), token.into());
    }
    Ok(answer)
}

/// Deletes a user; only they themselves and the master key may.
pub async fn remove(app: &AppState, caller: &Caller, id: &str) -> ParseResult<()> {
    if caller.user_id() != Some(id) && !caller.writes_all() && !caller.is_read_only() {
        return Err(ParseError::denied(
            code::SESSION_MISSING,
            "Insufficient auth to delete user",
        ));
    }
    delete::delete(app, caller, CLASS, id).await?;
    app.accounts.forget_user(id).await;
    Ok(())
}

/// Columns of a user that have no field.
const INTERNAL: &[&str] = &[
    "_hashed_password",
    "_password_history",
    "_password_changed_at",
    "_email_verify_token",
    "_email_verify_token_expires_at",
    "_perishable_token",
    "_perishable_token_expires_at",
    "_failed_login_count",
    "_account_lockout_expires_at",
    "_tombstone",
];

/// Takes these columns out of what the maintenance key sends, as whoever moves users from elsewhere does; from anybody
/// else their names are refused like any that is no field's.
pub fn take_internal(caller: &Caller, body: &mut Fields) -> ParseResult<Map<String, Value>> {
    let mut internal = Map::new();
    for column in INTERNAL.iter().filter(|_| caller.is_maintenance()) {
        let Some(value) = body.shift_remove(*column) else {
            continue;
        };
        let is_list = |value: &Value| {
            value
                .as_array()
                .is_some_and(|items| items.iter().all(Value::is_string))
        };
        if value.is_object() && types::date_millis(&value).is_none() || value.is_array() && !is_list(&value) {
            return Err(ParseError::new(
                code::INCORRECT_TYPE,
                format!("Invalid value of {column}."),
            ));
        }
        internal.insert((*column).to_owned(), value);
    }
    Ok(internal)
}

/// What no client may set.
pub fn restrict(caller: &Caller, draft: &Draft) -> ParseResult<()> {
    let sets = |field: &str| {
        draft
            .ops
            .iter()
            .any(|(name, _)| name == field || name.starts_with(&format!("{field}.")))
    };
    if !caller.writes_all() && sets("emailVerified") {
        return Err(ParseError::denied(
            code::OPERATION_FORBIDDEN,
            "Clients aren't allowed to manually update email verification.",
        ));
    }
    match ["sessionToken", "authData"].into_iter().find(|field| sets(field)) {
        Some(field) => Err(ParseError::new(
            code::INVALID_KEY_NAME,
            format!("Invalid field name: {field}."),
        )),
        None => Ok(()),
    }
}

/// Username and e-mail: text, well formed, converted as the app wishes, and not somebody else's.
pub async fn check_names(app: &AppState, draft: &mut Draft, id: Option<&str>) -> ParseResult<()> {
    let settings = &app.settings;
    if let Some(Value::String(name)) = draft.value("username").cloned() {
        let name = if settings.convert_username_to_lowercase {
            name.to_lowercase()
        } else {
            name
        };
        if name.is_empty() {
            return Err(ParseError::new(code::USERNAME_MISSING, "bad or missing username"));
        }
        if app.storage.is_taken(UserKey::Username, &name, id).await? {
            return Err(ParseError::new(
                code::USERNAME_TAKEN,
                "Account already exists for this username.",
            ));
        }
        draft.set("username", name);
    }
    match draft.value("email").cloned() {
        None | Some(Value::Null) => {}
        Some(Value::String(email)) if is_address(&email) => {
            let email = if settings.convert_email_to_lowercase {
                email.to_lowercase()
            } else {
                email
            };
            if app.storage.is_taken(UserKey::Email, &email, id).await? {
                return Err(ParseError::new(
                    code::EMAIL_TAKEN,
                    "Account already exists for this email address.",
                ));
            }
            draft.set("email", email);
        }
        Some(_) => {
            return Err(ParseError::new(
                code::INVALID_EMAIL_ADDRESS,
                "Email address format is invalid.",
            ));
        }
    }
    Ok(())
}

/// `^.+@.+$`
fn is_address(email: &str) -> bool {
    email.len() <= 1024 && email.find('@').is_some_and(|at| at > 0 && at + 1 < email.len())
}

/// Replaces the password by its hash, if the app accepts it; false if the write has none. `user`: whose password
/// changes; a new user has no id yet.
pub async fn hash_password(app: &AppState, draft: &mut Draft, user: Option<&str>) -> ParseResult<bool> {
    let password = match draft.take("password") {
        None => return Ok(false),
        Some(Op::Set(Value::String(password))) if !password.is_empty() => password,
        Some(_) => return Err(ParseError::new(code::PASSWORD_MISSING, "password is required")),
    };
    let username = draft.value("username").and_then(Value::as_str).map(str::to_owned);
    password_policy::check(app, &password, username.as_deref(), user).await?;
    draft.internal.extend(password_policy::columns(app, user).await?);
    if user.is_some() {
        forget_reset_token(draft);
    }
    let hash = passwords::hash(password).await?;
    draft.internal.insert("_hashed_password".into(), hash.into());
    Ok(true)
}

/// Whether a request comes with a provider's word for who the user is, beside a device's own.
pub fn vouched_for(auth_data: Option<&Value>) -> bool {
    let providers = auth_data.and_then(Value::as_object);
    providers.is_some_and(|all| {
        all.iter()
            .any(|(name, data)| name != "anonymous" && name != mfa::PROVIDER && !data.is_null())
    })
}

/// A mailed link must not work after the password or the address has changed.
fn forget_reset_token(draft: &mut Draft) {
    let kind = MailToken::PasswordReset;
    for column in [kind.column(), kind.expiry_column()] {
        draft.internal.insert(column.into(), Value::Null);
    }
}

/// Takes identities on or off an existing user, if that is what it comes to; one that is somebody else's is refused.
async fn link(app: &AppState, id: &str, auth_data: &Value, draft: &mut Draft) -> ParseResult<bool> {
    let auth_data = identity::decode(app, auth_data)?;
    let columns = identity::update(app, id, auth_data).await?;
    let changes = !columns.is_empty();
    draft.internal.extend(columns);
    Ok(changes)
}

/// The ACL of a new user: their own, readable by all only where the app wants that.
pub fn initial_acl(app: &AppState, id: &str, sent: Option<Acl>) -> Acl {
    let mut acl = sent.unwrap_or_else(|| {
        let mut acl = Acl::default();
        acl.grant("*", !app.settings.enforce_private_users, false);
        acl
    });
    acl.grant(id, true, true);
    acl
}
