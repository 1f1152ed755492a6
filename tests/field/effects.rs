//! Tools, money and limits of time: what happens once stays once.
