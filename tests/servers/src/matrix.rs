//! The matrix of providers in `providers/README.md`: a row for each, out of what it declares
//! and what it was certified for.

use std::{env, fs, io, time::Duration};

use tck::{Contract, Profile, Time};

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../providers/README.md");

/// What a provider declares of itself, for the kit and for readers.
#[derive(Clone, Copy, Debug)]
pub struct Declared {
    /// The folder of the provider.
    pub provider: &'static str,
    /// The server that it was certified against.
    pub server: &'static str,
    /// The length in bytes of the longest key, if there is a limit.
    pub longest_key: Option<usize>,
    /// The size in bytes of the largest value, if there is a limit.
    pub largest_value: Option<usize>,
    /// How much longer than its time to live an entry may be seen.
    pub resolution: Duration,
    /// What becomes of acknowledged writes when the server is killed.
    pub durability: &'static str,
}

impl Declared {
    /// The same for the kit, on the clock on the wall.
    #[must_use]
    pub fn profile(&self) -> Profile {
        let resolution = self.resolution;
        let mut profile = Profile::new().time(Time::Wall { resolution });
        if let Some(bytes) = self.longest_key {
            profile = profile.longest_key(bytes);
        }
        if let Some(bytes) = self.largest_value {
            profile = profile.largest_value(bytes);
        }
        profile
    }

    /// Sees to it that the row of this provider in the matrix says so.
    ///
    /// # Errors
    ///
    /// Where it says something else, unless `TCK_BLESS` is set: then it is written anew.
    pub fn stands(&self, contracts: &[&Contract]) -> io::Result<()> {
        let (page, row) = (fs::read_to_string(PAGE)?, self.row(contracts));
        let begin = format!("| [{0}]({0}/README.md) |", self.provider);
        let stale = page.lines().find(|line| line.starts_with(&begin));
        let Some(stale) = stale else {
            let reason = format!(
                "providers/README.md has no row for {}:\n{row}",
                self.provider
            );
            return Err(io::Error::other(reason));
        };
        if stale == row {
            return Ok(());
        }
        if env::var_os("TCK_BLESS").is_some() {
            return fs::write(PAGE, page.replace(stale, &row));
        }
        let reason = format!(
            "providers/README.md is out of date, TCK_BLESS=1 writes it anew; expected\n{row}\ngot\n{stale}"
        );
        Err(io::Error::other(reason))
    }

    fn row(&self, contracts: &[&Contract]) -> String {
        let bytes = |limit: Option<usize>| limit.map_or("any".to_owned(), grouped);
        let names: Vec<_> = contracts.iter().map(|contract| contract.name).collect();
        let clauses: usize = contracts
            .iter()
            .map(|contract| contract.clauses.len())
            .sum();
        format!(
            "| [{0}]({0}/README.md) | {1} | {2} | {clauses} | {3} | {4} | {5:?} | {6} |",
            self.provider,
            self.server,
            names.join(", "),
            bytes(self.longest_key),
            bytes(self.largest_value),
            self.resolution,
            self.durability,
        )
    }
}

/// A number as people write it.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut shown = String::new();
    for (index, digit) in digits.char_indices() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            shown.push(',');
        }
        shown.push(digit);
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped() {
        assert_eq!(grouped(7), "7");
        assert_eq!(grouped(1_000), "1,000");
        assert_eq!(grouped(536_870_912), "536,870,912");
    }
}
