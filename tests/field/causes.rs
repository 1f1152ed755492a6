//! Why a call failed is always told, and what moves a chain on.
