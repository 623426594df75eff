//! Sign-up, by name and password or by an identity at a provider; a known identity signs in.

use serde_json::{Map, Value, json};

use crate::app::AppState;
use crate::objects::access::{self, Scope};
use crate::objects::caller::Caller;
use crate::objects::create::{self, Created};
use crate::objects::draft::{self, Draft};
use crate::objects::schema::Operation;
use crate::protocol::envelope::Fields;
use crate::protocol::error::{ParseError, ParseResult, code};
use crate::users::identity::{self, Confirmed};
use crate::users::sessions::CreatedWith;
use crate::users::verification::Pending;
use crate::users::{login, mfa, profile, sessions, verification};

const CLASS: &str = "_User";

/// How a sign-up ended.
#[derive(Debug)]
pub enum SignedUp {
    /// A new user (201).
    New { id: String, answer: Map<String, Value> },
    /// The identity was known: the user signed in (200).
    Known { id: String, answer: Value },
}

/// What a sign-up brings along beside the fields of the user.
struct Joining {
    identities: Confirmed,
    second_factor: Option<mfa::SetUp>,
    verification: Option<Pending>,
    /// The name of a user who chose none.
    generated: Option<String>,
}

/// `POST /users`.
pub async fn sign_up(app: &AppState, caller: &Caller, mut body: Fields) -> ParseResult<SignedUp> {
    access::check_fixed_rules(caller, CLASS, Operation::Create)?;
    // Whoever may not create users must not learn who exists.
    let schema = app.schemas.find(CLASS).await?;
    let _: Scope = access::check_class(app, caller, CLASS, schema.as_deref(), Operation::Create)?;
    refuse_role_id(&body)?;
    let custom_id = draft::take_custom_id(app, &mut body)?;
    let times = draft::take_times(caller, &mut body)?;
    draft::drop_server_fields(CLASS, &mut body, true)?;
    // Null is no sign-in data: what is missing then is a name.
    let auth_data = body.shift_remove("authData").filter(|sent| !sent.is_null());
    let internal = profile::take_internal(caller, &mut body)?;
    let mut draft = Draft::decode(app, body)?;
    (draft.times, draft.internal) = (times, internal);
    profile::restrict(caller, &draft)?;

    let identities = identity::confirm(app, auth_data.as_ref()).await?;
    if let Some(known) = identities.owner(app).await? {
        return sign_in(app, caller, identities, auth_data.as_ref(), known).await;
    }
    let mut joining = prepare(app, &mut draft, identities, auth_data.as_ref()).await?;
    let id = custom_id.unwrap_or_else(|| app.random(app.settings.object_id_size));
    draft.acl = Some(profile::initial_acl(app, &id, draft.acl.take()));
    joining.identities.use_up(app).await?;
    match create::insert(app, caller, CLASS, Some(id), draft).await {
        Ok(created) => welcome(app, caller, created, joining).await,
        // Somebody with the same proof was a moment faster: two devices, one person, one user.
        Err(error) if error.code == Some(code::ACCOUNT_ALREADY_LINKED) => {
            let identities = joining.identities;
            match identities.owner(app).await? {
                Some(known) => sign_in(app, caller, identities, auth_data.as_ref(), known).await,
                None => Err(error),
            }
        }
        Err(error) => Err(error),
    }
}

/// A user with such an id would read as a role in every ACL (CVE-2024-47183).
fn refuse_role_id(body: &Fields) -> ParseResult<()> {
    let id = body.get("objectId").and_then(Value::as_str);
    match id.is_some_and(|id| id.starts_with("role:")) {
        true => Err(ParseError::denied(
            code::OPERATION_FORBIDDEN,
            "Invalid object ID.",
        )),
        false => Ok(()),
    }
}

