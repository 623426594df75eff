//! Operators that die at one of their requests, and lives to let them die in: one for each request, many at once, since
//! most of a life is waiting.

use std::future::ready;

use futures_util::{StreamExt, stream};
use tokio::sync::oneshot;

use super::{Fault, Faults, is_work};

/// Requests whose lives are led at the same moment.
const AT_ONCE: usize = 6;

/// Leads a life for every request, before and after the server has it, up to the first request that neither gets to.
/// A life is a [`super::Rig`] of its own and says whether its operator was struck. Returns how many requests were.
pub async fn at_every_request(life: impl AsyncFn(usize, Fault) -> bool) -> usize {
    let life = &life;
    stream::iter(1..)
        .map(|at| async move {
            let (silent, lost) = tokio::join!(life(at, Fault::Silence), life(at, Fault::LostAnswer));
            silent || lost
        })
        .buffered(AT_ONCE)
        .take_while(|struck| ready(*struck))
        .count()
        .await
}

/// From now on: at the `at`-th piece of work this fault strikes, and nothing is done after it. The future resolves when the
/// operator may die: before the server has the request, or after it has done it.
pub fn strike(faults: &Faults, at: usize, fault: Fault) -> impl Future<Output = ()> {
    let (sender, receiver) = oneshot::channel();
    let (mut sender, mut count) = (Some(sender), 0);
    faults.set(move |request| {
        count += usize::from(is_work(request));
        if count < at || !is_work(request) {
            return None;
        }
        let Some(sender) = sender.take() else {
            return Some(Fault::Silence);
        };
        // For whoever reads why the test failed.
        println!("{fault:?} at {at}: {} {}", request.method(), request.uri());
        let _ = sender.send(());
        Some(fault)
    });
    async move {
        receiver.await.unwrap();
        if fault == Fault::LostAnswer {
            faults.answer_lost().await;
        }
    }
}
