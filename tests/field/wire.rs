//! What comes over the wire: text, events, bodies, addresses, settings.
