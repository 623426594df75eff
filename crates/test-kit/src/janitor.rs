//! Runs clean-up work of dropped handles, which cannot await, on one thread of its own.

use std::pin::Pin;
use std::sync::OnceLock;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

type Work = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Does `work` soon. What is left when the test binary ends is left: the server's folder goes too.
pub(crate) fn later(work: impl Future<Output = ()> + Send + 'static) {
    static QUEUE: OnceLock<Sender<Work>> = OnceLock::new();
    let queue = QUEUE.get_or_init(|| {
        let (sender, receiver) = channel();
        thread::spawn(move || work_off(receiver));
        sender
    });
    queue
        .send(Box::pin(work))
        .expect("the janitor works as long as the process");
}

fn work_off(queue: Receiver<Work>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    for work in queue {
        runtime.block_on(work);
    }
}
