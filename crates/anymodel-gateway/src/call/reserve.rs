//! Reservation: money set aside before the call, and the longest answer that it pays for.

use anymodel_client::{Chat, CostBound};
use rust_decimal::Decimal;

use super::Protocol;
use super::record::CallRecord;
use crate::money::Usd;
use crate::refusal::{Refusal, UsedUp};
use crate::state::{Gateway, Holder};
use crate::store::{InsufficientFunds, ReserveError, ReserveRequest};

/// The shortest answer in tokens that is worth asking for.
const LEAST: u64 = 256;

/// Sets money aside for a call of a holder with a budget, and limits the answer to what it pays for.
///
/// # Errors
/// [`Refusal::PriceUnknown`], [`Refusal::InsufficientQuota`], and those of a request that cannot be sent.
pub(super) async fn reserve(
    gateway: &Gateway,
    holder: &Holder,
    record: &mut CallRecord,
    protocol: Protocol,
    chat: Chat,
) -> Result<Chat, Refusal> {
    let bounds = chat
        .cost_bounds()
        .map_err(|error| Refusal::of_error(&error))?;
    // An embedding has no tokens of an answer.
    let named = match protocol {
        Protocol::Embeddings => Some(0),
        _ => chat.asked_max_tokens(),
    };
    record.bounded(&bounds, named);
    let accounts = gateway.accounts(holder);
    if accounts.is_empty() {
        return Ok(chat);
    }
    let longest = |bound: &CostBound| named.map_or(bound.longest_answer(), u64::from);
    let dearest = |tokens: &dyn Fn(&CostBound) -> u64| -> Result<Decimal, Refusal> {
        let mut dearest = Decimal::ZERO;
        for bound in &bounds {
            let cost = bound.cost(tokens(bound));
            let cost = cost.ok_or_else(|| Refusal::PriceUnknown(bound.model.clone()))?;
            dearest = dearest.max(cost);
        }
        Ok(dearest)
    };
    let most = dearest(&longest)?;
    let least = match named {
        Some(_) => most,
        None => dearest(&|bound| longest(bound).min(LEAST))?,
    };
    let request = ReserveRequest {
        call: record.if_this_process_dies(),
        accounts,
        least: Usd::from_decimal(least),
        most: Usd::from_decimal(most),
    };
    let reserved = gateway
        .store
        .reserve(request)
        .await
        .map_err(|error| match error {
            ReserveError::InsufficientFunds(short) => {
                Refusal::InsufficientQuota(used_up(gateway, &short))
            }
            ReserveError::Store(_) => Refusal::StoreFailed,
        })?;
    record.reserved(&reserved);
    if named.is_some() {
        return Ok(chat);
    }
    let amount = reserved.amount.to_decimal();
    let tokens = bounds
        .iter()
        .map(|bound| bound.affordable(amount, longest(bound)))
        .min()
        .unwrap_or(LEAST);
    Ok(chat.max_tokens(u32::try_from(tokens).unwrap_or(u32::MAX)))
}

fn used_up(gateway: &Gateway, short: &InsufficientFunds) -> UsedUp {
    let window = short.account.window;
    UsedUp {
        of_group: short.account.owner.starts_with("group:"),
        window,
        limit: short.limit,
        left: short.balance.left(short.limit),
        resets_at: gateway.calendar.resets_at(window, gateway.now()),
    }
}
