//! What a provider costs beside its bare client.

use std::{
    error::Error,
    time::{Duration, Instant},
};

use tokio::task::JoinSet;

/// What a benchmark answers.
pub type Measured = Result<(), Box<dyn Error + Send + Sync>>;

/// How many calls are on their way at a time.
pub const IN_FLIGHT: usize = 16;

const ROUNDS: usize = 15;

/// Calls of a provider and of its bare client, in turn and in one run. Each of the two is
/// given the number of a task and that of a call in it. Prints the medians of the rates, and
/// of the share that the provider has of the client's rate in the same round.
pub async fn compare<P, C>(
    what: &str,
    calls: usize,
    provider: impl Fn(usize, usize) -> P + Clone + Send + 'static,
    client: impl Fn(usize, usize) -> C + Clone + Send + 'static,
) -> Measured
where
    P: Future<Output = Measured> + Send,
    C: Future<Output = Measured> + Send,
{
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        let by_provider = round(calls, &provider).await?;
        let by_client = round(calls, &client).await?;
        rounds.push((by_provider, by_client));
    }
    let rate = |time: Duration| (IN_FLIGHT * calls) as f64 / time.as_secs_f64();
    let of = |number: fn(f64, f64) -> f64| {
        let numbers = rounds
            .iter()
            .map(|(provider, client)| number(rate(*provider), rate(*client)));
        median(numbers.collect())
    };
    let provider = of(|provider, _| provider);
    let client = of(|_, client| client);
    let share = of(|provider, client| provider / client);
    println!("{what}: provider {provider:.0}/s, client {client:.0}/s, share {share:.2}");
    Ok(())
}

async fn round<F>(
    calls: usize,
    call: &(impl Fn(usize, usize) -> F + Clone + Send + 'static),
) -> Result<Duration, Box<dyn Error + Send + Sync>>
where
    F: Future<Output = Measured> + Send,
{
    let start = Instant::now();
    let mut tasks = JoinSet::new();
    for task in 0..IN_FLIGHT {
        let call = call.clone();
        tasks.spawn(async move {
            for index in 0..calls {
                call(task, index).await?;
            }
            Measured::Ok(())
        });
    }
    for done in tasks.join_all().await {
        done?;
    }
    Ok(start.elapsed())
}

fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers.get(numbers.len() / 2).copied().unwrap_or_default()
}
