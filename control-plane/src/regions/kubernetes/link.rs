//! Whether the region's cluster can be worked with right now. The watch finds out, the driver asks.

use std::time::Duration;

use tokio::sync::watch;

use crate::regions::RegionError;

/// How long the first answer of a cluster is waited for.
const FIRST_ANSWER: Duration = Duration::from_secs(4);

/// What is known of the cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// It was not asked yet, or has not answered.
    Connecting,
    /// It answers, is the right one, and its apps are known.
    Up,
    /// It is away or the wrong one; the sentence says which, and what to do.
    Down(String),
}

/// The driver's end.
#[derive(Clone, Debug)]
pub struct Link(watch::Receiver<State>);

impl Link {
    /// A link, and where its state is told.
    pub fn new() -> (Self, watch::Sender<State>) {
        let (tell, state) = watch::channel(State::Connecting);
        (Self(state), tell)
    }

    /// Fine when the cluster can be worked with; answers from memory once the first attempt is through.
    pub async fn up(&self) -> Result<(), RegionError> {
        let mut state = self.0.clone();
        let known =
            tokio::time::timeout(FIRST_ANSWER, state.wait_for(|state| *state != State::Connecting)).await;
        match known {
            Ok(Ok(state)) => match &*state {
                State::Down(sentence) => Err(RegionError::Unreachable(sentence.clone())),
                State::Up | State::Connecting => Ok(()),
            },
            Ok(Err(_)) => Err(RegionError::Unreachable(
                "The region's driver is stopping.".to_owned(),
            )),
            Err(_) => Err(RegionError::Unreachable(
                "The region's cluster has not answered yet.".to_owned(),
            )),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_first_answer_is_waited_for_and_later_ones_are_remembered() {
        let (link, tell) = Link::new();
        let asked = tokio::spawn(async move { link.up().await.map(|()| link) });
        tell.send_replace(State::Up);
        let link = asked.await.unwrap().unwrap();
        tell.send_replace(State::Down("It is away.".to_owned()));
        let error = link.up().await.unwrap_err();
        assert!(matches!(error, RegionError::Unreachable(_)), "{error}");
        assert_eq!(error.to_string(), "It is away.");
    }
}
