//! The requirement tables: 111 rows of five Microsoft documents, the 28 needs they come down to, and the severities.
//!
//! All of it is data in `src/catalog/data/`, embedded and parsed once. Nothing here knows of firewalls.
//! Start at [`rows`] and [`needs`].

