//! The queue of mails and the task that sends them.

use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;

use futures_util::future::BoxFuture;
use futures_util::{FutureExt, StreamExt, stream};
use lettre::transport::smtp::Error;
use lettre::{AsyncTransport, Message};
use secrecy::ExposeSecret;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::settings::MailSettings;
use crate::settings::smtp::{self, Transport};

/// Mails that may wait; more than that means the mail server is gone for good.
const CAPACITY: usize = 1_000;
/// Pauses before each further attempt at a mail that the server did not take for now.
const PAUSES: [Duration; 3] = [
    Duration::from_secs(1),
    Duration::from_secs(10),
    Duration::from_secs(60),
];
/// Connections to the mail server at a time.
const AT_ONCE: usize = 8;

/// What must happen before a mail goes out, such as storing the token in it; nothing goes out without a message.
type Job = BoxFuture<'static, Option<Message>>;

/// Takes mails; cheap to put into, sends in the background. Nothing that waits is lost when it is dropped, as long as the
/// process goes on.
pub struct Outbox {
    queue: Mutex<Option<mpsc::Sender<Job>>>,
    sending: Sending,
}

/// An outbox that nobody new is given, and what still waits in it.
pub struct Retired {
    outbox: Weak<Outbox>,
    sending: Sending,
}

/// The task that sends. It ends when its queue is closed and empty.
#[derive(Clone)]
struct Sending(Arc<Mutex<Option<JoinHandle<()>>>>);

impl Outbox {
    /// Starts the sending task on the current runtime.
    ///
    /// # Errors
    /// As [`smtp::transport`].
    pub fn open(settings: &MailSettings) -> Result<Self, Error> {
        let transport = smtp::transport(settings.smtp_url.expose_secret(), &settings.trusted_certificates)?;
        let (queue, waiting) = mpsc::channel(CAPACITY);
        Ok(Self {
            queue: Mutex::new(Some(queue)),
            sending: Sending::start(send_all(transport, waiting)),
        })
    }

    /// Puts a mail into the queue, with the work that makes it. When it is full the mail is lost, which the log says.
    pub fn put(&self, job: impl Future<Output = Option<Message>> + Send + 'static) {
        let queue = self.queue.lock().ok().and_then(|queue| queue.clone());
        if queue.is_none_or(|queue| queue.try_send(job.boxed()).is_err()) {
            tracing::error!("a mail is lost: too many wait for the mail server");
        }
    }

    /// Sends what waits, for at most `longest`, and takes nothing more.
    pub async fn finish(&self, longest: Duration) {
        self.close();
        self.sending.finish(longest).await;
    }

    /// Its mails go out without anybody holding it; whoever still does may put more into it.
    pub fn retire(self: &Arc<Self>) -> Retired {
        Retired {
            outbox: Arc::downgrade(self),
            sending: self.sending.clone(),
        }
    }

    fn close(&self) {
        drop(self.queue.lock().ok().and_then(|mut queue| queue.take()));
    }
}

impl Retired {
    /// As [`Outbox::finish`].
    pub async fn finish(&self, longest: Duration) {
        if let Some(outbox) = self.outbox.upgrade() {
            outbox.close();
        }
        self.sending.finish(longest).await;
    }

    /// Nothing is left to send.
    pub fn is_over(&self) -> bool {
        self.sending.is_over()
    }
}

impl Sending {
    fn start(task: impl Future<Output = ()> + Send + 'static) -> Self {
        Self(Arc::new(Mutex::new(Some(tokio::spawn(task)))))
    }

    fn is_over(&self) -> bool {
        let task = self.0.lock();
        task.is_ok_and(|task| task.as_ref().is_none_or(JoinHandle::is_finished))
    }

    async fn finish(&self, longest: Duration) {
        let task = self.0.lock().ok().and_then(|mut task| task.take());
        if let Some(mut task) = task
            && tokio::time::timeout(longest, &mut task).await.is_err()
        {
            tracing::warn!("mails that waited for the mail server are lost");
            task.abort();
        }
    }
}

/// Several at a time: one mail that is put off must not hold up the others.
async fn send_all(transport: Transport, waiting: mpsc::Receiver<Job>) {
    let jobs = stream::unfold(waiting, async |mut waiting| {
        Some((waiting.recv().await?, waiting))
    });
    let transport = &transport;
    jobs.for_each_concurrent(AT_ONCE, |job| async move {
        let Some(message) = job.await else { return };
        if let Err(error) = send(transport, &message).await {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "a mail could not be sent"
            );
        }
    })
    .await;
}

/// Tries again when the fault may pass; a refusal of the mail itself is final.
async fn send(transport: &Transport, message: &Message) -> Result<(), Error> {
    let mut pauses = PAUSES.iter();
    loop {
        match transport.send(message.clone()).await {
            Ok(_) => return Ok(()),
            Err(error) if error.is_permanent() => return Err(error),
            Err(error) => match pauses.next() {
                Some(pause) => tokio::time::sleep(*pause).await,
                None => return Err(error),
            },
        }
    }
}
