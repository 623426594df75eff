//! Sign-up, by name and password or by an identity at a provider; a known identity signs in.

use serde_json::{Map, Value, json};

use crate::app::AppState;
use crate::objects::caller::Caller;
use crate::objects::create::{self, Created};
use crate::objects::draft::{self, Draft};
use crate::objects::schema::Operation;
use crate::objects::access::{self, Scope};
use crate::objects::find;
use crate::protocol::envelope::Fields;
use crate::protocol::error::{ParseError, ParseResult, code};
use crate::users::identity::{self, Identity};
use crate::users::sessions::CreatedWith;
use crate::users::{login, profile, sessions};

const CLASS: &str = "_User";

/// How a sign-up ended.
#[derive(Debug)]
pub enum SignedUp {
    /// A new user (201).
    New { id: String, answer: Map<String, Value> },
    /// The identity was known: the user signed in (200).
    Known { id: String, answer: Value },
}

/// `POST /users`.
pub async fn sign_up(app: &AppState, caller: &Caller, mut body: Fields) -> ParseResult<SignedUp> {
    access::check_fixed_rules(caller, CLASS, Operation::Create)?;
    // Whoever may not create users must not learn who exists.
    let schema = app.schemas.find(CLASS).await?;
    let _: Scope = access::check_class(app, caller, CLASS, schema.as_deref(), Operation::Create)?;
    let custom_id = draft::take_custom_id(app, &mut body)?;
    draft::drop_server_fields(CLASS, &mut body, true)?;
    let auth_data = body.shift_remove("authData").filter(|data| !data.is_null());
    let mut draft = Draft::decode(app, body)?;
    profile::restrict(caller, &draft)?;

    let links = links(app, auth_data.as_ref())?;
    for link in &links {
        if let Some(known) = known_user(app, link).await? {
            return sign_in(app, caller, link, known).await;
        }
        draft.internal.insert(link.column(), link.stored());
    }
    let provider = match links.first() {
        Some(Identity::Link { provider, .. }) => provider.as_str(),
        _ => "password",
    };
    let generated = require_credentials(app, &mut draft, !links.is_empty())?;
    profile::check_names(app, &mut draft, None).await?;
    profile::hash_password(&mut draft).await?;
    let id = custom_id.unwrap_or_else(|| app.random(app.settings.object_id_size));
    draft.acl = Some(Some(profile::initial_acl(app, &id, draft.acl.take().flatten())));

    let Created { id, mut answer } = create::insert(app, caller, CLASS, Some(id), draft).await?;
    let with = CreatedWith {
        action: "signup",
        provider: Some(provider),
    };
    let token = sessions::start(app, &id, with, caller.installation_id.as_deref()).await?;
    answer.insert("sessionToken".into(), token.into());
    if let Some(username) = generated {
        answer.insert("username".into(), username.into());
    }
    if !links.is_empty() {
        answer.insert("authDataResponse".into(), json!({}));
    }
    Ok(SignedUp::New { id, answer })
}

/// The identities that come with a sign-up; there is nothing to give up yet.
fn links(app: &AppState, auth_data: Option<&Value>) -> ParseResult<Vec<Identity>> {
    let identities = auth_data
        .map(|data| identity::decode(app, data))
        .transpose()?
        .unwrap_or_default();
    Ok(identities
        .into_iter()
        .filter(|identity| matches!(identity, Identity::Link { .. }))
        .collect())
}

async fn known_user(app: &AppState, link: &Identity) -> ParseResult<Option<String>> {
    match link {
        Identity::Link { provider, id, .. } => Ok(app.storage.user_by_identity(provider, id).await?),
        Identity::Unlink { .. } => Ok(None),
    }
}

async fn sign_in(app: &AppState, caller: &Caller, link: &Identity, user: String) -> ParseResult<SignedUp> {
    if caller.user_id().is_some_and(|current| current != user) {
        return Err(ParseError::new(
            code::ACCOUNT_ALREADY_LINKED,
            "this auth is already used",
        ));
    }
    let provider = match link {
        Identity::Link { provider, .. } | Identity::Unlink { provider } => provider,
    };
    let with = CreatedWith {
        action: "login",
        provider: Some(provider),
    };
    let token = sessions::start(app, &user, with, caller.installation_id.as_deref()).await?;
    let mut answer = find::get_value(app, &Caller::user(&user, &[]), CLASS, &user).await?;
    answer["sessionToken"] = token.into();
    answer["authDataResponse"] = json!({});
    Ok(SignedUp::Known { id: user, answer })
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
    if !has_identity && !is_text("password") {
        return Err(ParseError::new(code::PASSWORD_MISSING, "password is required"));
    }
    login::check_length(draft.value("password"))?;
    Ok(None)
}
