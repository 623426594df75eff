//! Signing up, logging in, and confirming a password. None of it tells whether an account exists: the work
//! done, the answer and the locks are the same for known and unknown e-mails.

use ids::{AccountId, OrganizationId};
use secrecy::SecretString;
use serde_json::json;

use super::{
    audit::{self, Event},
    sessions,
    values::{Email, Name, NewPassword},
};
use crate::{
    auth::{Caller, Client, Role, lockout},
    error::ApiError,
    state::AppState,
    store::{
        accounts::{self, Account},
        audit::Actor,
        organizations::{self, Membership},
    },
};

/// Somebody who has just come in.
#[derive(Debug)]
pub struct SignedIn {
    pub account: Account,
    pub organizations: Vec<Membership>,
    /// For the session cookie.
    pub session_token: String,
}

/// What a sign-up needs.
#[derive(Debug)]
pub struct SignUp {
    pub email: Email,
    pub password: NewPassword,
    pub organization: Name,
}

/// Makes an account, its organization and a session. Of two sign-ups with one e-mail, one is rejected.
pub async fn sign_up(
    state: &AppState,
    sign_up: SignUp,
    client: &Client,
    replaced: Option<&str>,
) -> Result<SignedIn, ApiError> {
    let password_hash = state.passwords.hash(sign_up.password.secret()).await?;
    let now = state.clock.now();
    let email = sign_up.email.as_str().to_owned();
    let account = Account {
        id: AccountId::new(&*state.ids),
        email,
        created_at: now,
    };
    let mut tx = state.pool.begin().await?;
    let actor = person(&account);
    if !accounts::insert(&mut *tx, &account, &password_hash).await? {
        // The existing account's owner may see it; it also makes a rejection commit like a success.
        let actor = Actor {
            account_id: None,
            ..actor
        };
        let event = Event {
            action: "account.signup_rejected",
            ..Event::default()
        };
        audit::record(&mut tx, &*state.ids, &actor, &client.ip, now, event).await?;
        tx.commit().await?;
        return Err(ApiError::SignupRejected);
    }
    let organization_id = OrganizationId::new(&*state.ids);
    let name = sign_up.organization.as_str();
    organizations::insert(&mut *tx, organization_id, name, now).await?;
    organizations::add_member(&mut *tx, organization_id, account.id, Role::Owner, now).await?;
    let session_token = sessions::open(state, &mut tx, account.id, client, replaced, now).await?;
    let event = Event {
        action: "account.signup",
        organization_id: Some(organization_id),
        after: Some(json!({ "email": account.email, "organization": name })),
        ..Event::default()
    };
    audit::record(&mut tx, &*state.ids, &actor, &client.ip, now, event).await?;
    tx.commit().await?;
    let organizations = vec![Membership {
        organization_id,
        name: name.to_owned(),
        role: Role::Owner,
    }];
    Ok(SignedIn {
        account,
        organizations,
        session_token,
    })
}

/// Opens a session for the right password. Too many wrong ones lock the e-mail for a while.
pub async fn log_in(
    state: &AppState,
    email: &str,
    password: &SecretString,
    client: &Client,
    replaced: Option<&str>,
) -> Result<SignedIn, ApiError> {
    let email = email.trim().to_ascii_lowercase();
    let subject = lockout::Subject::login(&email);
    let now = state.clock.now();
    lockout::check(&state.pool, subject, now).await?;
    let known = match email.contains('\0') {
        true => None,
        false => accounts::find_by_email(&state.pool, &email).await?,
    };
    let stored = known.as_ref().map(|(_, hash)| hash.as_str());
    let matches = state.passwords.verify(password, stored).await?;
    let Some((account, _)) = known.filter(|_| matches) else {
        lockout::failed(&state.pool, subject, now, &state.config.limits).await?;
        tracing::info!(client.ip = client.ip, "login refused");
        return Err(ApiError::InvalidCredentials);
    };
    lockout::succeeded(&state.pool, subject).await?;
    let mut tx = state.pool.begin().await?;
    let session_token = sessions::open(state, &mut tx, account.id, client, replaced, now).await?;
    let event = Event {
        action: "account.login",
        ..Event::default()
    };
    audit::record(&mut tx, &*state.ids, &person(&account), &client.ip, now, event).await?;
    tx.commit().await?;
    let organizations = organizations::list_for_account(&state.pool, account.id).await?;
    Ok(SignedIn {
        account,
        organizations,
        session_token,
    })
}

/// Makes sure that whoever holds the session or token also knows the account's password.
pub async fn confirm_password(
    state: &AppState,
    caller: &Caller,
    password: &SecretString,
) -> Result<(), ApiError> {
    state.rate_limits.confirmation.check(caller.client.address)?;
    let subject = lockout::Subject::confirmation(caller.account.id);
    let now = state.clock.now();
    lockout::check(&state.pool, subject, now).await?;
    let stored = accounts::password_hash(&state.pool, caller.account.id).await?;
    if state.passwords.verify(password, stored.as_deref()).await? {
        return lockout::succeeded(&state.pool, subject).await;
    }
    lockout::failed(&state.pool, subject, now, &state.config.limits).await?;
    Err(ApiError::WrongPassword)
}

fn person(account: &Account) -> Actor {
    Actor {
        kind: "person",
        id: account.id.to_string(),
        label: account.email.clone(),
        account_id: Some(account.id),
    }
}
