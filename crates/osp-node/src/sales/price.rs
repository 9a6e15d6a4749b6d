//! Prices: exact decimal numbers and a currency. Never floating point, for sums must be what a till would say.

use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fmt};

/// Most digits behind the point.
const MAX_DECIMALS: u8 = 8;
/// Most digits in all: a thousand million sales of these still add up in 128 bits.
const MAX_DIGITS: usize = 20;

/// A decimal number that is not negative, such as `5` or `12.50`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Amount {
    /// In units of the last decimal.
    units: u128,
    decimals: u8,
}

/// Not a price.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PriceError {
    /// The number.
    #[error("{0:?} is not an amount; write it like 5 or 12.50, with at most 8 digits behind the point")]
    Amount(String),
    /// The currency.
    #[error("{0:?} is not a currency; write its three letters (ISO 4217), such as EUR")]
    Currency(String),
}

impl Amount {
    /// Reads `5`, `0.99`, `12.50`.
    ///
    /// # Errors
    /// [`PriceError::Amount`].
    pub fn parse(text: &str) -> Result<Self, PriceError> {
        let bad = || PriceError::Amount(text.chars().take(32).collect());
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        let shaped = !whole.is_empty() && digits(whole) && digits(fraction) && !text.ends_with('.');
        let leading_zero = whole.len() > 1 && whole.starts_with('0');
        if !shaped
            || leading_zero
            || fraction.len() > usize::from(MAX_DECIMALS)
            || whole.len() + fraction.len() > MAX_DIGITS
        {
            return Err(bad());
        }
        let units = format!("{whole}{fraction}").parse().map_err(|_| bad())?;
        // At most MAX_DECIMALS.
        Ok(Self { units, decimals: fraction.len() as u8 })
    }

    /// The sum, with the decimals of the longer one.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        let decimals = self.decimals.max(other.decimals);
        let units = self.scaled(decimals).saturating_add(other.scaled(decimals));
        Self { units, decimals }
    }

    fn scaled(self, decimals: u8) -> u128 {
        self.units.saturating_mul(10u128.pow(u32::from(decimals - self.decimals)))
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.decimals == 0 {
            return write!(f, "{}", self.units);
        }
        let unit = 10u128.pow(u32::from(self.decimals));
        write!(f, "{}.{:0width$}", self.units / unit, self.units % unit, width = usize::from(self.decimals))
    }
}

/// What something costs. As text it is never a number in JSON: readers would take it for a binary fraction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "PriceText", into = "PriceText")]
pub struct Price {
    /// How much.
    pub amount: Amount,
    /// Of what: three capital letters (ISO 4217).
    pub currency: String,
}

/// As it stands in JSON.
#[derive(Serialize, Deserialize)]
struct PriceText {
    price: String,
    currency: String,
}

impl Price {
    /// From two texts.
    ///
    /// # Errors
    /// [`PriceError`].
    pub fn parse(amount: &str, currency: &str) -> Result<Self, PriceError> {
        if currency.len() != 3 || !currency.bytes().all(|b| b.is_ascii_uppercase()) {
            return Err(PriceError::Currency(currency.chars().take(32).collect()));
        }
        Ok(Self { amount: Amount::parse(amount)?, currency: currency.to_owned() })
    }
}

impl TryFrom<PriceText> for Price {
    type Error = PriceError;
    fn try_from(text: PriceText) -> Result<Self, PriceError> {
        Self::parse(&text.price, &text.currency)
    }
}

impl From<Price> for PriceText {
    fn from(price: Price) -> Self {
        Self { price: price.amount.to_string(), currency: price.currency }
    }
}

impl fmt::Display for Price {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.amount, self.currency)
    }
}

/// Sums by currency, in the order of its letters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sums(pub BTreeMap<String, Amount>);

impl Sums {
    /// Adds one price.
    pub fn add(&mut self, price: &Price) {
        let sum = self.0.entry(price.currency.clone()).or_default();
        *sum = sum.plus(price.amount);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn sums_are_what_a_till_says() {
        let mut sums = Sums::default();
        for text in ["0.10", "0.20", "5", "0.005"] {
            sums.add(&Price::parse(text, "EUR").unwrap());
        }
        sums.add(&Price::parse("700", "JPY").unwrap());
        let said: Vec<_> = sums.0.iter().map(|(currency, sum)| format!("{sum} {currency}")).collect();
        assert_eq!(said, ["5.305 EUR", "700 JPY"]);
    }

    #[test]
    fn what_is_no_price() {
        for text in
            ["", "5.", ".5", "-1", "+1", "1e3", "1,50", "05", "5 ", "1.123456789", "999999999999999999999"]
        {
            assert!(Amount::parse(text).is_err(), "{text:?}");
        }
        for text in ["0", "0.99", "12.50", "99999999999999999999"] {
            assert_eq!(Amount::parse(text).unwrap().to_string(), text);
        }
        for currency in ["", "eur", "EURO", "E1R"] {
            assert!(Price::parse("1", currency).is_err(), "{currency:?}");
        }
    }
}
