//! What can be asked for: the catalogue, prices, token counts.
