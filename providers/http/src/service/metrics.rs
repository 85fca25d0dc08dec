//! What the service has done, in the text format of Prometheus.

use std::{
    fmt::Write,
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    time::Duration,
};

use http::{Method, StatusCode};

const METHODS: [&str; 7] = ["GET", "HEAD", "PUT", "POST", "DELETE", "OPTIONS", "other"];
const CLASSES: [&str; 4] = ["2xx", "3xx", "4xx", "5xx"];

/// The upper bounds of the buckets, in microseconds.
const BOUNDS: [u64; 10] = [
    100, 250, 500, 1_000, 2_500, 10_000, 50_000, 250_000, 1_000_000, 10_000_000,
];

/// Counters of requests and of how long they took.
#[derive(Debug, Default)]
pub(crate) struct Metrics {
    requests: [[AtomicU64; CLASSES.len()]; METHODS.len()],
    /// One for each bound, and one for what took longer.
    buckets: [AtomicU64; BOUNDS.len() + 1],
    micros: AtomicU64,
}

impl Metrics {
    pub(crate) fn count(&self, method: &Method, status: StatusCode, took: Duration) {
        let known = METHODS.iter().position(|known| *known == method.as_str());
        let class = usize::from(status.as_u16() / 100).saturating_sub(2);
        let row = self.requests.get(known.unwrap_or(METHODS.len() - 1));
        if let Some(counter) = row.and_then(|row| row.get(class)) {
            counter.fetch_add(1, Relaxed);
        }
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        let bucket = BOUNDS.iter().position(|bound| micros <= *bound);
        if let Some(bucket) = self.buckets.get(bucket.unwrap_or(BOUNDS.len())) {
            bucket.fetch_add(1, Relaxed);
        }
        self.micros.fetch_add(micros, Relaxed);
    }

    pub(crate) fn text(&self) -> String {
        let mut text = String::from(
            "# HELP kv_requests_total Requests by method and class of status.\n\
             # TYPE kv_requests_total counter\n",
        );
        for (method, row) in METHODS.iter().zip(&self.requests) {
            for (class, counter) in CLASSES.iter().zip(row) {
                let count = counter.load(Relaxed);
                let line = format_args!(
                    "kv_requests_total{{method=\"{method}\",status=\"{class}\"}} {count}\n"
                );
                // To a string nothing fails.
                let _ = text.write_fmt(line);
            }
        }
        text.push_str(
            "# HELP kv_request_duration_seconds How long requests took.\n\
             # TYPE kv_request_duration_seconds histogram\n",
        );
        let counts = self.buckets.each_ref().map(|bucket| bucket.load(Relaxed));
        let mut within = 0;
        for (bound, count) in BOUNDS.iter().zip(counts) {
            within += count;
            let seconds = Duration::from_micros(*bound).as_secs_f64();
            let line =
                format_args!("kv_request_duration_seconds_bucket{{le=\"{seconds}\"}} {within}\n");
            let _ = text.write_fmt(line);
        }
        let count: u64 = counts.iter().sum();
        let sum = Duration::from_micros(self.micros.load(Relaxed)).as_secs_f64();
        let _ = write!(
            text,
            "kv_request_duration_seconds_bucket{{le=\"+Inf\"}} {count}\n\
             kv_request_duration_seconds_sum {sum}\n\
             kv_request_duration_seconds_count {count}\n"
        );
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_counted_by_what_they_were() {
        let metrics = Metrics::default();
        metrics.count(&Method::GET, StatusCode::OK, Duration::from_micros(300));
        metrics.count(
            &Method::PATCH,
            StatusCode::METHOD_NOT_ALLOWED,
            Duration::from_secs(100),
        );
        let text = metrics.text();
        for line in [
            "kv_requests_total{method=\"GET\",status=\"2xx\"} 1",
            "kv_requests_total{method=\"other\",status=\"4xx\"} 1",
            "kv_request_duration_seconds_bucket{le=\"0.00025\"} 0",
            "kv_request_duration_seconds_bucket{le=\"0.0005\"} 1",
            "kv_request_duration_seconds_bucket{le=\"+Inf\"} 2",
            "kv_request_duration_seconds_count 2",
        ] {
            assert!(text.contains(line), "{line} is not in {text}");
        }
    }
}
