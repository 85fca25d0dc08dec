//! What a provider costs beside its bare client.

use std::time::{Duration, Instant};

use futures_util::{StreamExt, stream};

const ROUNDS: usize = 7;

/// Runs a provider and its bare client in turn, with many calls in flight.
#[derive(Clone, Copy, Debug)]
pub struct Overhead {
    /// How many calls a round has.
    pub calls: usize,
    /// How many of them are in flight.
    pub in_flight: usize,
}

impl Overhead {
    /// Prints the median rates of both, and how the first stands to the second.
    pub async fn print(
        self,
        call: &str,
        provider: impl AsyncFn(usize),
        client: impl AsyncFn(usize),
    ) {
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            ours.push(self.round(&provider).await);
            theirs.push(self.round(&client).await);
        }
        let (ours, theirs) = (self.rate(ours), self.rate(theirs));
        let ratio = ours / theirs;
        println!("{call}: provider {ours:.0}/s, client {theirs:.0}/s, ratio {ratio:.2}");
    }

    async fn round(self, call: &impl AsyncFn(usize)) -> Duration {
        let start = Instant::now();
        stream::iter(0..self.calls)
            .map(|index| call(index))
            .buffer_unordered(self.in_flight)
            .collect::<()>()
            .await;
        start.elapsed()
    }

    fn rate(self, mut times: Vec<Duration>) -> f64 {
        times.sort_unstable();
        let median = times.get(times.len() / 2).copied().unwrap_or_default();
        self.calls as f64 / median.as_secs_f64()
    }
}