/// Completes the fields of a new user.
async fn prepare(
    app: &AppState,
    draft: &mut Draft,
    identities: Confirmed,
    auth_data: Option<&Value>,
) -> ParseResult<Joining> {
    let second_factor = match second_factor(auth_data) {
        Some(entry) => mfa::sign_up(app, entry)?,
        None => None,
    };
    if let Some(second_factor) = &second_factor {
        draft.internal.insert(mfa::COLUMN.into(), second_factor.stored());
    }
    let columns = identities.columns().filter(|(_, data)| !data.is_null());
    draft.internal.extend(columns);
    let verification = verification::begin(app, draft, profile::vouched_for(auth_data));
    let generated = require_credentials(app, draft, !identities.is_empty())?;
    profile::check_names(app, draft, None).await?;
    profile::hash_password(app, draft, None).await?;
    Ok(Joining {
        identities,
        second_factor,
        verification,
        generated,
    })
}

/// Whether whoever signs up is signed in with it. A server that makes users with the master key is no device of theirs;
/// SDKs send the installation they run on even with that key.
fn starts_session(caller: &Caller) -> bool {
    !caller.is_master() || caller.installation_id.is_some()
}

/// The first session of a new user, and the answer.
async fn welcome(
    app: &AppState,
    caller: &Caller,
    created: Created,
    joining: Joining,
) -> ParseResult<SignedUp> {
    let Created { id, mut answer } = created;
    let has_identity = !joining.identities.is_empty();
    let providers = joining.identities.providers();
    if let Some(pending) = joining.verification {
        pending.send(app);
    }
    if verification::withholds_session(app) {
        verification::check_sign_up(app)?;
    } else if starts_session(caller) {
        let with = CreatedWith {
            action: "signup",
            provider: Some(if has_identity { &providers } else { "password" }),
        };
        let token = sessions::start(app, &id, with, caller.installation_id.as_deref()).await?;
        answer.insert("sessionToken".into(), token.into());
    }
    if let Some(username) = joining.generated {
        answer.insert("username".into(), username.into());
    }
    if let Some(set_up) = joining.second_factor {
        answer.insert(
            "authDataResponse".into(),
            json!({ mfa::PROVIDER: set_up.response() }),
        );
    } else if has_identity {
        answer.insert("authDataResponse".into(), json!({}));
    }
    Ok(SignedUp::New { id, answer })
}

/// The user whom confirmed identities belong to comes back, with their second factor if they have one.
async fn sign_in(
    app: &AppState,
    caller: &Caller,
    mut identities: Confirmed,
    auth_data: Option<&Value>,
    user: String,
) -> ParseResult<SignedUp> {
    if caller.user_id().is_some_and(|current| current != user) {
        return Err(identity::already_linked());
    }
    let row = app
        .storage
        .login_row(&user)
        .await?
        .ok_or_else(ParseError::not_found)?;
    let response = login::second_factor(app, &row, second_factor(auth_data))
        .await?
        .redeem(app, &user)
        .await?;
    identities.store(app, &user).await?;
    let providers = identities.providers();
    let with = CreatedWith {
        action: "login",
        provider: Some(&providers),
    };
    let token = sessions::start(app, &user, with, caller.installation_id.as_deref()).await?;
    let mut answer = login::seen_by(app, caller, &user).await?;
    answer["sessionToken"] = token.into();
    answer["authDataResponse"] = mfa::auth_data_response(response);
    Ok(SignedUp::Known { id: user, answer })
}

fn second_factor(auth_data: Option<&Value>) -> Option<&Value> {
    auth_data.and_then(|auth_data| auth_data.get(mfa::PROVIDER))
}

/// Name and password are needed unless an identity stands in for them; then a name is generated and returned.
fn require_credentials(app: &AppState, draft: &mut Draft, has_identity: bool) -> ParseResult<Option<String>> {
    let is_text = |field: &str| {
        draft
            .value(field)
            .and_then(Value::as_str)
            .is_some_and(|text| !text.is_empty())
    };
    let has_name = is_text("username");
    if has_identity && draft.value("username").is_none() {
        let username = app.random(25);
        draft.set("username", username.clone());
        return Ok(Some(username));
    }
    if !has_name {
        return Err(ParseError::new(code::USERNAME_MISSING, "bad or missing username"));
    }
    let has_hash = draft.internal.contains_key("_hashed_password");
    if !has_identity && !has_hash && !is_text("password") {
        return Err(ParseError::new(code::PASSWORD_MISSING, "password is required"));
    }
    login::check_length(draft.value("password"))?;
    Ok(None)
}
