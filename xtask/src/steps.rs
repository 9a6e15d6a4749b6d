//! A run of named steps: stops at the first that fails and says how long each took.

use std::time::{Duration, Instant};

use crate::error::Result;

/// The steps done so far.
#[derive(Default)]
pub(crate) struct Steps {
    done: Vec<(&'static str, Duration, &'static str)>,
}

impl Steps {
    /// Runs one step.
    ///
    /// # Errors
    /// The step's own, after the table of times was printed.
    pub(crate) fn step(&mut self, name: &'static str, work: impl FnOnce() -> Result) -> Result {
        eprintln!("\n=== {name}");
        let begun = Instant::now();
        let result = work();
        self.done.push((name, begun.elapsed(), if result.is_ok() { "passed" } else { "FAILED" }));
        if result.is_err() {
            self.print();
        }
        result
    }

    /// Notes a step that this machine cannot do.
    pub(crate) fn skip(&mut self, name: &'static str, reason: &str) {
        eprintln!("\n=== {name}: skipped, {reason}");
        self.done.push((name, Duration::ZERO, "skipped"));
    }

    /// Prints the table of times.
    pub(crate) fn print(&self) {
        println!("\n{}", self.table());
    }

    fn table(&self) -> String {
        let line = |name: &str, time: Duration, end: &str| {
            format!("{name:<28} {:>8.1} s  {end}\n", time.as_secs_f64())
        };
        let mut table: String = self.done.iter().map(|(name, time, end)| line(name, *time, end)).collect();
        table += &line("total", self.done.iter().map(|(_, time, _)| *time).sum(), "");
        table.trim_end().to_owned()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::error::Error;

    #[test]
    fn the_table_names_the_step_that_failed() {
        let mut steps = Steps::default();
        steps.step("one", || Ok(())).unwrap();
        steps.skip("two", "no such tool");
        steps.step("three", || Err(Error::Unexpected("broken".into()))).unwrap_err();
        let table = steps.table();
        let ends: Vec<_> = table.lines().map(|line| line.split_whitespace().last().unwrap()).collect();
        assert_eq!(ends, ["passed", "skipped", "FAILED", "s"]);
    }
}
