//! `kv-service` beside a bare handler and a FastAPI service of the same shape, in one run.
//!
//! `tests/scripts/http-bench` builds and installs what it starts.

#[path = "http/bare.rs"]
mod bare;
#[path = "http/load.rs"]
mod load;
#[path = "http/program.rs"]
mod program;

use std::{env, error::Error, io, time::Duration};

use load::{Figures, Method};
use program::Program;

/// How long a turn of a program takes, and how many each has: many short ones, so that those
/// who are compared find the machine in the same state.
const TURN: Duration = Duration::from_millis(500);
const TURNS: usize = 15;

const FEW: u32 = 1_000;
const MANY: u32 = 1_000_000;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    if env::args().nth(1).as_deref() == Some("bare") {
        return bare::serve();
    }
    let mut programs = vec![Program::kv_service("warning")?, Program::bare()?];
    programs.push(Program::kv_service("info")?);
    programs.extend(Program::fastapi()?);
    println!(
        "{} connections, {TURNS} turns of {TURN:?} each, medians",
        load::CONNECTIONS
    );
    for program in &programs {
        load::fill(program.address, 0..FEW).await?;
    }
    for method in [Method::Get, Method::Put] {
        let mut figures = vec![Vec::new(); programs.len()];
        // In turn, so that a machine that slows down slows all of them.
        for _ in 0..TURNS {
            for (program, figures) in programs.iter().zip(&mut figures) {
                figures.push(turn(program, method, FEW).await?);
            }
        }
        let bare = figures.get(1).cloned().unwrap_or_default();
        for (program, figures) in programs.iter().zip(figures) {
            let shares = figures
                .iter()
                .zip(&bare)
                .map(|(own, bare)| own.rate / bare.rate);
            let share = median(shares.collect());
            report(&format!("{method:?} {}", program.name), &figures, share);
        }
    }
    grown(
        &Program::kv_service("warning")?,
        &Program::kv_service("warning")?,
    )
    .await
}

/// What a request costs with a thousand times as many keys.
async fn grown(few: &Program, many: &Program) -> Result<(), Box<dyn Error>> {
    load::fill(few.address, 0..FEW).await?;
    load::fill(many.address, 0..MANY).await?;
    for method in [Method::Get, Method::Put] {
        let (mut before, mut after) = (Vec::new(), Vec::new());
        for _ in 0..TURNS {
            before.push(turn(few, method, FEW).await?);
            after.push(turn(many, method, MANY).await?);
        }
        let shares = after
            .iter()
            .zip(&before)
            .map(|(after, before)| after.rate / before.rate);
        let share = median(shares.collect());
        report(&format!("{method:?} of {FEW} keys"), &before, 1.0);
        report(&format!("{method:?} of {MANY} keys"), &after, share);
    }
    Ok(())
}

async fn turn(program: &Program, method: Method, keys: u32) -> io::Result<Figures> {
    let before = program.computed()?;
    let figures = load::turn(program.address, method, keys, TURN).await?;
    let computed = program.computed()?.saturating_sub(before);
    let requests = figures.rate * figures.took.as_secs_f64();
    let cost = computed.as_secs_f64() * 1e6 / requests;
    Ok(Figures { cost, ..figures })
}

fn report(name: &str, figures: &[Figures], share: f64) {
    let of = |figure: fn(&Figures) -> f64| median(figures.iter().map(figure).collect());
    let (rate, half, most) = (of(|own| own.rate), of(|own| own.half), of(|own| own.most));
    let cost = of(|own| own.cost);
    println!(
        "{name:<32} {rate:>8.0}/s  p50 {half:>6.2} ms  p99 {most:>6.2} ms  cpu {cost:>5.1} µs  share {share:.2}"
    );
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or_default()
}

fn failed(what: &str) -> io::Error {
    io::Error::other(what.to_owned())
}
