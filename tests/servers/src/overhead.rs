//! What a provider costs beside its bare client.

use std::time::Instant;

use futures_util::{StreamExt, stream};

const ROUNDS: usize = 15;

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
        let (mut ours, mut theirs, mut shares) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            let of_provider = self.rate(&provider).await;
            let of_client = self.rate(&client).await;
            ours.push(of_provider);
            theirs.push(of_client);
            shares.push(of_provider / of_client);
        }
        let (ours, theirs, share) = (median(ours), median(theirs), median(shares));
        println!("{call}: provider {ours:.0}/s, client {theirs:.0}/s, share {share:.2}");
    }

    /// Calls in a second.
    async fn rate(self, call: &impl AsyncFn(usize)) -> f64 {
        let start = Instant::now();
        stream::iter(0..self.calls)
            .map(|index| call(index))
            .buffer_unordered(self.in_flight)
            .collect::<()>()
            .await;
        self.calls as f64 / start.elapsed().as_secs_f64()
    }
}

fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers.get(numbers.len() / 2).copied().unwrap_or_default()
}
